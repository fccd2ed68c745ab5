"""Cases, links and baselines: every waiting record is shown once, and what was concluded is stored as a whole."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import cycle

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.model.errors import LinkConflictError
from intacct_sf_pipeline.model.plans import Accepted, Baseline, LineStatus, Operation, Settlement
from intacct_sf_pipeline.model.records import SIDES, CanonicalRecord, Side
from intacct_sf_pipeline.model.results import MatchGroup

from .kit import line

quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
RUN = "run-1"


def test_an_unlinked_record_is_a_case_of_its_own(kit):
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "A"}))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "A"}))
    assert sorted(kit.waiting("accounts"), key=str) == [("1", None), (None, "001A")]


def test_a_linked_pair_is_one_case_with_both_records_and_the_baseline(kit):
    kit.linked("accounts", "1", "001A", name="A", credit=Decimal("1.5"))
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "B"}))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "C"}))
    (case,) = kit.store.reconcile_batch(kit.entity("accounts"), 100).items
    assert (case.intacct.values["name"], case.salesforce.values["name"]) == ("B", "C")
    assert case.baseline == Baseline({"name": "A", "credit": Decimal("1.5")})
    assert (case.link.intacct_key, case.link.salesforce_id) == ("1", "001A")
    kit.reconcile("accounts")
    assert kit.waiting("accounts") == []


def test_a_pair_whose_sides_wait_far_apart_is_consumed_whole(kit):
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "B"}))
    kit.stage("accounts", Side.INTACCT, *(CanonicalRecord(str(n), {"name": str(n)}) for n in range(2, 9)))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "C"}))
    batch = kit.store.reconcile_batch(kit.entity("accounts"), 2)
    kit.store.commit_reconcile(kit.entity("accounts"), batch, [], run_id=RUN)
    assert [key for key, _ in kit.waiting("accounts")] == [str(n) for n in range(3, 9)]


def test_a_change_that_arrives_while_cases_are_out_is_not_lost(kit):
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "B"}))
    batch = kit.store.reconcile_batch(kit.entity("accounts"), 10)
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "C"}))
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "D"}))
    kit.store.commit_reconcile(kit.entity("accounts"), batch, [], run_id=RUN)
    assert kit.waiting("accounts") == [("1", "001A")]


def test_records_whose_write_has_no_answer_wait_until_it_is_known(kit):
    entity = kit.entity("accounts")
    kit.stage("accounts", Side.INTACCT, *(CanonicalRecord(key, {"name": key}) for key in ("1", "2", "3")))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "A"}))
    lines = [line("run-1/a", target_key="001A", source_key="1"), line("run-1/b", target_key=None, source_key="2")]
    kit.store.plan(entity, lines)
    kit.store.mark(lines, LineStatus.SENT)
    assert kit.waiting("accounts") == [("3", None)]
    kit.reconcile("accounts")
    kit.store.mark(lines, LineStatus.SUPERSEDED)
    assert sorted(kit.waiting("accounts"), key=str) == [("1", None), ("2", None), (None, "001A")]


def test_a_record_that_is_gone_leaves_the_queue_without_a_case(kit):
    kit.store.requeue(kit.entity("accounts"), Side.INTACCT, ["77"])
    batch = kit.store.reconcile_batch(kit.entity("accounts"), 10)
    assert (batch.items, bool(batch)) == ((), True)
    kit.store.commit_reconcile(kit.entity("accounts"), batch, [], run_id=RUN)
    assert not kit.store.reconcile_batch(kit.entity("accounts"), 10)


def test_an_entity_that_shares_links_keeps_its_own_records_and_baselines(kit):
    kit.linked("products", "7", "01tA", name="Bolt")
    kit.stage("stock", Side.INTACCT, CanonicalRecord("7", {"on_hand": Decimal(3)}))
    (case,) = kit.store.reconcile_batch(kit.entity("stock"), 10).items
    assert (case.link.entity, case.salesforce, case.baseline) == ("products", None, None)
    kit.reconcile("stock", Settlement("stock", "7", "01tA", baseline=Baseline({"on_hand": Decimal(3)})))
    assert kit.store.baselines(kit.entity("stock"), ["7"]) == {"7": Baseline({"on_hand": Decimal(3)})}
    assert kit.store.baselines(kit.entity("products"), ["7"]) == {"7": Baseline({"name": "Bolt"})}


def test_a_match_key_is_shared_by_records_of_both_sides_but_not_by_deleted_ones(kit):
    kit.stage(
        "accounts", Side.INTACCT, *(CanonicalRecord(k, {"name": k}, match_keys={"name": "acme"}) for k in ("1", "2"))
    )
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "x"}, match_keys={"name": "acme"}))
    gone = CanonicalRecord("001B", {"name": "x"}, match_keys={"name": "acme"}, deleted=True)
    kit.stage("accounts", Side.SALESFORCE, gone)
    kit.reconcile("accounts", Settlement("accounts", "2", "001A", link=kit.link("accounts", "2", "001A")))
    groups = kit.store.match_groups(kit.entity("accounts"), "name", {"acme", "other"})
    assert groups == {"acme": MatchGroup(("1", "2"), ("001A",), frozenset({"2", "001A"})), "other": MatchGroup()}


@pytest.mark.parametrize("keys", [("acme", "ACME"), ("résumé", "resume"), ("acme", "acme ")])
def test_match_keys_that_differ_in_case_accents_or_blanks_do_not_meet(kit, keys):
    here, there = keys
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "x"}, match_keys={"name": here}))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "x"}, match_keys={"name": there}))
    assert kit.store.match_groups(kit.entity("accounts"), "name", [here]) == {here: MatchGroup(("1",))}


def test_a_match_key_too_long_for_an_index_still_matches(kit):
    long = "x" * 3000
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "x"}, match_keys={"name": long}))
    kit.stage("accounts", Side.SALESFORCE, CanonicalRecord("001A", {"name": "x"}, match_keys={"name": long + "y"}))
    assert kit.store.match_groups(kit.entity("accounts"), "name", [long]) == {long: MatchGroup(("1",))}


def test_links_are_found_from_both_sides_and_a_repeated_one_is_no_conflict(kit):
    kit.linked("accounts", "1", "001A", name="A")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", link=kit.link("accounts", "1", "001A")))
    assert kit.store.links("accounts", Side.INTACCT, ["1", "2"])["1"].salesforce_id == "001A"
    assert kit.store.links("accounts", Side.SALESFORCE, ["001A"])["001A"].intacct_key == "1"
    assert kit.store.links("accounts", Side.SALESFORCE, ["001a"]) == {}


@pytest.mark.parametrize("second", [("1", "001B"), ("2", "001A")])
def test_a_second_partner_is_refused_and_nothing_of_the_commit_is_stored(kit, make_line, second):
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("1", {"name": "B"}))
    settlement = Settlement("accounts", *second, lines=(make_line("L1"),), link=kit.link("accounts", *second))
    with pytest.raises(LinkConflictError, match=r"linked to another record already"):
        kit.reconcile("accounts", settlement)
    assert kit.waiting("accounts") == [("1", "001A")]
    assert kit.store.planned(kit.entity("accounts"), Side.SALESFORCE, run_id=RUN, limit=10) == []


def test_one_commit_cannot_link_a_record_twice(kit):
    pairs = [("1", "001A"), ("1", "001B")]
    with pytest.raises(LinkConflictError):
        kit.reconcile("accounts", *(Settlement("accounts", *pair, link=kit.link("accounts", *pair)) for pair in pairs))
    assert kit.store.links("accounts", Side.INTACCT, ["1"]) == {}


values = st.fixed_dictionaries(
    {},
    optional={
        "name": st.none() | st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"])),
        "credit": st.none() | st.decimals(-(10**9), 10**9, places=2),
    },
)
sides = (
    st.none()
    | st.text()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.booleans()
    | st.datetimes(timezones=st.just(UTC))
)


@quick
@given(
    known=values,
    accepted=st.dictionaries(st.sampled_from(["name", "phone"]), st.builds(Accepted, sides, sides, st.text())),
)
def test_baselines_come_back_equal_and_know_which_fields_were_agreed_on(kit, known, accepted):
    baseline = Baseline(known, accepted)
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", baseline=baseline))
    assert kit.store.baselines(kit.entity("accounts"), ["1"]) == {"1": baseline}


def test_pairs_are_streamed_in_link_order(kit):
    for number in range(5):
        kit.linked("accounts", str(number), f"001{number}", name=str(number))
    pages = list(kit.store.pairs(kit.entity("accounts"), size=2))
    assert [[case.link.intacct_key for case in page] for page in pages] == [["0", "1"], ["2", "3"], ["4"]]
    assert all(
        c.intacct.values["name"] == c.salesforce.values["name"] == c.baseline.values["name"] for p in pages for c in p
    )


def test_planned_lines_come_back_equal_creations_first(kit, make_line):
    first = make_line("L1")
    second = make_line("L2", operation=Operation.CREATE, target_key=None, natural_id="C2", reason="new in intacct")
    idle = make_line("L3", operation=Operation.NONE)
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (first, second, idle)))
    entity = kit.entity("accounts")
    assert kit.store.planned(entity, Side.SALESFORCE, run_id=RUN, limit=10) == [second, first]
    assert kit.store.planned(entity, Side.SALESFORCE, run_id=RUN, limit=1) == [second]
    assert kit.store.planned(entity, Side.INTACCT, run_id=RUN, limit=10) == []
    assert kit.store.planned(entity, Side.SALESFORCE, run_id="other", limit=10) == []
    assert kit.rows("SELECT status FROM plan_lines WHERE line_id = 'L3'") == [{"status": "nothing"}]


def test_a_record_decided_twice_in_one_run_gets_a_new_attempt_unless_its_outcome_is_open(kit, make_line):
    entity = kit.entity("accounts")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L1"),)))
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L1", reason="again"),)))
    (line,) = kit.store.planned(entity, Side.SALESFORCE, run_id=RUN, limit=10)
    assert (line.reason, line.attempt) == ("again", 2)
    kit.store.mark([line], LineStatus.SENT)
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L1", reason="third"),)))
    assert kit.store.planned(entity, Side.SALESFORCE, run_id=RUN, limit=10) == []
    assert [(line.reason, line.status) for line in kit.store.unsettled(entity, Side.SALESFORCE, run_id="run-2")] == [
        ("again", LineStatus.SENT)
    ]


def test_lines_that_were_never_sent_are_given_up_by_the_next_run_and_decided_again(kit, make_line):
    kit.linked("accounts", "1", "001A", name="A")
    kit.stage("accounts", Side.INTACCT, CanonicalRecord("2", {"name": "B"}))
    lines = (make_line("L1"), make_line("L2", operation=Operation.CREATE, target_key=None, source_key="2"))
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", lines))
    assert kit.waiting("accounts") == []
    assert kit.store.supersede(kit.entity("accounts"), run_id=RUN) == 0
    assert kit.store.supersede(kit.entity("accounts"), run_id="run-2") == 2
    assert kit.waiting("accounts") == [("1", "001A"), ("2", None)]
    assert kit.store.planned(kit.entity("accounts"), Side.SALESFORCE, run_id=RUN, limit=10) == []


def test_however_many_lines_a_dead_run_left_all_are_given_up(kit, make_line):
    entity = kit.entity("accounts")
    lines = tuple(
        make_line(f"L{n}", side=side, target_key=f"T{n}", source_key=None)
        for n, side in zip(range(4100), cycle(SIDES), strict=False)
    )
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", lines))
    assert kit.store.supersede(entity, run_id="run-2") == 4100
    assert all(kit.store.planned(entity, side, run_id=RUN, limit=10) == [] for side in SIDES)
    assert kit.rows("SELECT count(*) AS n FROM reconcile_queue")[0]["n"] == 4100


def test_sent_lines_stay_to_be_looked_up(kit, make_line):
    entity = kit.entity("accounts")
    kit.reconcile("accounts", Settlement("accounts", "1", "001A", (make_line("L1"), make_line("L2"))))
    kit.store.mark(kit.store.planned(entity, Side.SALESFORCE, run_id=RUN, limit=1), LineStatus.SENT)
    assert [line.line_id for line in kit.store.unsettled(entity, Side.SALESFORCE, run_id="run-2")] == ["L1"]
    assert kit.store.unsettled(entity, Side.SALESFORCE, run_id=RUN) == []
    assert kit.store.supersede(entity, run_id="run-2") == 1


def test_a_baseline_without_an_intacct_key_is_a_mistake(kit):
    with pytest.raises(ValueError, match="Intacct key"):
        kit.reconcile("accounts", Settlement("accounts", None, "001A", baseline=Baseline({"name": "A"})))


def test_moments_in_baselines_keep_their_microseconds(kit):
    moment = datetime(2026, 1, 31, 23, 59, 59, 999999, tzinfo=UTC)
    kit.reconcile("products", Settlement("products", "7", "01tA", baseline=Baseline({"checked_at": moment})))
    assert kit.store.baselines(kit.entity("products"), ["7"])["7"].values == {"checked_at": moment}
