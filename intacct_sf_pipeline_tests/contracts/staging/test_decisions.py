"""Decisions of people: checked against what is known, stored all or not at all, in force until over or withdrawn."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.engine.people.answer_sheet import Answer, AnswersRefusedError, read_sheet, write_sheet
from intacct_sf_pipeline.model.plans import Decision, Hold, HoldReason, Settlement, Verdict
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.hold_sheet import sheet_rows
from intacct_sf_pipeline.staging.queries import decisions_taken, open_holds
from intacct_sf_pipeline.staging.resolve import resolve, withdraw

SALESFORCE_15, SALESFORCE_18 = "001000000000001", "001000000000001AAA"


def candidate(key: str, *candidates: str, side: Side = Side.INTACCT, scores: tuple[float, ...] = ()) -> Hold:
    reason = HoldReason.CANDIDATE_MATCH
    return Hold("accounts", side, key, side.other, reason, "may be", candidates=candidates, scores=scores)


def conflict(key: str, name: str, state: str = "s") -> Hold:
    return Hold("accounts", Side.INTACCT, key, Side.SALESFORCE, HoldReason.CONFLICT, "both", (name,), state)


@pytest.fixture
def held(kit):
    """Two customers that may be one of two accounts, and a linked pair with two conflicts."""
    customers = [CanonicalRecord(key, {"name": f"Company {key}"}) for key in ("1", "2")]
    kit.stage("accounts", Side.INTACCT, *customers)
    for key in (SALESFORCE_18, "001B"):
        kit.stage("accounts", Side.SALESFORCE, CanonicalRecord(key, {"name": f"Account {key}"}))
    kit.land(kit.feed("customers"), kit.customer("1"), kit.customer("2"))
    batch = kit.store.stage_batch(kit.entity("accounts"), Side.INTACCT, 10)
    kit.store.commit_stage(kit.entity("accounts"), Side.INTACCT, batch, customers, run_id="run-1")
    kit.reconcile(
        "accounts",
        Settlement("accounts", "1", None, holds=(candidate("1", SALESFORCE_18, "001B", scores=(0.91, 0.8)),)),
        Settlement("accounts", "2", None, holds=(candidate("2", "001B"),)),
    )
    kit.linked("accounts", "3", "001C", name="A")
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["3"])
    kit.reconcile(
        "accounts", Settlement("accounts", "3", "001C", holds=(conflict("3", "name"), conflict("3", "phone")))
    )
    return kit


def answer(verdict: str, hold_id: int | str = 1, **more: str) -> Answer:
    return Answer(verdict, str(hold_id), **more)


def refused(kit, *answers: Answer) -> list[str]:
    with pytest.raises(AnswersRefusedError) as caught:
        resolve(kit.store, answers, by="jo")
    assert decisions_taken(kit.store.database) == []
    return [str(refusal) for refusal in caught.value.refusals]


def taken(kit) -> list[tuple[str, str, str | None]]:
    return [(row["key"], row["verdict"], row["partner"]) for row in decisions_taken(kit.store.database)]


@pytest.mark.parametrize("partner", [SALESFORCE_18, SALESFORCE_15])
def test_a_link_names_its_partner_by_key_or_by_the_id_people_see(held, partner):
    (decision,) = resolve(held.store, [answer("link", partner=partner, note="same phone")], by="jo")
    assert (decision.partner_key, decision.decided_by, decision.note) == (SALESFORCE_18, "jo", "same phone")
    entity = held.entity("accounts")
    stored = held.store.decisions(entity, [(Side.INTACCT, "1"), (Side.INTACCT, "2")])
    assert [d.partner_key for d in stored[Side.INTACCT, "1"]] == [SALESFORCE_18]
    assert (Side.INTACCT, "2") not in stored
    assert ("1", None) in held.waiting("accounts"), "the next run looks at the record again"
    assert [row["decision"] for row in open_holds(held.store.database)] == ["link", None, None, None]


def test_a_partner_in_intacct_may_be_named_by_its_customer_id(held):
    hold = candidate(SALESFORCE_18, "1", side=Side.SALESFORCE)
    held.store.requeue(held.entity("accounts"), Side.SALESFORCE, [SALESFORCE_18])
    held.reconcile("accounts", Settlement("accounts", None, SALESFORCE_18, holds=(hold,)))
    number = max(row["id"] for row in open_holds(held.store.database))
    (decision,) = resolve(held.store, [answer("link", number, partner="C1")], by="jo")
    assert decision.partner_key == "1"


def test_the_state_of_the_hold_goes_with_the_decision(held):
    (decision,) = resolve(held.store, [answer("take-Intacct", 3)], by="jo")
    assert (decision.verdict, decision.fields, decision.state) == (Verdict.TAKE_INTACCT, ("name",), "s")


def test_a_record_and_a_reason_name_all_its_holds(held):
    named = Answer("take_salesforce", entity="accounts", side="intacct", key="3", reason="conflict")
    assert [d.fields for d in resolve(held.store, [named], by="")] == [("name",), ("phone",)]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer("lnik"), "there is no verdict 'lnik' - What fits a hold for candidate_match: link, create, ignore"),
        (answer("approve"), "approve does not answer a hold for candidate_match - What fits: link, create, ignore"),
        (answer("link", 3, partner="001B"), "link does not answer a hold for conflict"),
        (answer("create", 99), "there is no hold 99"),
        (answer("create", "x1"), "'x1' is not the number of a hold"),
        (answer("create", "9" * 30), "is not the number of a hold"),
        (answer("link"), f"link needs the record to link to - Its candidates are: {SALESFORCE_18}, 001B"),
        (answer("link", partner="001Z"), "there is no record Salesforce accounts 001Z - Its candidates are"),
        (answer("link", partner="001C"), "Salesforce 001C is linked to Intacct 3 already"),
        (answer("create", partner="001B"), "create takes no partner - Leave it empty"),
        (answer("create", 1, entity="contacts"), "hold 1 is about accounts intacct 1 (candidate_match)"),
        (Answer("create"), "no hold is named - Give hold_id, or entity, side, key, reason"),
        (Answer("create", entity="acounts", side="intacct", key="1", reason="conflict"), "Did you mean 'accounts'?"),
        (Answer("create", entity="accounts", side="sap", key="1", reason="conflict"), "there is no side 'sap'"),
        (Answer("create", entity="accounts", side="intacct", key="1", reason="conflct"), "Did you mean 'conflict'?"),
        (Answer("ignore", entity="accounts", side="intacct", key="1", reason="merged"), "is not on hold for merged"),
    ],
)
def test_an_answer_that_does_not_fit_is_refused_with_what_would(held, given, told):
    (refusal,) = refused(held, given)
    assert told in refusal


def test_a_partner_that_is_gone_is_refused(held):
    held.stage("accounts", Side.SALESFORCE, CanonicalRecord("001D", {"name": "gone"}))
    held.linked("accounts", "9", "001D", name="gone")
    held.stage("accounts", Side.SALESFORCE, CanonicalRecord("001D", {}, deleted=True))
    (refusal,) = refused(held, answer("link", partner="001D"))
    assert "Salesforce accounts 001D is not there any more: deleted" in refusal


def test_a_hold_that_went_away_is_refused_and_says_when(held):
    held.store.requeue(held.entity("accounts"), Side.INTACCT, ["1"])
    held.reconcile("accounts", Settlement("accounts", "1", None))
    (refusal,) = refused(held, answer("create"))
    assert "hold 1 went away at 2026-03-02 09:00 - Nothing is left to decide" in refusal


def test_one_wrong_row_of_a_sheet_stores_nothing_and_is_named(held):
    sheet = b"hold_id,verdict,partner\n1,create,\n2,link,001Z\n3,aprove,\n"
    told = refused(held, *read_sheet("decisions.csv", sheet))
    assert [text.split(": ")[0] for text in told] == [
        "decisions.csv, line 3, column partner", "decisions.csv, line 4, column verdict",
    ]  # fmt: skip


def test_two_answers_to_one_hold_and_two_partners_for_one_record_are_refused(held):
    (twice,) = refused(held, answer("create", place="row 1"), answer("ignore", place="row 2"))
    assert "hold 1 is answered twice (row 1)" in twice
    (rivals,) = refused(held, answer("link", 1, partner="001B", place="row 1"), answer("link", 2, partner="001B"))
    assert "is to be linked to another record by row 1" in rivals


def test_an_earlier_decision_keeps_its_partner_until_it_is_given_anew(held):
    resolve(held.store, [answer("link", 1, partner="001B")], by="jo")
    with pytest.raises(AnswersRefusedError, match="by decision 1"):
        resolve(held.store, [answer("link", 2, partner="001B")], by="jo")
    resolve(held.store, [answer("link", 1, partner=SALESFORCE_18)], by="jo")
    assert taken(held) == [("1", "link", SALESFORCE_18)], "the new answer takes the place of the old one"
    resolve(held.store, [answer("link", 2, partner="001B")], by="jo")
    assert len(taken(held)) == 2


def test_a_pair_answered_from_both_sides_is_one_pair(held):
    held.store.requeue(held.entity("accounts"), Side.SALESFORCE, ["001B"])
    hold = candidate("001B", "2", side=Side.SALESFORCE)
    held.reconcile("accounts", Settlement("accounts", None, "001B", holds=(hold,)))
    number = max(row["id"] for row in open_holds(held.store.database))
    answers = [answer("link", 2, partner="001B"), answer("link", number, partner="2")]
    assert len(resolve(held.store, answers, by="jo")) == 2


def test_a_decision_withdrawn_is_no_longer_in_force_and_its_record_is_looked_at_again(held):
    resolve(held.store, [answer("ignore")], by="jo")
    held.reconcile("accounts", Settlement("accounts", "1", None))
    (row,) = decisions_taken(held.store.database)
    assert withdraw(held.store, row["id"]).key == "1"
    assert taken(held) == []
    assert held.waiting("accounts") == [("1", None)]
    (past,) = decisions_taken(held.store.database, everything=True)
    assert (past["closed_at"], past["by"]) == ("2026-03-02T09:00:00.123456+00:00", "jo")
    with pytest.raises(AnswersRefusedError, match="there is no decision 1 in force"):
        withdraw(held.store, row["id"])


def test_a_decision_carried_out_is_closed_by_its_run(held):
    resolve(held.store, [answer("link", partner="001B")], by="jo")
    link = held.link("accounts", "1", "001B")
    held.reconcile("accounts", Settlement("accounts", "1", "001B", link=link, closed_decisions=(1,)), run_id="run-2")
    (row,) = decisions_taken(held.store.database, everything=True)
    assert row["run_id"] == "run-2"
    assert taken(held) == []


def test_the_exported_sheet_filled_in_is_taken_back(held):
    rows = sheet_rows(held.store)
    assert [row["hold_id"] for row in rows] == ["1", "2", "3", "4"]
    assert rows[0]["name"] == "Company 1"
    assert rows[0]["candidates"] == f"{SALESFORCE_18} (0.91) Account {SALESFORCE_18}; 001B (0.80) Account 001B"
    assert read_sheet("s.csv", write_sheet(rows)) == [], "no verdict, no answer"
    rows[0] |= {"verdict": "link", "partner": "001B"}
    rows[3] |= {"verdict": "take_intacct"}
    decided = resolve(held.store, read_sheet("s.csv", write_sheet(rows)), by="jo")
    assert [(d.verdict, d.partner_key, d.fields) for d in decided] == [
        (Verdict.LINK, "001B", ()), (Verdict.TAKE_INTACCT, None, ("phone",)),
    ]  # fmt: skip


def test_thousands_of_decisions_are_stored_at_once(kit):
    keys = [str(number) for number in range(2500)]
    taken = [
        Decision("accounts", Side.INTACCT, key, HoldReason.CANDIDATE_MATCH, Verdict.CREATE, kit.clock()) for key in keys
    ]
    kit.store.decide(taken)
    found = kit.store.decisions(kit.entity("accounts"), [(Side.INTACCT, key) for key in keys])
    assert len(found) == len(keys)
