"""The engine's own tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, long_text, token_type

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "runs",
    "run_steps",
    "api_spend",
    "watermarks",
    "stage_queue",
    "reconcile_queue",
    "links",
    "plan_lines",
    "holds",
    "journal",
    "leases",
    "mapping_state",
)


def upgrade() -> None:
    """Create the tables."""
    _runs()
    _run_steps()
    _api_spend()
    _watermarks()
    _stage_queue()
    _reconcile_queue()
    _links()
    _plan_lines()
    _holds()
    _journal()
    _leases()
    _mapping_state()


def downgrade() -> None:
    """Drop the tables, and what they hold."""
    for name in reversed(TABLES):
        op.drop_table(name)


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", key_text(), primary_key=True, comment="The run, as the orchestrator names it"),
        sa.Column("kind", key_text(48), nullable=False, comment="sync, plan, compare, undo, ..."),
        sa.Column("entities", long_text(), comment="JSON list of the entities the run is about"),
        sa.Column("status", key_text(48), nullable=False, comment="running, done, held or failed"),
        sa.Column("started_at", UtcDateTime(), nullable=False, comment="When the run began"),
        sa.Column("finished_at", UtcDateTime(), comment="When it ended; null while it runs or if it crashed"),
        comment="One row per run",
    )
    op.create_index("ix_runs_started_at", "runs", ["started_at"])


def _run_steps() -> None:
    op.create_table(
        "run_steps",
        sa.Column("step_id", token_type(), primary_key=True, autoincrement=True, comment="Order of recording"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity, or the feed of an extract"),
        sa.Column("step", key_text(48), nullable=False, comment="extract, stage, reconcile, write-back, ..."),
        sa.Column(
            "subject", key_text(), nullable=False, comment="What the step was about: an entity, a feed or a side"
        ),
        sa.Column("counts", long_text(), comment="JSON: what was counted"),
        sa.Column("billed", sa.BigInteger(), nullable=False, comment="API use in the vendor's unit of billing"),
        sa.Column("requests", sa.BigInteger(), nullable=False, comment="API requests"),
        sa.Column("seconds", sa.Float(), nullable=False, comment="Duration"),
        sa.Column("lag_seconds", sa.Float(), comment="Age of the newest change read, where known"),
        comment="One row per step of a run",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_steps_run_id", "run_steps", ["run_id"])


def _api_spend() -> None:
    op.create_table(
        "api_spend",
        sa.Column("spend_id", token_type(), primary_key=True, autoincrement=True, comment="Order of recording"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity or feed it was spent on"),
        sa.Column(
            "system", key_text(48), nullable=False, comment="intacct (unit: transactions) or salesforce (unit: calls)"
        ),
        sa.Column("billed", sa.BigInteger(), nullable=False, comment="In the vendor's unit"),
        sa.Column("requests", sa.BigInteger(), nullable=False, comment="HTTP requests"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When"),
        comment="What each run spent at each vendor",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_api_spend_at", "api_spend", ["at"])


def _watermarks() -> None:
    op.create_table(
        "watermarks",
        sa.Column("side", key_text(48), primary_key=True, comment="intacct or salesforce"),
        sa.Column("feed", key_text(48), primary_key=True, comment="The feed"),
        sa.Column(
            "value",
            UtcDateTime(),
            comment="Everything the service showed before this moment has been read; null: read all again",
        ),
        sa.Column("full_at", UtcDateTime(), comment="When the feed was last read in full"),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="When the watermark was last moved"),
        comment="How far each feed has been read",
    )


def _stage_queue() -> None:
    op.create_table(
        "stage_queue",
        sa.Column(
            "token",
            token_type(),
            primary_key=True,
            autoincrement=True,
            comment="Order of arrival; a repeated change gets a new one",
        ),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity that has to look at it"),
        sa.Column("side", key_text(48), nullable=False, comment="intacct or salesforce"),
        sa.Column(
            "alias",
            key_text(48),
            nullable=False,
            comment="Empty: value is the key of a record; else the related feed by which records are found",
        ),
        sa.Column(
            "value",
            key_text(),
            nullable=False,
            comment="Record key, or the value by which the related row belongs to records",
        ),
        sa.Column("enqueued_at", UtcDateTime(), nullable=False, comment="When it was last changed"),
        sa.UniqueConstraint("entity", "side", "alias", "value", name="uq_stage_queue"),
        comment="Landed changes that are not staged yet",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_stage_queue_next", "stage_queue", ["entity", "side", "token"])


def _reconcile_queue() -> None:
    op.create_table(
        "reconcile_queue",
        sa.Column(
            "token",
            token_type(),
            primary_key=True,
            autoincrement=True,
            comment="Order of arrival; a repeated change gets a new one",
        ),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("side", key_text(48), nullable=False, comment="intacct or salesforce"),
        sa.Column("record_key", key_text(), nullable=False, comment="Key of the record on that side"),
        sa.Column("enqueued_at", UtcDateTime(), nullable=False, comment="When it was last changed"),
        sa.UniqueConstraint("entity", "side", "record_key", name="uq_reconcile_queue"),
        comment="Staged changes that are not decided yet",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_reconcile_queue_next", "reconcile_queue", ["entity", "token"])


def _links() -> None:
    op.create_table(
        "links",
        sa.Column("entity", key_text(48), primary_key=True, comment="The entity"),
        sa.Column("intacct_key", key_text(), primary_key=True, comment="Record number in Intacct"),
        sa.Column("salesforce_id", key_text(), nullable=False, comment="18-character id in Salesforce"),
        sa.Column(
            "method",
            key_text(48),
            nullable=False,
            comment="How they were joined: external-id, a match rule, created, ...",
        ),
        sa.Column("created_at", UtcDateTime(), nullable=False, comment="Since when"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run that joined them"),
        sa.UniqueConstraint("entity", "salesforce_id", name="uq_links_salesforce"),
        comment="Which record here is which record there, once and for ever",
    )


def _plan_lines() -> None:
    op.create_table(
        "plan_lines",
        sa.Column("seq", token_type(), primary_key=True, autoincrement=True, comment="Order of planning"),
        sa.Column(
            "line_id", key_text(), nullable=False, comment="Unique over all runs; first part of the idempotency key"
        ),
        sa.Column("run_id", key_text(), nullable=False, comment="The run that planned it"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("side", key_text(48), nullable=False, comment="The side to be written"),
        sa.Column("operation", key_text(48), nullable=False, comment="create, update, link, deactivate or none"),
        sa.Column(
            "status",
            key_text(48),
            nullable=False,
            comment="preview, planned, sent, written, rejected, failed, unknown, superseded or nothing",
        ),
        sa.Column("priority", sa.Integer(), nullable=False, comment="0: creations, which go first; 1: all others"),
        sa.Column("target_key", key_text(), comment="Key of the record to be written; null until a creation is done"),
        sa.Column("source_key", key_text(), comment="Key of its partner on the other side"),
        sa.Column("natural_id", key_text(), comment="The id a created record carries, by which it is found again"),
        sa.Column("reason", long_text(), comment="Why, in words"),
        sa.Column("changes", long_text(), comment="JSON list: field, before, after, canonical value, rule, reason"),
        sa.Column("attempt", sa.Integer(), nullable=False, comment="Counts tries; second part of the idempotency key"),
        sa.Column("created_at", UtcDateTime(), nullable=False, comment="When it was planned"),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="When its status last changed"),
        sa.UniqueConstraint("line_id", name="uq_plan_lines_line_id"),
        comment="The plan, and the outbox of its writes",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_plan_lines_next", "plan_lines", ["entity", "side", "status", "run_id", "priority", "seq"])
    op.create_index("ix_plan_lines_run_id", "plan_lines", ["run_id"])
    op.create_index("ix_plan_lines_source", "plan_lines", ["entity", "side", "source_key"])
    op.create_index("ix_plan_lines_target", "plan_lines", ["entity", "side", "target_key"])


def _holds() -> None:
    op.create_table(
        "holds",
        sa.Column(
            "hold_id", token_type(), primary_key=True, autoincrement=True, comment="Number by which people name it"
        ),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("record_side", key_text(48), nullable=False, comment="Side of the record it is about"),
        sa.Column("record_key", key_text(), nullable=False, comment="Key of that record"),
        sa.Column("target", key_text(48), nullable=False, comment="The side that does not get the write"),
        sa.Column("reason", key_text(48), nullable=False, comment="Why, as a word"),
        sa.Column("fields", long_text(), comment="JSON list of the fields held; empty: the whole record"),
        sa.Column("message", long_text(), comment="Why, for a person"),
        sa.Column("state", key_text(), comment="Digest of what the decision rested on"),
        sa.Column("candidates", long_text(), comment="JSON list of possible partners"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="How often it was refused"),
        sa.Column(
            "retry_at", UtcDateTime(), comment="When a refused write is tried again; null: it is looked at in every run"
        ),
        sa.Column("since", UtcDateTime(), nullable=False, comment="When it was first found"),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="When it last changed"),
        sa.Column("closed_at", UtcDateTime(), comment="When it went away; null: open"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run that last changed it"),
        comment="What waits for a person, or for its cause to go away",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_holds_open", "holds", ["closed_at", "entity", "retry_at"])
    op.create_index("ix_holds_record", "holds", ["entity", "record_side", "record_key", "closed_at"])


def _journal() -> None:
    op.create_table(
        "journal",
        sa.Column("entry_id", token_type(), primary_key=True, autoincrement=True, comment="Order of writing"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run that wrote it"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("side", key_text(48), nullable=False, comment="The side that was written"),
        sa.Column("record_key", key_text(), nullable=False, comment="Key of the record written"),
        sa.Column("operation", key_text(48), nullable=False, comment="create, update, link or deactivate"),
        sa.Column("field", key_text(), nullable=False, comment="Canonical field name"),
        sa.Column("before_value", long_text(), comment="Value before, as the service had it"),
        sa.Column("after_value", long_text(), comment="Value written"),
        sa.Column("before_type", key_text(48), comment="What the value was if not text"),
        sa.Column("after_type", key_text(48), comment="What the value was if not text"),
        sa.Column("rule", long_text(), comment="The rule that decided"),
        sa.Column("reason", long_text(), comment="Why, in words"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When"),
        comment="Every field written, one row each",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_journal_at", "journal", ["at"])
    op.create_index("ix_journal_record", "journal", ["entity", "side", "record_key"])
    op.create_index("ix_journal_run_id", "journal", ["run_id"])


def _leases() -> None:
    op.create_table(
        "leases",
        sa.Column("entity", key_text(48), primary_key=True, comment="The entity that has one writer at a time"),
        sa.Column(
            "token",
            sa.BigInteger(),
            nullable=False,
            comment="Grows with each holder; a write with an older one is refused",
        ),
        sa.Column("holder", key_text(), comment="The run at work; null: free"),
        sa.Column("host", key_text(), comment="Its machine"),
        sa.Column("pid", sa.BigInteger(), comment="Its process"),
        sa.Column("acquired_at", UtcDateTime(), comment="Since when"),
        sa.Column("expires_at", UtcDateTime(), comment="Until when, unless renewed"),
        comment="Who may write",
    )


def _mapping_state() -> None:
    op.create_table(
        "mapping_state",
        sa.Column("subject", key_text(), primary_key=True, comment="Entity and side"),
        sa.Column(
            "fingerprint",
            key_text(),
            nullable=False,
            comment="Digest of the part of the mapping that staging depends on",
        ),
        sa.Column("updated_at", UtcDateTime(), nullable=False, comment="When it was last seen to change"),
        comment="Which mapping the staged records were made with",
    )
