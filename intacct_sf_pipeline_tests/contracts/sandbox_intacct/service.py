"""A small company, the application on a real loopback port, and a signed-in client."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import requests
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions, IntacctCompany

CLIENT_ID, CLIENT_SECRET = "app.example", "s3cret-for-tests"
START = datetime(2026, 9, 10, 8, 0, 0, tzinfo=UTC)


@dataclass
class TestClock:
    """A clock that only moves when told."""

    __test__ = False
    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **delta: float) -> None:
        self.now += timedelta(**delta)


def build_company(clock: Callable[[], datetime], **switches: object) -> IntacctCompany:
    """Two customers, three contacts, two items, two warehouses, three stock rows, one price list."""
    options = CompanyOptions(**switches)
    company = IntacctCompany(clock=clock, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, options=options)
    old = "2026-08-01T09:30:00Z"
    company.load("contact", [{"id": "Mia Ray", "printAs": "Mia Ray", "email1": "mia@harbor.example"}])
    company.load("contact", [{"id": "Lea Fox", "printAs": "Lea Fox", "audit.modifiedDateTime": old}])
    company.load(
        "customer",
        [
            {
                "id": "C-71",
                "name": "Blue Fern Ltd",
                "contacts.default.phone1": "555-0100",
                "audit.modifiedDateTime": old,
            },
            {"id": "C-72", "name": "Harbor Tools", "contacts.primary.id": "Mia Ray", "creditLimit": 2500},
        ],
    )
    company.load("customer-contact", [{"categoryName": "Support", "customer.id": "C-72", "contact.id": "Mia Ray"}])
    company.load(
        "item",
        [
            {"id": "PUMP-8", "name": "Pump 8 bar", "itemType": "inventory", "purchasing.standardCost": "118.50"},
            {"id": "CARE", "name": "Care plan", "itemType": "nonInventory", "sales.basePrice": 20},
        ],
    )
    company.load(
        "warehouse", [{"id": "WH-N", "name": "North", "location.id": "100--Main"}, {"id": "WH-S", "name": "South"}]
    )
    company.load(
        "item-warehouse-inventory",
        [
            {"item.id": "PUMP-8", "warehouse.id": "WH-N", "onHand": 20, "allocated": 3, "onHold": 1, "onOrder": 5},
            {"item.id": "PUMP-8", "warehouse.id": "WH-S", "onHand": 11, "allocated": 1},
        ],
    )
    company.load("price-list", [{"id": "RETAIL", "appliesTo": "orderEntry"}])
    company.load(
        "price-list-entry",
        [
            {
                "priceList.id": "RETAIL",
                "item.id": "PUMP-8",
                "startDate": "2026-01-01",
                "endDate": "2026-12-31",
                "value": "199.00",
            }
        ],
    )
    return company


@contextmanager
def serving(app: ASGIApp) -> Iterator[str]:
    """An application under a real server on a free loopback port; yields `http://127.0.0.1:port`."""
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        log_level="critical",
        access_log=False,
        date_header=False,
        lifespan="off",
        ws="none",
    )
    server = uvicorn.Server(config)
    listener = config.bind_socket()
    listener.listen(128)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class Houses:
    """Many companies behind one server: the first segment of the path chooses, the rest is what the company sees."""

    def __init__(self) -> None:
        self.apps: dict[str, ASGIApp] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        _, name, rest = scope["path"].split("/", 2)
        await self.apps[name](scope | {"path": f"/{rest}", "raw_path": f"/{rest}".encode()}, receive, send)


class Api:
    """A signed-in client over HTTP; `base` is where the service answers."""

    def __init__(self, base: str, username: str = "sync@acme-co") -> None:
        self.base = base
        self.http = requests.Session()
        form = {
            "grant_type": "client_credentials",
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "username": username,
        }
        self.grant = self.http.post(f"{base}/oauth2/token", data=form, timeout=10).json()
        self.http.headers["Authorization"] = f"Bearer {self.grant['access_token']}"

    def call(self, method: str, path: str, json: object = None, **headers: str) -> requests.Response:
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(method, self.base + path, json=json, headers=names, timeout=10)

    def query(self, **body: object) -> requests.Response:
        return self.call("POST", "/services/core/query", body)

    def rows(self, **body: object) -> list[dict[str, object]]:
        reply = self.query(**body)
        assert reply.status_code == 200, reply.text
        return reply.json()["ia::result"]

    def row(self, object_name: str, key: str, *fields: str) -> dict[str, object]:
        [row] = self.rows(
            object=object_name,
            fields=list(fields),
            filters=[{"$eq": {"key": key}}],
            filterParameters={"includePrivate": True},
        )
        return row


def fault(reply: requests.Response) -> dict[str, object]:
    """The `ia::error` of a refusal in the common live shape."""
    return reply.json()["ia::result"]["ia::error"]


def detail_of(reply: requests.Response) -> dict[str, object]:
    """The only entry of a refusal's `details`."""
    [detail] = fault(reply)["details"]
    return detail


@dataclass
class Running:
    """A served company with a signed-in client."""

    company: IntacctCompany
    api: Api
    clock: TestClock
