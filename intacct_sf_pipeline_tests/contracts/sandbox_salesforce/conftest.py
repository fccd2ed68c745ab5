"""Fixtures of the loopback Salesforce: a clock, an org, a client in process and a server on a real port."""

from collections.abc import Iterator

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, make_org, serving


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> SalesforceOrg:
    return make_org(clock)


@pytest.fixture
def api(org: SalesforceOrg) -> Api:
    return Api(org)


@pytest.fixture
def base_url(org: SalesforceOrg) -> Iterator[str]:
    """The address of `org` served over a real loopback port."""
    with serving(org) as url:
        yield url
