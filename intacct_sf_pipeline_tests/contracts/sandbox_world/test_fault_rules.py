"""Which request a rule hits, and what a bad fault file is told."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.errors import FaultFileError
from intacct_sf_pipeline.sandbox.fault_file import load_faults
from intacct_sf_pipeline.sandbox.faults import FaultPlan, FaultRule

TARGET = "/services/data/v59.0/query?q=SELECT+Id+FROM+Account"


def hits(plan: FaultPlan, requests: int) -> list[bool]:
    return [plan.next_fault("salesforce", "GET", TARGET) is not None for _ in range(requests)]


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
    assert [plan.next_fault("salesforce", "GET", TARGET) for _ in range(3)] == [first, second, None]
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
    assert plan.next_fault(service, method, target) is None
    assert plan.next_fault("salesforce", "GET", TARGET) is not None


@pytest.mark.parametrize("login", ["/services/oauth2/token", "/services/Soap/u/59.0", "/ia/api/v1/oauth2/token"])
def test_logins_are_hit_only_by_a_rule_that_names_them(login: str) -> None:
    rule = FaultRule("salesforce", "html_503", count=None)
    named = FaultRule("salesforce", "html_503", path="oauth2|Soap")
    assert FaultPlan([rule]).next_fault("salesforce", "POST", login) is None
    assert FaultPlan([named]).next_fault("salesforce", "POST", login) is named


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
        ("faults:\n  - service: intacct\n    fault: flood", 3, "fault must be one of status, timeout_before"),
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
