"""A step that was handed out is either waited for or given up, and the words say why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.orchestration.step_watch import LOOK_EVERY, RESULT_WITHIN, StepLostError, StepWatch

QUARTER = timedelta(minutes=15)


class Places:
    """What is seen of a step, as a test says."""

    def __init__(self) -> None:
        self.now: bool | None = None
        self.seen: bool | None = None
        self.looks = 0

    def look(self) -> None:
        self.seen = self.now
        self.looks += 1

    def lives(self, step: str) -> bool | None:
        return self.seen


class Minded:
    """A step minded on a clock that a test moves."""

    def __init__(self) -> None:
        self.places, self.seconds = Places(), 0.0
        self.watch = StepWatch(self.places, QUARTER, lambda: self.seconds)
        self.watch.hand_out("extract")

    def later(self, seconds: float, lives: bool | None) -> None:
        self.seconds += seconds
        self.places.now = lives
        self.watch.require("extract")


def test_a_step_waits_for_a_worker_for_so_long_and_no_longer():
    step = Minded()
    step.later(QUARTER.total_seconds(), None)
    with pytest.raises(StepLostError, match="no worker began it within 15 minutes"):
        step.later(LOOK_EVERY.total_seconds(), None)


@given(st.lists(st.floats(min_value=0, max_value=7200), max_size=20))
def test_a_step_at_work_may_take_as_long_as_it_likes(pauses):
    step = Minded()
    for pause in pauses:
        step.later(pause, True)
    assert step.places.looks <= len(pauses)
    with pytest.raises(StepLostError, match="its worker died"):  # it was minded all the time, and is still
        step.later(LOOK_EVERY.total_seconds(), False)


def test_a_step_whose_process_died_is_lost_at_the_next_look():
    step = Minded()
    step.later(1, True)
    step.later(1, False)
    with pytest.raises(StepLostError, match="its worker died"):
        step.later(LOOK_EVERY.total_seconds(), False)


def test_a_step_that_ended_has_a_minute_for_its_result_to_arrive():
    step = Minded()
    step.later(10, True)
    step.later(RESULT_WITHIN.total_seconds(), None)
    with pytest.raises(StepLostError, match="without a result"):
        step.later(LOOK_EVERY.total_seconds(), None)


def test_the_database_is_asked_every_few_seconds_however_often_the_executor_asks():
    step = Minded()
    for _ in range(100):
        step.later(0.1, True)
    assert step.places.looks == 2
