"""Tables about writes: the plan that is also the outbox, jobs at a service, and the journal of what was written."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, UniqueConstraint

from intacct_sf_pipeline.staging.schema_columns import count as _count
from intacct_sf_pipeline.staging.schema_columns import key as _key
from intacct_sf_pipeline.staging.schema_columns import metadata
from intacct_sf_pipeline.staging.schema_columns import name as _name
from intacct_sf_pipeline.staging.schema_columns import text as _text
from intacct_sf_pipeline.staging.schema_columns import time as _time
from intacct_sf_pipeline.staging.schema_columns import token as _token

plan_lines = Table(
    "plan_lines",
    metadata,
    _token("seq", "Order of planning"),
    _key("line_id", "Unique over all runs; first part of the idempotency key"),
    _key("run_id", "The run that planned it"),
    _name("entity", "The entity"),
    _name("side", "The side to be written"),
    _name("operation", "create, update, link, deactivate or none"),
    _name("status", "preview, planned, sent, written, rejected, failed, unknown, superseded or nothing"),
    Column("priority", Integer(), nullable=False, comment="0: creations, which go first; 1: all others"),
    _key("target_key", "Key of the record to be written; null until a creation is done", nullable=True),
    _key("source_key", "Key of its partner on the other side", nullable=True),
    _key("natural_id", "The id a created record carries, by which it is found again", nullable=True),
    _text("reason", "Why, in words"),
    _text("changes", "JSON list: field, before, after, canonical value, rule, reason"),
    Column("attempt", Integer(), nullable=False, comment="Counts tries; second part of the idempotency key"),
    _time("created_at", "When it was planned", nullable=False),
    _time("updated_at", "When its status last changed", nullable=False),
    _name("job_id", "The write job it went with, if any", nullable=True),
    _key("job_key", "What its row is known by in that job", nullable=True),
    UniqueConstraint("line_id", name="uq_plan_lines_line_id"),
    Index("ix_plan_lines_next", "entity", "side", "status", "run_id", "priority", "seq"),
    Index("ix_plan_lines_run", "run_id", "entity", "side", "status"),
    Index("ix_plan_lines_target", "entity", "side", "target_key"),
    Index("ix_plan_lines_source", "entity", "side", "source_key"),
    Index("ix_plan_lines_job", "job_id", "job_key"),
    comment="The plan, and the outbox of its writes",
    sqlite_autoincrement=True,
)

write_jobs = Table(
    "write_jobs",
    metadata,
    _name("job_id", "The service's own id of the job", primary_key=True),
    _name("entity", "The entity"),
    _name("side", "The side it writes to"),
    _key("run_id", "The run that made it"),
    _key("object", "The service's object"),
    _name("operation", "create or change"),
    _count("lines", "Plan lines in it"),
    _name("state", "What the service called it when last asked"),
    _count("processed", "Rows the service has been through"),
    _count("failed", "Rows it refused"),
    _text("message", "Why the job failed, in the service's words"),
    _time("opened_at", "When it was made", nullable=False),
    _time("looked_at", "When it was last asked after"),
    _time("closed_at", "When its results were all committed; null: under way"),
    Index("ix_write_jobs_open", "entity", "side", "closed_at"),
    comment="Many records handed to a service at once",
)

journal = Table(
    "journal",
    metadata,
    _token("entry_id", "Order of writing"),
    _key("run_id", "The run that wrote it"),
    _name("entity", "The entity"),
    _name("side", "The side that was written"),
    _key("record_key", "Key of the record written"),
    _name("operation", "create, update, link or deactivate"),
    _key("field", "Canonical field name"),
    _text("before_value", "Value before, as the service had it"),
    _text("after_value", "Value written"),
    _name("before_type", "What the value was if not text", nullable=True),
    _name("after_type", "What the value was if not text", nullable=True),
    _text("rule", "The rule that decided"),
    _text("reason", "Why, in words"),
    _time("at", "When", nullable=False),
    _time("dropped_at", "When retention dropped both values; null: they are here"),
    Index("ix_journal_record", "entity", "side", "record_key"),
    Index("ix_journal_run_id", "run_id"),
    Index("ix_journal_at", "at"),
    comment="Every field written, one row each",
    sqlite_autoincrement=True,
)
