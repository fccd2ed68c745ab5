"""A fresh, empty sandbox per test, served by two servers that live for the whole run; and the rigs on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.fault_middleware import ConnectionTable, FaultMiddleware
from intacct_sf_pipeline.sandbox.faults import FaultPlan
from intacct_sf_pipeline.sandbox.intacct.app import create_app as create_intacct
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions, IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.app import create_app as create_salesforce
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.serving import bound_socket, origin, serving

from .rigs import IntacctRig, IntacctXmlRig, Rig, SalesforceRig, Sandbox

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SECRETS = {"intacct": "intacct-secret-0123456789", "salesforce": "salesforce-secret-0123456789"}


@dataclass
class House:
    """A server whose application is changed from test to test."""

    address: str = ""
    connections: ConnectionTable = field(default_factory=ConnectionTable)
    app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        assert self.app is not None
        await self.app(scope, receive, send)


@pytest.fixture(scope="session")
def houses() -> Iterator[dict[str, House]]:
    with ExitStack() as stack:
        started = {"intacct": House(), "salesforce": House()}
        for house in started.values():
            listener = stack.enter_context(bound_socket(0))
            house.address = origin(listener)
            stack.enter_context(serving(house, listener, house.connections))
        yield started


@pytest.fixture
def clock() -> OffsetClock:
    return OffsetClock.frozen_at(NOON)


@pytest.fixture
def features() -> OrgFeatures:
    return OrgFeatures()


@pytest.fixture
def switches() -> CompanyOptions:
    return CompanyOptions()


@pytest.fixture
def sandbox(houses: dict[str, House], clock: OffsetClock, features: OrgFeatures, switches: CompanyOptions) -> Sandbox:
    """Both services anew; a test module may override `features` and `switches`."""
    company = IntacctCompany(clock=clock, client_id="intacct-app", client_secret=SECRETS["intacct"], options=switches)
    org = SalesforceOrg(clock=clock, client_id="salesforce-app", client_secret=SECRETS["salesforce"], features=features)
    plan = FaultPlan()
    apps = {
        "intacct": (create_intacct(company), company.expire_tokens),
        "salesforce": (create_salesforce(org, lambda: houses["salesforce"].address), org.expire_tokens),
    }
    for service, (app, expire) in apps.items():
        house = houses[service]
        house.app = FaultMiddleware(
            app, service=service, plan=plan, connections=house.connections, expire_tokens=expire
        )
    env = {
        "INTACCT_BASE_URL": houses["intacct"].address + "/ia/api/v1",
        "INTACCT_CLIENT_ID": "intacct-app",
        "INTACCT_CLIENT_SECRET": SECRETS["intacct"],
        "INTACCT_USERNAME": company.username,
        "INTACCT_XML_URL": houses["intacct"].address + "/ia/xml/xmlgw.phtml",
        "SALESFORCE_LOGIN_URL": houses["salesforce"].address,
        "SALESFORCE_CLIENT_ID": "salesforce-app",
        "SALESFORCE_CLIENT_SECRET": SECRETS["salesforce"],
    }
    return Sandbox(company, org, plan, env)


RIGS = {"rest": IntacctRig, "xml": IntacctXmlRig, "salesforce": SalesforceRig}


@pytest.fixture(params=["rest", "xml"])
def intacct_rig(request: pytest.FixtureRequest, sandbox: Sandbox, clock: OffsetClock) -> IntacctRig:
    made: IntacctRig = RIGS[request.param](sandbox, clock)
    return made


@pytest.fixture
def xml_rig(sandbox: Sandbox, clock: OffsetClock) -> IntacctXmlRig:
    return IntacctXmlRig(sandbox, clock)


@pytest.fixture
def salesforce_rig(sandbox: Sandbox, clock: OffsetClock) -> SalesforceRig:
    return SalesforceRig(sandbox, clock)


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest, sandbox: Sandbox, clock: OffsetClock) -> Rig:
    made: Rig = RIGS[request.param](sandbox, clock)
    return made
