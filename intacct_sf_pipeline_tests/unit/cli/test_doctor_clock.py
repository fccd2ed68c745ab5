"""A clock that is wrong is noticed with its direction; one that is right never is, however slow the network."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.cli.doctor_clock import HARMFUL, TOLERATED, Glance, clock_findings
from intacct_sf_pipeline.cli.findings import Level
from intacct_sf_pipeline.model.records import Side

NOON = datetime(2027, 1, 4, 12, tzinfo=UTC)
seconds = st.floats(0, 120)


def glance(side: Side, skew: float, travel: float = 0.2, there: float = 0.5) -> Glance:
    """What a service `skew` seconds ahead of us says, when the call takes `travel` s and is served at that share."""
    at = NOON + timedelta(seconds=travel * there + skew)
    return Glance(side, at.replace(microsecond=0), NOON, NOON + timedelta(seconds=travel))


@given(travel=seconds, there=st.floats(0, 1))
def test_a_slow_network_is_no_skew(travel: float, there: float) -> None:
    (found,) = clock_findings([glance(Side.INTACCT, 0, travel, there)])
    assert found.level is Level.OK


@given(skew=st.floats(HARMFUL.total_seconds() + 3, 1e7), ahead=st.booleans())
def test_a_harmful_skew_is_an_error_that_says_which_way(skew: float, ahead: bool) -> None:
    (found,) = clock_findings([glance(Side.SALESFORCE, skew if ahead else -skew)])
    assert found.level is Level.ERROR
    assert ("behind Salesforce" if ahead else "ahead of Salesforce") in found.message


def test_between_the_two_thresholds_it_is_a_warning() -> None:
    middle = (TOLERATED + HARMFUL).total_seconds() / 2
    assert [one.level for one in clock_findings([glance(Side.INTACCT, middle)])] == [Level.WARNING]


def test_two_services_that_disagree_are_told_of() -> None:
    found = list(clock_findings([glance(Side.INTACCT, -25), glance(Side.SALESFORCE, 25)]))
    assert [(one.subject, one.level) for one in found] == [
        ("Intacct", Level.OK),
        ("Salesforce", Level.OK),
        ("both services", Level.WARNING),
    ]


@given(st.lists(seconds, min_size=1, max_size=5))
def test_of_several_glances_the_kindest_counts(travels: list[float]) -> None:
    glances = [glance(Side.INTACCT, 100, travel) for travel in travels]
    assert [one.level for one in clock_findings([*glances, glance(Side.INTACCT, 0)])] == [Level.OK]
