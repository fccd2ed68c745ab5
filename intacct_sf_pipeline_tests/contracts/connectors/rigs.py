"""Both connectors on the real sandbox, behind one face: what the shared contract needs to arrange and to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from intacct_sf_pipeline.connectors.intacct import IntacctConnector
from intacct_sf_pipeline.connectors.intacct.xml import IntacctXmlConnector
from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import WriteRequest
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from . import builders
from .clocks import FakeTime


@dataclass(frozen=True)
class Sandbox:
    """Both services with nothing in them, their faults, and the settings that lead to them."""

    company: IntacctCompany
    org: SalesforceOrg
    faults: FaultPlan
    env: Mapping[str, str]


@dataclass
class IntacctRig:
    """Customers of a sandbox company."""

    sandbox: Sandbox
    clock: OffsetClock
    time: FakeTime = field(default_factory=FakeTime)
    name = "intacct"
    object_name = builders.CUSTOMER
    columns = ("id", "name", "taxId", "notes")
    text = "taxId"
    too_long = {"name": "x" * 300}
    query_path = "/services/core/query"
    write_path = "/objects/"
    secret_setting = "INTACCT_CLIENT_SECRET"
    asks_for_deletions = False

    def connector(self, *, secret: str | None = None, **options: Any) -> IntacctConnector | IntacctXmlConnector:
        env = self.sandbox.env
        given = {
            "client_id": env["INTACCT_CLIENT_ID"],
            "client_secret": SecretStr(secret or self.secret),
            "username": env["INTACCT_USERNAME"],
        }
        return builders.intacct(env["INTACCT_BASE_URL"], self.time, **{**given, **options})

    def paged(self, size: int) -> IntacctConnector:
        return self.connector(page_size=size)

    @property
    def secret(self) -> str:
        return self.sandbox.env["INTACCT_CLIENT_SECRET"]

    @property
    def feed(self) -> FeedSpec:
        return builders.intacct_feed()

    def seed(self, names: Sequence[str]) -> list[str]:
        return self.sandbox.company.load("customer", [{"id": f"S-{i}", "name": name} for i, name in enumerate(names)])

    def edit(self, key: str, text: str) -> None:
        self.sandbox.company.edit("customer", key, {self.text: text})

    def stored(self, key: str, column: str) -> object:
        return self.sandbox.company.read("customer", key, column)[column]

    def count(self) -> int:
        return self.sandbox.company.count("customer")

    def create(self, ref: str, name: str | None, more: Mapping[str, Scalar] | None = None) -> WriteRequest:
        return builders.create(self.object_name, ref, {"name": name, **(more or {})}, f"N-{ref}")

    def update(self, ref: str, key: str, values: Mapping[str, Scalar]) -> WriteRequest:
        return builders.update(self.object_name, ref, key, values)

    def fault(self, kind: str, path: str, **more: Any) -> None:
        self.sandbox.faults.add(FaultRule(service="intacct", fault=kind, path=path, **more))

    def billed(self) -> int:
        return self.sandbox.company.transactions.total

    def logins(self) -> int:
        return self.sandbox.company.transactions.token_calls

    def expire_tokens(self) -> None:
        self.sandbox.company.expire_tokens()


@dataclass
class IntacctXmlRig(IntacctRig):
    """Customers of a sandbox company, through the XML door."""

    name = "intacct"
    query_path = "query"
    write_path = "write"
    secret_setting = "INTACCT_USER_PASSWORD"
    asks_for_deletions = True
    bodies = {
        "query": "<query>",
        "write": "<(create|update)>",
        builders.CUSTOMER: "<(create|update)><CUSTOMER>",
        builders.CONTACT: "<(create|update)><CONTACT>",
    }

    def connector(self, *, secret: str | None = None, **options: Any) -> IntacctXmlConnector:
        env = self.sandbox.env
        given = {
            "sender_password": SecretStr(self.secret),
            "user_password": SecretStr(secret or self.secret),
            "company_id": env["INTACCT_USERNAME"].rpartition("@")[2],
        }
        return builders.intacct_xml(env["INTACCT_XML_URL"], self.time, **{**given, **options})

    def fault(self, kind: str, path: str, **more: Any) -> None:
        """`path` says what is hit: queries, writes, or writes of an object."""
        given = {"contains": self.bodies[path], **more}
        self.sandbox.faults.add(FaultRule(service="intacct", fault=kind, path="xmlgw", **given))

    def logins(self) -> int:
        return sum("getAPISession" in request.functions for request in self.sandbox.company.requests)


@dataclass
class SalesforceRig:
    """Accounts of a sandbox org."""

    sandbox: Sandbox
    clock: OffsetClock
    time: FakeTime = field(default_factory=FakeTime)
    name = "salesforce"
    object_name = "Account"
    columns = ("Name", "AccountNumber", "Description", "IntacctID__c")
    text = "AccountNumber"
    too_long = {"AccountNumber": "x" * 300}
    query_path = "/query"
    write_path = "/composite/sobjects"
    secret_setting = "SALESFORCE_CLIENT_SECRET"
    asks_for_deletions = False

    def connector(self, *, secret: str | None = None, **options: Any) -> SalesforceConnector:
        env = self.sandbox.env
        given = {"client_id": env["SALESFORCE_CLIENT_ID"], "client_secret": SecretStr(secret or self.secret)}
        return builders.salesforce(env["SALESFORCE_LOGIN_URL"], self.time, **{**given, **options})

    def paged(self, size: int) -> SalesforceConnector:
        self.sandbox.org.page_size = lambda _: size
        return self.connector()

    @property
    def secret(self) -> str:
        return self.sandbox.env["SALESFORCE_CLIENT_SECRET"]

    @property
    def feed(self) -> FeedSpec:
        return builders.salesforce_feed()

    def seed(self, names: Sequence[str]) -> list[str]:
        return self.sandbox.org.load(
            "Account", [{"Name": name, "IntacctID__c": f"S-{i}"} for i, name in enumerate(names)]
        )

    def edit(self, key: str, text: str) -> None:
        self.sandbox.org.write_as(self.sandbox.org.person, "Account", key, {self.text: text})

    def stored(self, key: str, column: str) -> object:
        row = self.sandbox.org.row("Account", key)
        assert row is not None
        return row.get("Name" if column == "name" else column)

    def count(self) -> int:
        return self.sandbox.org.count("Account")

    def create(self, ref: str, name: str | None, more: Mapping[str, Scalar] | None = None) -> WriteRequest:
        values = {"Name": name, "IntacctID__c": f"N-{ref}", **(more or {})}
        return builders.create("Account", ref, values, f"N-{ref}")

    def update(self, ref: str, key: str, values: Mapping[str, Scalar]) -> WriteRequest:
        return builders.update("Account", ref, key, {("Name" if n == "name" else n): v for n, v in values.items()})

    def fault(self, kind: str, path: str, **more: Any) -> None:
        self.sandbox.faults.add(FaultRule(service="salesforce", fault=kind, path=path, **more))

    def billed(self) -> int:
        return self.sandbox.org.api_calls

    def logins(self) -> int:
        return sum("/oauth2/token" in request.path for request in self.sandbox.org.requests)

    def expire_tokens(self) -> None:
        self.sandbox.org.expire_tokens()


Rig = IntacctRig | IntacctXmlRig | SalesforceRig
