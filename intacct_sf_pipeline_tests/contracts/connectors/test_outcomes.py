"""One bad record never spoils its batch, and every request gets exactly one outcome."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.outcomes import in_turn, send_isolated
from intacct_sf_pipeline.model.errors import OutcomeUnknownError, ThrottledError, ValidationFailedError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus

CALL = Call("intacct", "create things", write=True)


def request(ref: int) -> WriteRequest:
    return WriteRequest(str(ref), "things", "thing", True, None, None, {})


@given(st.sets(st.integers(0, 30)), st.integers(1, 31))
def test_only_the_culprits_of_a_refused_batch_are_rejected_and_nothing_is_stored_twice(
    bad: set[int], count: int
) -> None:
    stored: list[str] = []

    def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
        if any(int(one.ref) in bad for one in part):
            raise ValidationFailedError(CALL.reply(400, "JSON_PARSER_ERROR", "unreadable"))
        stored.extend(one.ref for one in part)
        return [WriteOutcome(one.ref, WriteStatus.WRITTEN, key="1") for one in part]

    result = send_isolated([request(number) for number in range(count)], send)
    assert [outcome.ref for outcome in result.outcomes] == [str(number) for number in range(count)]
    assert {int(o.ref) for o in result.outcomes if o.status is WriteStatus.REJECTED} == bad & set(range(count))
    assert stored == [str(number) for number in range(count) if number not in bad]
    assert result.fatal is None


@given(st.integers(1, 20), st.integers(0, 19))
def test_a_throttled_service_ends_the_batch_and_says_what_was_not_sent(count: int, healthy: int) -> None:
    calls = 0

    def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
        nonlocal calls
        calls += 1
        if len(part) > 1:
            raise ValidationFailedError(CALL.reply(400))
        if int(part[0].ref) >= healthy:
            raise ThrottledError(CALL.reply(429))
        return [WriteOutcome(part[0].ref, WriteStatus.WRITTEN, key="1")]

    result = send_isolated([request(number) for number in range(count)], send)
    assert [o.status for o in result.outcomes] == [
        WriteStatus.WRITTEN if number < healthy else WriteStatus.NOT_SENT for number in range(count)
    ]
    assert isinstance(result.fatal, ThrottledError) == (count > healthy)


def test_a_lost_reply_leaves_all_its_records_unknown_and_is_sent_once() -> None:
    calls: list[int] = []

    def send(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
        calls.append(len(part))
        raise OutcomeUnknownError(CALL.reply(500))

    result = send_isolated([request(1), request(2)], send)
    assert ([o.status for o in result.outcomes], calls) == ([WriteStatus.UNKNOWN] * 2, [2])
    assert result.fatal is None


def test_steps_after_a_fatal_one_are_not_begun() -> None:
    first, second = request(1), request(2)

    def throttled(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
        raise ThrottledError(CALL.reply(429))

    begun: list[str] = []

    def never(part: Sequence[WriteRequest]) -> list[WriteOutcome]:
        begun.extend(one.ref for one in part)
        return []

    result = in_turn(
        [second, first],
        [([first], lambda part: send_isolated(part, throttled)), ([second], lambda part: send_isolated(part, never))],
    )
    assert ([o.ref for o in result.outcomes], begun) == (["2", "1"], [])
    assert {o.status for o in result.outcomes} == {WriteStatus.NOT_SENT}
