"""The engine's own tables: runs, watermarks, queues, links, plan lines, holds, journal, leases and API spend.

Their history is in `migrations`; a test proves that both say the same. Tables that follow the mapping are in `tables`.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Float, Index, Integer, MetaData, Table, UniqueConstraint

from intacct_sf_pipeline.staging.schema_columns import count as _count
from intacct_sf_pipeline.staging.schema_columns import key as _key
from intacct_sf_pipeline.staging.schema_columns import name as _name
from intacct_sf_pipeline.staging.schema_columns import text as _text
from intacct_sf_pipeline.staging.schema_columns import time as _time
from intacct_sf_pipeline.staging.schema_columns import token as _token

metadata = MetaData()

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

watermarks = Table(
    "watermarks",
    metadata,
    _name("side", "intacct or salesforce", primary_key=True),
    _name("feed", "The feed", primary_key=True),
    _time("value", "Everything the service showed before this moment has been read; null: read all again"),
    _time("full_at", "When the feed was last read in full"),
    _time("updated_at", "When the watermark was last moved", nullable=False),
    Column("sighting", BigInteger(), comment="The last clock sighting before it"),
    comment="How far each feed has been read",
)

clock_sightings = Table(
    "clock_sightings",
    metadata,
    _token("number", "Order of sighting"),
    _name("side", "intacct or salesforce"),
    _time("server_at", "What the service's clock showed", nullable=False),
    _time("own_at", "What ours showed at the same moment", nullable=False),
    Index("ix_clock_sightings_side", "side", "number"),
    comment="The first look at a service's clock after it, or ours, jumped",
    sqlite_autoincrement=True,
)

stage_queue = Table(
    "stage_queue",
    metadata,
    _token("token", "Order of arrival; a repeated change gets a new one"),
    _name("entity", "The entity that has to look at it"),
    _name("side", "intacct or salesforce"),
    _name("alias", "Empty: value is the key of a record; else the related feed by which records are found"),
    _key("value", "Record key, or the value by which the related row belongs to records"),
    _time("enqueued_at", "When it was last changed", nullable=False),
    UniqueConstraint("entity", "side", "alias", "value", name="uq_stage_queue"),
    Index("ix_stage_queue_next", "entity", "side", "token"),
    comment="Landed changes that are not staged yet",
    sqlite_autoincrement=True,
)

reconcile_queue = Table(
    "reconcile_queue",
    metadata,
    _token("token", "Order of arrival; a repeated change gets a new one"),
    _name("entity", "The entity"),
    _name("side", "intacct or salesforce"),
    _key("record_key", "Key of the record on that side"),
    _time("enqueued_at", "When it was last changed", nullable=False),
    UniqueConstraint("entity", "side", "record_key", name="uq_reconcile_queue"),
    Index("ix_reconcile_queue_next", "entity", "token"),
    comment="Staged changes that are not decided yet",
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    metadata,
    _name("entity", "The entity", primary_key=True),
    _key("intacct_key", "Record number in Intacct", primary_key=True),
    _key("salesforce_id", "18-character id in Salesforce"),
    _name("method", "How they were joined: external-id, a match rule, created, ..."),
    _time("created_at", "Since when", nullable=False),
    _key("run_id", "The run that joined them"),
    UniqueConstraint("entity", "salesforce_id", name="uq_links_salesforce"),
    comment="Which record here is which record there, once and for ever",
)

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

holds = Table(
    "holds",
    metadata,
    _token("hold_id", "Number by which people name it"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record it is about"),
    _key("record_key", "Key of that record"),
    _name("target", "The side that does not get the write"),
    _name("reason", "Why, as a word"),
    _text("fields", "JSON list of the fields held; empty: the whole record"),
    _text("message", "Why, for a person"),
    _key("state", "Digest of what the decision rested on", nullable=True),
    _text("candidates", "JSON list of possible partners"),
    Column("attempts", Integer(), nullable=False, comment="How often it was refused"),
    _time("retry_at", "When it is looked at again by itself, a refused write tried again; null: in every run"),
    _time("since", "When it was first found", nullable=False),
    _time("updated_at", "When it last changed", nullable=False),
    _time("closed_at", "When it went away; null: open"),
    _key("run_id", "The run that last changed it"),
    _name("who", "Who can mend it: sales, finance or administrator", nullable=True),
    _text("cure", "What to do, in words"),
    _key("shown", "Salesforce record told of it, and a digest of what was told; null: none", nullable=True),
    Index("ix_holds_record", "entity", "record_side", "record_key", "closed_at"),
    Index("ix_holds_open", "closed_at", "entity", "retry_at"),
    Index("ix_holds_shown", "entity", "shown"),
    comment="What waits for a person, or for its cause to go away",
    sqlite_autoincrement=True,
)

hold_watches = Table(
    "hold_watches",
    metadata,
    _token("watch_id", "Order of noting"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record on hold"),
    _key("record_key", "Key of that record"),
    _name("watched_side", "Side of a record on which that depends"),
    _key("watched_key", "Key of this record"),
    Index("ix_hold_watches_record", "entity", "record_side", "record_key"),
    Index("ix_hold_watches_watched", "entity", "watched_side", "watched_key"),
    comment="Which records bring one on hold up again when they change: its candidates, its twins",
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    _token("decision_id", "Order of taking"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record it is about"),
    _key("record_key", "Key of that record"),
    _name("reason", "Reason of the hold it answers"),
    _text("fields", "JSON list of the fields held; empty: the whole record"),
    _name("verdict", "link, create, ignore, take_intacct, take_salesforce or approve"),
    _key("partner_key", "For link: key of the record on the other side", nullable=True),
    _key("state", "Digest the hold had: with another state the decision no longer holds", nullable=True),
    _key("decided_by", "Who decided, as far as known", nullable=True),
    _text("note", "Why, in that person's words"),
    _time("decided_at", "When", nullable=False),
    _time("closed_at", "When it was carried out, withdrawn or overtaken; null: in force"),
    _key("run_id", "The run that closed it", nullable=True),
    Index("ix_decisions_record", "entity", "record_side", "record_key", "closed_at"),
    comment="What people decided about holds",
    sqlite_autoincrement=True,
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

flows = Table(
    "flows",
    metadata,
    _name("entity", "The flow", primary_key=True),
    _name("link_entity", "The flow whose links it goes by; often itself"),
    _text("title", "What it keeps in agreement"),
    comment="The flows of the mapping, for the views",
)

mapping_state = Table(
    "mapping_state",
    metadata,
    _key("subject", "Entity and side", primary_key=True),
    _key("fingerprint", "Digest of the part of the mapping that staging depends on"),
    _time("updated_at", "When it was last seen to change", nullable=False),
    comment="Which mapping the staged records were made with",
)
