"""Changes of hundreds of records at once do what changes one by one do; on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from intacct_sf_pipeline.model.plans import Baseline, Settlement
from intacct_sf_pipeline.model.records import CanonicalRecord, Side

MANY = 250
NOON = datetime(2026, 3, 4, 12, 0, 0, 7, tzinfo=UTC)
AWKWARD = ('"', "\\", "{a,b}", "100 %s %", "é\u0301", "漢字", "null", "line\nline", "\U0001f600", " ")


def record(number: int, **more) -> CanonicalRecord:
    name = f"name {number} {AWKWARD[number % len(AWKWARD)]}"
    return CanonicalRecord(f"K{number}", {"name": name}, modified=NOON + timedelta(microseconds=number), **more)


def staged(kit) -> dict[str, CanonicalRecord]:
    return dict(kit.store.records(kit.entity("accounts"), Side.INTACCT, [f"K{n}" for n in range(MANY)]))


def stage(kit, *records: CanonicalRecord) -> int:
    return kit.stage("accounts", Side.INTACCT, *records)


def test_many_changed_records_hold_what_they_changed_to(kit):
    rule = kit.entity("accounts").match_rules[0].name
    stage(kit, *(record(n, search_keys=(f"a:{n}", "b")) for n in range(MANY)))
    wanted = [record(n, match_keys={rule: f"m{n % 3}"}, search_keys=(f"c:{n}",)) for n in range(MANY)]
    assert stage(kit, *wanted) == MANY
    found = staged(kit)
    assert [found[w.key].values["name"] for w in wanted] == [w.values["name"] for w in wanted]
    assert [found[w.key].modified for w in wanted] == [w.modified for w in wanted]
    assert [found[w.key].match_keys[rule] for w in wanted] == [w.match_keys[rule] for w in wanted]
    similar = kit.store.similar(kit.entity("accounts"), Side.INTACCT, ["b", "c:7", "a:7"], most=MANY)
    assert dict(similar) == {"c:7": ("K7",)}


@pytest.mark.parametrize("count", [3, MANY])
def test_a_match_key_is_kept_changed_and_taken_away_whatever_else_changes(kit, count):
    rule = kit.entity("accounts").match_rules[0].name
    stage(kit, *(record(n, match_keys={rule: "old"}) for n in range(count)))
    keys = {n: ("old", "new", None)[n % 3] for n in range(count)}
    assert stage(kit, *(record(n, match_keys={rule: key}, creatable=False) for n, key in keys.items())) == count
    found = staged(kit)
    assert {n: found[f"K{n}"].match_keys[rule] for n in keys} == keys
    groups = kit.store.match_groups(kit.entity("accounts"), rule, ["old", "new"])
    assert {key: sorted(group.intacct) for key, group in groups.items()} == {
        key: sorted(f"K{n}" for n in keys if keys[n] == key) for key in ("old", "new")
    }


def test_many_numbers_come_back_to_the_last_digit(kit):
    amounts = [Decimal(f"{n}.{n:010d}") for n in range(MANY)]
    for shift in (0, 1):
        stage(kit, *(CanonicalRecord(f"K{n}", {"credit": amounts[(n + shift) % MANY]}) for n in range(MANY)))
    found = staged(kit)
    assert [found[f"K{n}"].values["credit"] for n in range(MANY)] == [*amounts[1:], amounts[0]]


def test_baselines_found_as_they_were_keep_their_values_and_tell_which_run_looked_last(kit):
    entity = kit.entity("accounts")
    agreed = {str(n): Baseline({"name": f"name {n}", "credit": Decimal(n)}) for n in range(MANY)}
    links = [kit.link("accounts", key, f"S{key}") for key in agreed]
    first = [
        Settlement("accounts", k.intacct_key, k.salesforce_id, link=k, baseline=agreed[k.intacct_key]) for k in links
    ]
    kit.reconcile("accounts", *first)
    stage(kit, *(CanonicalRecord(key, {"name": "touched"}) for key in agreed))
    found = agreed | {"5": Baseline({"name": "moved"})}
    del found["7"]
    kit.clock.advance(hours=1)
    kit.reconcile(
        "accounts", *(Settlement("accounts", key, f"S{key}", baseline=found[key]) for key in found), run_id="run-2"
    )
    assert kit.store.baselines(entity, list(agreed)) == found | {"7": agreed["7"]}
    runs = {row["intacct_key"]: row["run_id"] for row in kit.rows("SELECT intacct_key, run_id FROM baseline_accounts")}
    assert runs == dict.fromkeys(agreed, "run-2") | {"7": "run-1"}
