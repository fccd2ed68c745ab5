"""Tables about runs: what they did, what they cost, and which of them may write."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Table

from intacct_sf_pipeline.staging.schema_columns import count as _count
from intacct_sf_pipeline.staging.schema_columns import key as _key
from intacct_sf_pipeline.staging.schema_columns import metadata
from intacct_sf_pipeline.staging.schema_columns import name as _name
from intacct_sf_pipeline.staging.schema_columns import text as _text
from intacct_sf_pipeline.staging.schema_columns import time as _time
from intacct_sf_pipeline.staging.schema_columns import token as _token

runs = Table(
    "runs",
    metadata,
    _key("run_id", "The run, as the orchestrator names it", primary_key=True),
    _name("kind", "sync, plan, compare, undo, ..."),
    _text("entities", "JSON list of the entities the run is about"),
    _name("status", "running, done, held, failed or crashed"),
    _time("started_at", "When the run began", nullable=False),
    _time("finished_at", "When it ended; null while it runs or if it crashed"),
    _key("host", "The machine at work", nullable=True),
    Column("pid", BigInteger(), comment="Its process"),
    _key("process", "What tells that process from a later one with the same number", nullable=True),
    _text("detail", "JSON: limits overridden, the plan applied or the run undone, where there is one"),
    Index("ix_runs_started_at", "started_at"),
    comment="One row per run",
)

run_steps = Table(
    "run_steps",
    metadata,
    _token("step_id", "Order of recording"),
    _key("run_id", "The run"),
    _name("entity", "The entity, or the feed of an extract"),
    _name("step", "extract, stage, reconcile, write-back, ..."),
    _key("subject", "What the step was about: an entity, a feed or a side"),
    _text("counts", "JSON: what was counted"),
    _count("billed", "API use in the vendor's unit of billing"),
    _count("requests", "API requests"),
    Column("seconds", Float(), nullable=False, comment="Duration"),
    Column("lag_seconds", Float(), comment="Age of the newest change read, where known"),
    Index("ix_run_steps_run_id", "run_id"),
    Index("ix_run_steps_entity", "entity", "step", "step_id"),
    comment="One row per step of a run",
    sqlite_autoincrement=True,
)

leases = Table(
    "leases",
    metadata,
    _name("entity", "The entity that has one writer at a time", primary_key=True),
    Column(
        "token", BigInteger(), nullable=False, comment="Grows with each holder; a write with an older one is refused"
    ),
    _key("holder", "The run at work; null: free", nullable=True),
    _key("host", "Its machine", nullable=True),
    Column("pid", BigInteger(), comment="Its process"),
    _time("acquired_at", "Since when"),
    _time("expires_at", "Until when, unless renewed"),
    _key("process", "What tells that process from a later one with the same number", nullable=True),
    comment="Who may write",
)

api_spend = Table(
    "api_spend",
    metadata,
    _token("spend_id", "Order of recording"),
    _key("run_id", "The run"),
    _name("entity", "The entity or feed it was spent on"),
    _name("system", "intacct (unit: transactions) or salesforce (unit: calls)"),
    _count("billed", "In the vendor's unit"),
    _count("requests", "HTTP requests"),
    _time("at", "When", nullable=False),
    _name("step", "The step of the run", nullable=True),
    _name("kind", "What the calls were for: read, lookup, write, login or describe; null: not known", nullable=True),
    _name("day", "Day in UTC, as 2026-01-31", nullable=True),
    _name("local_day", "Day in the company's time zone, by which months end", nullable=True),
    Index("ix_api_spend_at", "at"),
    Index("ix_api_spend_local_day", "local_day", "system", "billed"),
    comment="What each run spent at each vendor",
    sqlite_autoincrement=True,
)

api_quotas = Table(
    "api_quotas",
    metadata,
    _name("system", "The vendor", primary_key=True),
    _count("used", "Calls used, by all clients together"),
    _count("allowed", "Calls allowed"),
    _time("at", "When the vendor said so", nullable=False),
    comment="What vendors last said of their own allowance",
)
