"""Short ways to make feeds, requests and connectors for the tests of this folder."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.http import HttpOptions
from intacct_sf_pipeline.connectors.intacct import IntacctConnector, IntacctOptions
from intacct_sf_pipeline.connectors.intacct.xml import IntacctXmlConnector, IntacctXmlOptions
from intacct_sf_pipeline.connectors.retry import RetryOptions
from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import Scalar, Side
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest

from .clocks import FakeTime

SECRET = "correct-horse-battery-staple"
HTTP = HttpOptions(connect_timeout=2, read_timeout=2, retry=RetryOptions(attempts=4, budget=600))
CUSTOMER = "accounts-receivable/customer"
CONTACT = "company-config/contact"
LIST = "accounts-receivable/customer-contact"


def intacct(base_url: str, time: FakeTime, **options: object) -> IntacctConnector:
    given = {
        "base_url": base_url,
        "client_id": "app",
        "client_secret": SecretStr(SECRET),
        "username": "sync@acme-co",
        "http": HTTP,
    }
    return IntacctConnector(IntacctOptions(**{**given, **options}), time.timing())  # type: ignore[arg-type]


def intacct_xml(url: str, time: FakeTime, **options: object) -> IntacctXmlConnector:
    given = {
        "url": url,
        "sender_id": "sandbox_ws",
        "sender_password": SecretStr(SECRET),
        "company_id": "acme-co",
        "user_id": "sync",
        "user_password": SecretStr(SECRET),
        "http": HTTP,
    }
    return IntacctXmlConnector(IntacctXmlOptions(**{**given, **options}), time.timing())  # type: ignore[arg-type]


def salesforce(login_url: str, time: FakeTime, **options: object) -> SalesforceConnector:
    given = {"login_url": login_url, "client_id": "app", "client_secret": SecretStr(SECRET), "http": HTTP}
    return SalesforceConnector(SalesforceOptions(**{**given, **options}), time.timing())  # type: ignore[arg-type]


def intacct_feed(
    object_name: str = CUSTOMER, *, modified: str | None = "audit.modifiedDateTime", read: ReadMode = ReadMode.CHANGES
) -> FeedSpec:
    return FeedSpec(
        name="f", side=Side.INTACCT, object=object_name, asset="f", key="key", id="id", modified=modified, read=read
    )


def salesforce_feed(
    sobject: str = "Account", *, modified: str = "SystemModstamp", stamp: str | None = "LastModifiedDate"
) -> FeedSpec:
    return FeedSpec(name="f", side=Side.SALESFORCE, object=sobject, asset="f", key="Id", modified=modified, stamp=stamp)


def create(
    object_name: str, ref: str, values: Mapping[str, Scalar], natural_id: str | None = None, key: str = ""
) -> WriteRequest:
    return WriteRequest(ref, "things", object_name, True, None, natural_id, values, {}, key or f"key-{ref}")


def update(
    object_name: str,
    ref: str,
    key: str,
    values: Mapping[str, Scalar],
    current: Mapping[str, Scalar] | None = None,
    idempotency: str = "",
) -> WriteRequest:
    return WriteRequest(
        ref, "things", object_name, False, key, None, values, current or {}, idempotency or f"key-{ref}"
    )


def written(
    connector: IntacctConnector | IntacctXmlConnector | SalesforceConnector, requests: list[WriteRequest]
) -> list[WriteOutcome]:
    return [outcome for batch in connector.write(requests) for outcome in batch]
