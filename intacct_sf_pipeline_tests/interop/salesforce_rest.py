"""A few lines of plain REST against the loopback Salesforce, to check by another way what a client did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import requests

VERSION = "v59.0"


class Rest:
    """The org seen by `requests`, with the access token of the ready document."""

    def __init__(self, salesforce: Mapping[str, str]) -> None:
        self._url = f"{salesforce['instance_url']}/services/data/{VERSION}"
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.headers["Authorization"] = f"Bearer {salesforce['access_token']}"

    def rows(self, statement: str, resource: str = "query") -> list[dict[str, Any]]:
        """All rows of a query, page by page."""
        reply = self._session.get(f"{self._url}/{resource}", params={"q": statement}).json()
        rows: list[dict[str, Any]] = reply["records"]
        while not reply["done"]:
            reply = self._session.get(self._url.rpartition("/services")[0] + reply["nextRecordsUrl"]).json()
            rows.extend(reply["records"])
        return rows

    def ids(self, sobject: str, resource: str = "query") -> set[str]:
        """The ids of all rows of an object."""
        return {row["Id"] for row in self.rows(f"SELECT Id FROM {sobject}", resource)}

    def create(self, sobject: str, **fields: object) -> str:
        """Add a row; its id."""
        reply = self._session.post(f"{self._url}/sobjects/{sobject}", json=fields)
        assert reply.status_code == 201, reply.text
        return str(reply.json()["id"])
