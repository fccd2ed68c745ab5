"""How much the org does at once. Source: salesforce.md section 10 (concurrent long-running requests)."""

from datetime import timedelta

import pytest

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.load import Load, LoadLimits
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, error_of


def test_only_requests_of_twenty_seconds_count(clock: Clock) -> None:
    load = Load(LoadLimits(concurrent=2), clock)
    with load.counted(), load.counted(), load.counted():
        clock.now += timedelta(seconds=19)
        with load.counted():
            clock.now += timedelta(seconds=1)
            with pytest.raises(ApiError, match="ConcurrentRequests"), load.counted():
                pytest.fail("a fourth long one is not let in")
    entered = []
    with load.counted():  # all have ended
        entered.append(True)
    assert entered


def test_a_refused_request_is_answered_in_the_vendors_shape_and_not_billed(api: Api, org: SalesforceOrg) -> None:
    org.at_work.limits = LoadLimits(concurrent=1, long_seconds=0.0)
    before = org.api_calls
    with org.at_work.counted():
        reply = api.get("limits")
    assert reply.status_code == 403
    assert error_of(reply) == {
        "errorCode": "REQUEST_LIMIT_EXCEEDED",
        "message": "ConcurrentRequests (Concurrent API Requests) Limit exceeded.",
    }
    assert reply.headers["sforce-limit-info"] == f"api-usage={before}/100000"
    assert org.api_calls == before
    assert org.requests[-1].status == 403
    assert api.get("limits").status_code == 200


def test_a_request_can_be_made_to_last(api: Api, org: SalesforceOrg) -> None:
    org.at_work.limits = LoadLimits(service_seconds=0.01)
    assert api.get("limits").elapsed.total_seconds() >= 0.01
