"""How long history is kept, kind by kind. What the pipeline rests on (links, baselines, watermarks, queues, open holds,
decisions, the sums of the current month) is no history and has no setting.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, model_validator

Days = Annotated[int, Field(ge=1, le=36_500)]
LongDays = Annotated[int, Field(ge=10, le=36_500)]


class RetentionConfig(BaseModel):
    """Ages in whole days, counted back from the clean-up; what is younger stays.

    `dagster_runs` and `ticks` are about Dagster's own history, `runs_of_each_job` (a number of runs) with them; all
    others are about the staging database. Bookings of API use stay row by row for `api_spend` days, since budgets
    judge by them what a run usually costs; their daily sums stay for `daily_spend` days.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    dagster_runs: Annotated[int, Field(ge=0, le=36_500)] = 30
    runs_of_each_job: Annotated[int, Field(ge=0)] = 20
    ticks: Days = 30
    runs: Days = 90
    plan_lines: Days = 90
    previews: Days = 14
    journal_values: Days = 400
    journal: Days = 2555
    closed_holds: Days = 400
    write_jobs: Days = 90
    deleted_records: Days = 90
    api_spend: LongDays = 35
    daily_spend: Annotated[int, Field(ge=62, le=36_500)] = 800

    @model_validator(mode="after")
    def _in_order(self) -> RetentionConfig:
        if self.journal < self.journal_values:
            raise ValueError("journal: an entry cannot go before its values do (journal_values)")
        if self.daily_spend < self.api_spend:
            raise ValueError("daily_spend: a sum cannot go before what it sums up (api_spend)")
        return self


def kept_from(now: datetime, days: int) -> datetime:
    """The moment from which on things of that age are kept."""
    return now - timedelta(days=days)
