"""Fixtures: companies served over real HTTP, one server for all of them."""

from collections.abc import Callable, Iterator

import pytest

from intacct_sf_pipeline.sandbox.intacct.app import create_app

from .service import Api, Houses, Running, TestClock, build_company, serving


@pytest.fixture
def clock() -> TestClock:
    return TestClock()


@pytest.fixture(scope="session")
def houses() -> Iterator[tuple[Houses, str]]:
    """The one server of the whole run and its address."""
    app = Houses()
    with serving(app) as address:
        yield app, address


@pytest.fixture
def start(clock: TestClock, houses: tuple[Houses, str]) -> Iterator[Callable[..., Running]]:
    """Starts a company with the given switches on a real port; as many as a test needs."""
    app, address = houses
    begun: list[Running] = []

    def begin(**switches: object) -> Running:
        company = build_company(clock, **switches)
        name = f"c{len(app.apps)}"
        app.apps[name] = create_app(company)
        begun.append(Running(company, Api(f"{address}/{name}/ia/api/v1"), clock))
        company.transactions.reset()
        company.requests.clear()
        return begun[-1]

    yield begin
    for running in begun:
        running.api.http.close()


@pytest.fixture
def running(start: Callable[..., Running]) -> Running:
    """The default company."""
    return start()
