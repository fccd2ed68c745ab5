"""What the Intacct XML connector has to be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import HttpOptions, check_url
from intacct_sf_pipeline.model.errors import ConfigurationError

_SIZES = {"page_size": 2000, "write_batch": 100, "lookup_chunk": 1000, "concurrency": 2}
"""The most that each may be. Source: limits (query page, functions, values of `in`, requests at once)."""


@dataclass(frozen=True)
class IntacctXmlOptions:
    """Address, credentials, sizes, and the readings of what the vendor's documentation leaves open.

    Args:
        url: the gateway, `https://api.intacct.com/ia/xml/xmlgw.phtml`, or a loopback address.
        sender_id: web services sender, authorised in the company.
        sender_password: of the sender; masked wherever the options are shown.
        company_id: the company.
        user_id: web services user.
        user_password: of that user.
        entity_id: act inside this entity; None: at the top level.
        page_size: rows per query page (each page is one billed transaction).
        write_batch: functions per request, one record each.
        page_by_key: ask for the record numbers after the last one read; off: for offsets (see `paging`).
        lookup_chunk: values per `in` list.
        time_zone: `user`: stamps are in the offset that `readUserFormatting` tells; `utc`: always in UTC
            (UNCONFIRMED, the sources disagree).
        dates: whether the user's date format is what the API shows and reads: `user`: it is; `standard`: the API keeps
            to mm/dd/yyyy and 24 hours; `check`: any other format of the user is refused (UNCONFIRMED).
        audit_trail: ask AUDITHISTORY for deletions; once refused it is not asked again.
        audit_look_back: how far behind a window deletions are asked for; the trail is shown late.
        concurrency: requests open at once at this company, of all connectors in this process together (UNCONFIRMED;
            1 is the standard level of service).
        throttle_wait: seconds to wait when the service throttles and names no time.
        http: time-outs and patience.

    Raises:
        ConfigurationError: an address that is not https (loopback excepted), or a size out of range.
    """

    url: str
    sender_id: str
    sender_password: SecretStr
    company_id: str
    user_id: str
    user_password: SecretStr
    entity_id: str | None = None
    page_size: int = 2000
    write_batch: int = 100
    page_by_key: bool = True
    lookup_chunk: int = 500
    time_zone: Literal["user", "utc"] = "user"
    dates: Literal["check", "user", "standard"] = "check"
    audit_trail: bool = True
    audit_look_back: timedelta = timedelta(hours=2, minutes=30)
    concurrency: int = 1
    throttle_wait: float = 60.0
    http: HttpOptions = field(default_factory=lambda: HttpOptions(read_timeout=300.0))

    def __post_init__(self) -> None:
        object.__setattr__(self, "url", check_url(self.url, "INTACCT_XML_URL"))
        for name, most in _SIZES.items():
            if not 1 <= getattr(self, name) <= most:
                raise ConfigurationError(f"{name} must lie between 1 and {most}", where=f"INTACCT_XML_URL ({name})")

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must never be shown."""
        return (self.sender_password.get_secret_value(), self.user_password.get_secret_value())
