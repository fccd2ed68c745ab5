"""Fixtures: companies whose XML door is served over real HTTP, one server for all of them."""

from collections.abc import Callable, Iterator

import pytest

from intacct_sf_pipeline.sandbox.intacct.app import create_app

from .gateway import Door, Houses, Running, TestClock, build_company, serving, switches


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def xml_houses() -> Iterator[tuple[Houses, str]]:
    """The one server of the whole run and its address."""
    app = Houses()
    with serving(app) as address:
        yield app, address


@pytest.fixture
def start(clock: TestClock, xml_houses: tuple[Houses, str]) -> Iterator[Callable[..., Running]]:
    """Starts a company: `xml` holds switches of the XML door, other keywords are those of the company."""
    app, address = xml_houses
    begun: list[Running] = []

    def begin(xml: dict[str, object] | None = None, **others: object) -> Running:
        company = build_company(clock, **switches(xml or {}, others))
        name = f"x{len(app.apps)}"
        app.apps[name] = create_app(company)
        begun.append(Running(company, Door(f"{address}/{name}/ia/xml/xmlgw.phtml"), clock))
        company.transactions.reset()
        return begun[-1]

    yield begin
    for running in begun:
        running.door.http.close()


@pytest.fixture
def running(start: Callable[..., Running]) -> Running:
    """The default company."""
    return start()
