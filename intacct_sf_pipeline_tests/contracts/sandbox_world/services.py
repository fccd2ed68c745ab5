"""Both services over real sockets with a clock that stands still, and signed-in clients of both."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import requests

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.faults import FaultRule
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox

NOON = datetime(2026, 9, 10, 12, 0, tzinfo=UTC)
STAMP, LATER = "2026-09-10T12:00:00", "2026-09-10T12:01:00"
CUSTOMER, CONTACT, ITEM = "accounts-receivable/customer", "company-config/contact", "inventory-control/item"


class Services:
    """A small company in both systems."""

    def __init__(
        self, sandbox: Sandbox, clock: OffsetClock, salesforce: requests.Session, intacct: requests.Session
    ) -> None:
        self.sandbox, self.clock, self.salesforce, self.intacct = sandbox, clock, salesforce, intacct

    def fault(self, service: str, fault: str, **more: Any) -> None:
        """Put a rule in force for any request but a login."""
        self.sandbox.faults.add(FaultRule(service, fault, **more))

    def sf(self, method: str, path: str, json: object = None, **more: Any) -> requests.Response:
        return self.salesforce.request(
            method, f"{self.sandbox.salesforce_url}/services/data/v59.0/{path}", json=json, timeout=5, **more
        )

    def soql(self, statement: str, resource: str = "query") -> Any:
        return self.sf("GET", resource, params={"q": statement}).json()

    def ids(self, sobject: str) -> list[str]:
        return sorted(str(row["Id"]) for row in self.sandbox.org.db.table(sobject).live())

    def ia(self, method: str, path: str, json: object = None, key: str | None = None) -> requests.Response:
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.intacct.request(
            method, f"{self.sandbox.intacct_base_url}/{path}", json=json, headers=headers, timeout=5
        )

    def ask(self, name: str = CUSTOMER, *fields: str, **more: Any) -> Any:
        body = {"object": name, "fields": ["key", *fields], "orderBy": [{"key": "asc"}], "size": 1000, **more}
        return self.ia("POST", "services/core/query", body).json()

    def rows(self, name: str = CUSTOMER, *fields: str, **more: Any) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.ask(name, *fields, **more)["ia::result"]
        return rows

    def customers(self) -> list[dict[str, Any]]:
        """All customers as stored, lowest key first."""
        rows = self.sandbox.company.store[CUSTOMER].rows
        return [rows[key] for key in sorted(rows, key=int)]


def sign_in(sandbox: Sandbox) -> tuple[requests.Session, requests.Session]:
    env, sessions = sandbox.env, (requests.Session(), requests.Session())
    answers = (
        requests.post(
            env["SALESFORCE_LOGIN_URL"] + "/services/oauth2/token",
            data={"grant_type": "client_credentials"},
            auth=(env["SALESFORCE_CLIENT_ID"], env["SALESFORCE_CLIENT_SECRET"]),
            timeout=5,
        ),
        requests.post(
            env["INTACCT_BASE_URL"] + "/oauth2/token",
            data={
                "grant_type": "client_credentials",
                "client_id": env["INTACCT_CLIENT_ID"],
                "client_secret": env["INTACCT_CLIENT_SECRET"],
                "username": env["INTACCT_USERNAME"],
            },
            timeout=5,
        ),
    )
    for session, answer in zip(sessions, answers, strict=True):
        session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return sessions


@contextmanager
def both_services() -> Iterator[Services]:
    clock = OffsetClock.frozen_at(NOON)
    options = SandboxOptions(accounts=8, contacts=6, items=4, warehouses=1)
    with running_sandbox(options, clock=clock) as sandbox:
        salesforce, intacct = sign_in(sandbox)
        with salesforce, intacct:
            yield Services(sandbox, clock, salesforce, intacct)
