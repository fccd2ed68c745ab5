"""What the Salesforce connector has to be told."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import HttpOptions, check_url
from intacct_sf_pipeline.model.errors import ConfigurationError

MOST_AT_ONCE: Final = 25
"""Long-running requests at once of a production org. Source: Limits Reference, Concurrent API Request Limits."""


@dataclass(frozen=True)
class SalesforceOptions:
    """Address, credentials and sizes.

    Args:
        login_url: the My Domain address, `https://acme.my.salesforce.com`, or a loopback address.
        client_id: consumer key of the app that allows the client credentials flow; other logins bring their own.
        client_secret: its consumer secret; masked wherever the options are shown.
        api_version: REST version, `62.0`.
        query_batch: rows asked for per page, 200 to 2000 (a hint to the service).
        write_batch: records per collections call, at most 200.
        lookup_chunk: values per `IN` list.
        allow_save_duplicates: pass duplicate rules that only warn; identity is proven by external ids.
        bulk_from_rows: rows from which records are written, and large objects read, by Bulk API 2.0 jobs; None: where
            that takes fewer calls, 0: never.
        bulk_wait: seconds a run waits for a job before it leaves it to the next run.
        concurrency: requests open at once at this org, of all connectors in this process together. Only calls of 20
            seconds and more are limited: 25 at once, 5 in a developer or trial org.
        lock_attempts: how often records whose row was locked are sent, in ever smaller batches.
        client_name: named in `Sforce-Call-Options`, and so in change events.
        http: time-outs and patience.

    Raises:
        ConfigurationError: an address that is not https (loopback excepted), or a size out of range.
    """

    login_url: str
    client_id: str = ""
    client_secret: SecretStr = field(default_factory=lambda: SecretStr(""))
    api_version: str = "62.0"
    query_batch: int = 2000
    write_batch: int = 200
    lookup_chunk: int = 400
    allow_save_duplicates: bool = True
    bulk_from_rows: int | None = None
    bulk_wait: float = 1_800.0
    concurrency: int = 4
    lock_attempts: int = 4
    client_name: str = "intacct-sf"
    http: HttpOptions = field(default_factory=HttpOptions)

    def __post_init__(self) -> None:
        object.__setattr__(self, "login_url", check_url(self.login_url, "SALESFORCE_LOGIN_URL"))
        if not re.fullmatch(r"\d\d\.0", self.api_version):
            raise ConfigurationError("the API version must read like 62.0", where="SALESFORCE_API_VERSION")
        if not 200 <= self.query_batch <= 2000:
            raise ConfigurationError("the query batch must lie between 200 and 2000", where="query_batch")
        if not 1 <= self.write_batch <= 200:
            raise ConfigurationError("the write batch must lie between 1 and 200", where="write_batch")
        if not 1 <= self.concurrency <= MOST_AT_ONCE:
            raise ConfigurationError(f"must lie between 1 and {MOST_AT_ONCE}", where="SALESFORCE_CONCURRENCY")
        if self.bulk_from_rows is not None and self.bulk_from_rows < 0:
            raise ConfigurationError("must not be negative", where="SALESFORCE_BULK_FROM_ROWS")
