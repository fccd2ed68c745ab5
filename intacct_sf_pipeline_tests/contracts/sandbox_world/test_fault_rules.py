"""Which request a rule hits, and what a bad fault file is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.errors import FaultFileError
from intacct_sf_pipeline.sandbox.fault_file import load_faults
from intacct_sf_pipeline.sandbox.faults import FAULTS, FaultPlan, FaultRule, Request
from intacct_sf_pipeline.sandbox.faults.catalog import ON_THE_WIRE, ONLY_AT
from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import RecordGate, some

TARGET = "/services/data/v59.0/query?q=SELECT+Id+FROM+Account"


def next_fault(plan: FaultPlan, service: str, method: str, target: str) -> FaultRule | None:
    """The fault of the wire that the next request meets."""
    wire = plan.meet(Request(service, method, target)).wire
    return wire.rule if wire is not None else None


def hits(plan: FaultPlan, requests: int) -> list[bool]:
    return [next_fault(plan, "salesforce", "GET", TARGET) is not None for _ in range(requests)]


@given(skip=st.integers(0, 6), count=st.none() | st.integers(1, 6), requests=st.integers(0, 20))
def test_a_rule_lets_skip_requests_through_and_then_hits_count(skip: int, count: int | None, requests: int) -> None:
    plan = FaultPlan([FaultRule("salesforce", "html_503", skip=skip, count=count)])
    last = requests if count is None else skip + count
    assert hits(plan, requests) == [skip <= number < last for number in range(requests)]


@given(seed=st.integers(0, 1000), probability=st.floats(0.01, 0.99))
def test_chance_repeats_with_its_seed(seed: int, probability: float) -> None:
    rule = FaultRule("salesforce", "truncate", count=None, probability=probability, seed=seed)
    assert hits(FaultPlan([rule]), 30) == hits(FaultPlan([rule]), 30)


def test_a_request_that_one_rule_lets_pass_meets_the_next() -> None:
    first = FaultRule("salesforce", "html_503")
    second = FaultRule("salesforce", "truncate", method=("GET",), path=r"/query\?q=")
    plan = FaultPlan([first, second])
    assert [next_fault(plan, "salesforce", "GET", TARGET) for _ in range(3)] == [first, second, None]
    assert [rule for rule, _, _ in plan.fired] == [first, second]


@pytest.mark.parametrize(
    ("service", "method", "target"),
    [
        ("intacct", "GET", TARGET),
        ("salesforce", "POST", TARGET),
        ("salesforce", "GET", "/services/data/v59.0/limits"),
    ],
)
def test_a_rule_looks_at_service_method_and_path(service: str, method: str, target: str) -> None:
    plan = FaultPlan([FaultRule("salesforce", "slow", method=("GET",), path="Account", count=None)])
    assert next_fault(plan, service, method, target) is None
    assert next_fault(plan, "salesforce", "GET", TARGET) is not None


@pytest.mark.parametrize("login", ["/services/oauth2/token", "/services/Soap/u/59.0", "/ia/api/v1/oauth2/token"])
def test_logins_are_hit_only_by_a_rule_that_names_them(login: str) -> None:
    rule = FaultRule("salesforce", "html_503", count=None)
    named = FaultRule("salesforce", "html_503", path="oauth2|Soap")
    assert next_fault(FaultPlan([rule]), "salesforce", "POST", login) is None
    assert next_fault(FaultPlan([named]), "salesforce", "POST", login) is named


def test_a_fault_file_says_everything_a_rule_can(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        """
        faults:
          - {service: intacct, fault: throttle, retry_after: 5, method: post, skip: 1, count: null}
          - service: salesforce
            fault: status
            status: 400
            code: UNABLE_TO_LOCK_ROW
            message: unable to obtain exclusive access to this record
            method: [PATCH, post]
            path: /composite
            probability: 0.5
            seed: 3
            headers: {X-Test: 1}
        """
    )
    assert load_faults(file) == (
        FaultRule("intacct", "throttle", retry_after=5, method=("POST",), skip=1, count=None),
        FaultRule(
            "salesforce",
            "status",
            status=400,
            code="UNABLE_TO_LOCK_ROW",
            message="unable to obtain exclusive access to this record",
            method=("PATCH", "POST"),
            path="/composite",
            probability=0.5,
            seed=3,
            headers=(("X-Test", "1"),),
        ),
    )


def test_json_is_a_fault_file_too(tmp_path: Path) -> None:
    file = tmp_path / "faults.json"
    file.write_text('{"faults": [{"service": "intacct", "fault": "status", "status": 409, "body": {"a": [1, null]}}]}')
    assert load_faults(file) == (FaultRule("intacct", "status", status=409, body={"a": [1, None]}),)


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("faults: [", 1, "neither YAML nor JSON"),
        ("- 1", 1, "must hold one key, faults"),
        ("rules: []", 1, "unknown key 'rules'"),
        ("faults: 3", 1, "must be a list"),
        ("faults:\n  - service: salesforce", 2, "lacks fault"),
        ("faults:\n  - service: sap\n    fault: slow", 2, "service must be one of salesforce, intacct, not 'sap'"),
        ("faults:\n  - service: intacct\n    fault: flood", 3, "fault must be one of status, status_after"),
        ("faults:\n  - service: intacct\n    fault: slow\n    second: 3", 4, "unknown key 'second' for the fault slow"),
        (
            "faults:\n  - service: intacct\n    fault: slow\n    seconds: long",
            4,
            "seconds must be of type int or float",
        ),
        ("faults:\n  - service: intacct\n    fault: slow\n    count: true", 4, "count must be of type int or null"),
        ("faults:\n  - service: intacct\n    fault: slow\n    count: 0", 4, "count must be positive or null"),
        ("faults:\n  - service: intacct\n    fault: slow\n    probability: 2", 4, "probability must be above 0"),
        ("faults:\n  - service: intacct\n    fault: slow\n    path: '('", 4, "path is no regular expression"),
        ("faults:\n  - service: intacct\n    fault: status", 3, "needs the key status"),
        ("faults:\n  - service: intacct\n    fault: status\n    status: 200", 4, "status must lie between 400 and 599"),
        ("faults:\n  - service: intacct\n    fault: slow\n    fault: slow", 4, "fault is given twice"),
        ("faults:\n  - service: intacct\n    fault: slow\n    contains: '('", 4, "contains is no regular expression"),
        ("faults:\n  - service: intacct\n    fault: slow\n    seconds: -1", 4, "seconds must not be negative"),
        ("faults:\n  - service: intacct\n    fault: merge", 3, "fault merge can only happen at salesforce"),
        ("faults:\n  - service: salesforce\n    fault: idempotency_ignored", 3, "can only happen at intacct"),
        ("faults:\n  - service: intacct\n    fault: clock_jump", 3, "needs the key seconds, such as -3600"),
        (
            "faults:\n  - service: intacct\n    fault: clock_jump\n    seconds: 5\n    for: 0",
            5,
            "for must be positive or null",
        ),
        ("faults:\n  - service: intacct\n    fault: partial\n    share: 1.5", 4, "share must be above 0"),
        ("faults:\n  - service: intacct\n    fault: partial\n    records: 3", 4, "records must be of type list"),
        ("faults:\n  - service: intacct\n    fault: partial\n    records: [0, x]", 4, "records must list positions"),
        ("faults:\n  - service: intacct\n    fault: partial\n    records: []", 4, "records must list positions"),
        (
            "faults:\n  - service: intacct\n    fault: partial\n    records: [1]\n    share: 0.5",
            4,
            "records and share exclude each other",
        ),
        ("faults:\n  - service: intacct\n    fault: cut_off\n    records: -1", 4, "records must be at least 0"),
        ("faults:\n  - service: intacct\n    fault: same_second\n    records: 0", 4, "records must be at least 1"),
        ("faults:\n  - service: intacct\n    fault: row_lock\n    share: 0.5", 4, "unknown key 'share'"),
        ("faults:\n  - service: intacct\n    fault: touch_between\n    choose: last", 4, "choose must be lowest or"),
        ("faults:\n  - service: intacct\n    fault: touch_between\n    value: 3", 4, "value needs the key field"),
        ("faults:\n  - service: salesforce\n    fault: merge\n    winner: 001", 4, "winner must be of type str"),
        ("faults:\n  - service: salesforce\n    fault: merge\n    loser: '001'", 4, "loser alone is not enough"),
        (
            "faults:\n  - service: salesforce\n    fault: short_read\n    consistent: 1",
            4,
            "consistent must be of type bool",
        ),
    ],
)
def test_a_bad_fault_file_is_refused_with_line_and_cure(tmp_path: Path, text: str, line: int, words: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(text)
    with pytest.raises(FaultFileError) as caught:
        load_faults(file)
    assert str(caught.value).startswith(f"{file}, line {line}: ")
    assert words in str(caught.value)


def test_a_missing_fault_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FaultFileError, match=r"absent\.yaml: cannot be read"):
        load_faults(tmp_path / "absent.yaml")


def test_faults_inside_the_service_meet_a_request_besides_one_of_the_wire() -> None:
    first, second = FaultRule("salesforce", "late", count=None), FaultRule("salesforce", "merge")
    wire, after = FaultRule("salesforce", "reset_after"), FaultRule("salesforce", "undelete", count=None)
    plan = FaultPlan([first, second, wire, after])
    meetings = [plan.meet(Request("salesforce", "GET", TARGET)) for _ in range(2)]
    assert [hit.rule for hit in meetings[0].inside] == [first, second]
    assert meetings[0].wire is not None
    assert meetings[0].wire.rule is wire
    assert [hit.rule for hit in meetings[1].inside] == [first, after]
    assert meetings[1].wire is None


def test_a_rule_may_look_into_the_body() -> None:
    plan = FaultPlan([FaultRule("intacct", "html_503", contains=r'"object":\s*"inventory-control/item"')])
    assert plan.reads_bodies("intacct")
    assert not plan.reads_bodies("salesforce")
    bodies = (b"", b'{"object": "company-config/contact"}', b'{"object": "inventory-control/item"}\xff')
    assert [plan.meet(Request("intacct", "POST", "/query", body)).wire is not None for body in bodies] == [0, 0, 1]


def test_a_key_counts_as_seen_once_the_service_could_see_it() -> None:
    conflict = FaultRule("intacct", "idempotency_conflict", count=None)
    plan = FaultPlan([FaultRule("intacct", "reset_before"), conflict])
    keyed = Request("intacct", "POST", "/objects/x", key="k")
    assert [[hit.rule for hit in plan.meet(keyed).inside] for _ in range(3)] == [[], [], [conflict]]
    assert plan.meet(Request("intacct", "POST", "/objects/x", key="other")).inside == ()


@given(seed=st.integers(0, 50), number=st.integers(0, 5), total=st.integers(0, 60), share=st.floats(0.01, 1))
def test_a_share_is_drawn_by_the_seed_and_is_never_nothing(seed: int, number: int, total: int, share: float) -> None:
    hit = Hit(FaultRule("intacct", "partial", share=share, seed=seed), number)
    chosen = some(hit, total)
    assert chosen == some(hit, total) == sorted(set(chosen))
    assert len(chosen) == (min(total, max(1, round(share * total))) if total else 0)
    assert all(0 <= position < total for position in chosen)


@given(records=st.lists(st.integers(0, 9), min_size=1).map(tuple), done=st.integers(0, 9), total=st.integers(0, 8))
def test_the_gate_refuses_what_the_rules_say(records: tuple[int, ...], done: int, total: int) -> None:
    named = Hit(FaultRule("intacct", "partial", records=records, code="c"))
    cut = Hit(FaultRule("intacct", "cut_off", records=done))
    gate = RecordGate([named, cut])
    gate.expect(total)
    refused = [position for position in range(total) if gate.next() is not None]
    assert refused == [position for position in range(total) if position in records or position >= done]
    assert gate.cut


def test_every_fault_has_an_example_file_that_loads(tmp_path: Path) -> None:
    needed = {"status": "status: 500", "clock_jump": "seconds: -60"}
    for fault in FAULTS:
        service = ONLY_AT.get(fault, "intacct")
        file = tmp_path / f"{fault}.yaml"
        file.write_text(f"faults:\n  - {{service: {service}, fault: {fault}, {needed.get(fault, 'seed: 1')}}}\n")
        assert load_faults(file)[0].fault == fault
    assert set(FAULTS) > ON_THE_WIRE


def test_keys_of_the_file_become_attributes_of_the_rule(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        """
        faults:
          - {service: intacct, fault: recreate, object: customer, id: 71, contains: customer}
          - {service: intacct, fault: clock_jump, seconds: -5, for: 3}
          - {service: salesforce, fault: touch_between, records: 2, choose: random, field: Phone, value: null}
          - {service: salesforce, fault: partial, records: [0, 2], code: X, message: y}
        """
    )
    assert load_faults(file) == (
        FaultRule("intacct", "recreate", object_name="customer", record_id="71", contains="customer"),
        FaultRule("intacct", "clock_jump", seconds=-5, lasting=3),
        FaultRule("salesforce", "touch_between", records=2, choose="random", field_name="Phone"),
        FaultRule("salesforce", "partial", records=(0, 2), code="X", message="y"),
    )
