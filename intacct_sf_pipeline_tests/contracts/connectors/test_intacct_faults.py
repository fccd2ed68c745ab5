"""Every shape of an Intacct error is understood, and means what the reference says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.intacct.faults import find_error, read_fault, refusal
from intacct_sf_pipeline.model import errors

READ = Call("intacct", "query things")
WRITE = Call("intacct", "create things", write=True)
INNER = {
    "code": "operationFailed",
    "message": "POST request was unsuccessful",
    "errorId": "REST-7001",
    "additionalInfo": {"messageId": "IA.X", "placeholders": {}, "propertySet": {}},
    "supportId": "Qw9%7EabC",
    "details": [{"errorId": "AR-0001", "code": "invalidConfiguration", "message": "The term is not active"}],
}


TAKEN = {"ia::error": {**INNER, "details": [{"message": "Another record with the value C-1 already exists"}]}}


@pytest.mark.parametrize(
    "body",
    [
        {"ia::result": {"ia::error": INNER}, "ia::meta": {"totalCount": 1}},
        {"ia::error": INNER, "ia::meta": {}},
        {"error": INNER},
        INNER,
        [{"ia::error": INNER}],
        {"ia::error": [INNER]},
    ],
)
def test_the_cause_comes_first_and_the_reference_is_kept(body: object) -> None:
    error = refusal(WRITE, 422, find_error(body))
    assert isinstance(error, errors.ValidationFailedError)
    assert error.reply.message.startswith("The term is not active")
    assert (error.reply.code, error.reply.reference, error.reply.status) == ("AR-0001", "Qw9%7EabC", 422)


@pytest.mark.parametrize(
    "details", [None, [], {}, "Something broke", {"requestId": "7F00:11"}, [{"message": "x"}], [["odd"]], 5]
)
def test_details_of_any_type_are_survived(details: object) -> None:
    fault = read_fault({"code": "GW-0011", "message": "Invalid Request", "details": details})
    assert "GW-0011" in fault.codes
    assert "Invalid Request" in fault.messages


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "ia::result",
                    "ia::error",
                    "error",
                    "code",
                    "message",
                    "details",
                    "errorId",
                    "target",
                    "additionalInfo",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.integers(300, 599))
def test_no_body_whatever_breaks_the_reading_of_errors(body: object, status: int) -> None:
    error = refusal(WRITE, status, find_error(body))
    assert isinstance(error, errors.ServiceError)
    assert error.reply.message


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (401, {"error": "invalid_token"}, errors.AuthenticationError),
        (401, None, errors.AuthenticationError),
        (400, {"error": {"code": "tokenInvalid", "message": "Token is not valid"}}, errors.AuthenticationError),
        (400, {"ia::error": {"code": "x", "message": "The token is not valid"}}, errors.AuthenticationError),
        (400, {"ia::error": {"code": "x", "message": "Invalid token"}}, errors.AuthenticationError),
        (403, {"ia::error": {"code": "unauthorizedUser", "message": "no"}}, errors.PermissionDeniedError),
        (404, {"ia::error": {"code": "notFound", "message": "no"}}, errors.RecordNotFoundError),
        (405, None, errors.ValidationFailedError),
        (422, TAKEN, errors.DuplicateRecordError),
        (400, TAKEN, errors.DuplicateRecordError),
        (
            409,
            {"ia::error": {"code": "conflict", "message": "Idempotency key was used with another body"}},
            errors.OutcomeUnknownError,
        ),
        (429, {"ia::error": {"code": "GW-0010", "message": "API rate limit exceeded"}}, errors.ThrottledError),
        (503, {"ia::error": {"code": "GW-0010", "message": "API rate limit exceeded"}}, errors.ThrottledError),
        (500, {"ia::error": {"code": "GW-0001", "message": "x"}}, errors.OutcomeUnknownError),
        (503, None, errors.OutcomeUnknownError),
    ],
)
def test_statuses_and_codes_of_a_write_mean(status: int, body: object, kind: type[Exception]) -> None:
    assert type(refusal(WRITE, status, find_error(body))) is kind


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failed_read_may_be_repeated(status: int) -> None:
    assert type(refusal(READ, status, None)) is errors.TransientError


def test_an_overload_answer_with_a_hint_had_no_effect() -> None:
    error = refusal(WRITE, 503, None, retry_after=5, overload=True)
    assert isinstance(error, errors.ThrottledError)
    assert error.retry_after == 5


def test_a_record_skipped_in_a_batch_had_no_effect() -> None:
    error = refusal(
        WRITE, 207, {"code": "unprocessed", "message": "Operation skipped due to atomic transaction failure"}
    )
    assert type(error) is errors.TransientError


def test_the_field_a_query_may_not_use_is_named() -> None:
    placeholders = {"FIELD": "secretField", "OBJECT": "inventory-control/item", "VERSION": "1"}
    error = refusal(
        READ,
        400,
        {"errorId": "REST-1106", "message": "cannot be used", "additionalInfo": {"placeholders": placeholders}},
    )
    assert error.reply.fields == ("secretField",)
