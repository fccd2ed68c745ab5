"""Every hold tells what is wrong, who can mend it and what to do, whoever made it."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.engine.matching.match import Found
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.advice import SYSTEM, advice, advised, resolutions
from intacct_sf_pipeline.engine.people.holds import new_hold
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.plans import Hold, HoldReason, Verdict, Who
from intacct_sf_pipeline.model.records import SIDES, Side

from .builders import entity, field

THINGS = entity(field("name", required=True))
NAME = THINGS.by_name["name"]


@pytest.mark.parametrize("reason", HoldReason)
@pytest.mark.parametrize("side", SIDES)
def test_every_reason_on_every_side_has_message_people_and_cure(reason, side):
    told = advice(reason, side)
    assert told.message.endswith(".")
    assert told.cure.endswith(".")
    assert told.who in Who
    assert "{" not in told.message + told.cure


@pytest.mark.parametrize("reason", [HoldReason.TOO_LONG, HoldReason.MISSING_REQUIRED, HoldReason.INVALID_VALUE])
def test_a_value_is_mended_by_the_people_of_the_system_it_was_typed_in(reason):
    assert [advice(reason, side).who for side in SIDES] == [Who.FINANCE, Who.SALES]
    for side in SIDES:
        assert SYSTEM[side] in advice(reason, side).cure


def test_a_missing_right_is_the_administrators_business():
    assert {advice(HoldReason.PERMISSION, side).who for side in SIDES} == {Who.ADMINISTRATOR}


def test_what_the_maker_of_a_hold_said_stays():
    own = Hold("things", Side.INTACCT, "1", Side.SALESFORCE, HoldReason.LIMIT, "m", who=Who.FINANCE, cure="c")
    assert advised(own) == own
    bare = Hold("things", Side.INTACCT, "1", Side.SALESFORCE, HoldReason.TOO_LONG, "its own words")
    told = advised(bare)
    assert (told.message, told.who) == ("its own words", Who.FINANCE)
    assert told.cure == "Shorten it in Intacct."
    assert advised(Hold("things", Side.SALESFORCE, "1", Side.INTACCT, HoldReason.REJECTED, "")).message


def test_a_new_hold_is_advised_and_keeps_no_value():
    hold = new_hold(THINGS, Side.SALESFORCE, "001", Side.INTACCT, HoldReason.TOO_LONG, "m", ("name",), "Secret Ltd")
    assert (hold.who, hold.cure) == (Who.SALES, "Shorten it in Salesforce.")
    assert "Secret" not in repr(hold)


def test_what_can_be_decided_fits_the_reason():
    for reason in HoldReason:
        verdicts = set(resolutions(reason))
        assert (Verdict.LINK in verdicts) == (Verdict.CREATE in verdicts)
        assert (Verdict.TAKE_INTACCT in verdicts) == (reason is HoldReason.CONFLICT)
    assert set(resolutions(HoldReason.CANDIDATE_MATCH)) == {Verdict.LINK, Verdict.CREATE, Verdict.IGNORE}
    assert resolutions(HoldReason.BREAKER) == (Verdict.APPROVE,)
    assert resolutions(HoldReason.TOO_LONG) == ()


def test_messages_say_what_is_wrong_and_leave_the_cure_to_the_advice():
    reply = ServiceReply("salesforce", "update", 400, "FIELD_CUSTOM_VALIDATION_EXCEPTION", "Not in March.")
    told = [
        messages.too_long(NAME, Side.INTACCT, 120, 100),
        messages.missing(NAME, Side.INTACCT),
        messages.not_understood(NAME, Side.SALESFORCE, "no number"),
        messages.parent(NAME, Side.SALESFORCE),
        messages.ambiguous(THINGS, Side.INTACCT, Found("name", others=("a", "b"))),
        messages.ambiguous(THINGS, Side.INTACCT, Found("name", others=("a",), taken=True)),
        messages.unknown_id(THINGS, NAME),
        messages.candidate(THINGS, "name-city", Side.SALESFORCE),
        messages.conflict(NAME),
        messages.rejected(reply, Side.SALESFORCE),
        messages.deleted(Side.INTACCT, ""),
        messages.merged(THINGS, Side.SALESFORCE),
    ]
    assert all(text.endswith(".") and not text.endswith("..") for text in told)
    assert "Name has 120 characters; Intacct takes at most 100." in told
    assert "Salesforce refused it (FIELD_CUSTOM_VALIDATION_EXCEPTION): Not in March." in told
