"""Decisions of people, who can mend a hold, and which process a run or lease belongs to."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intacct_sf_pipeline.staging.migrations.versions.v0002_views import VIEWS as EARLIER
from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, long_text, token_type

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

PROCESS = "What tells that process from a later one with the same number"
ADDED = {
    "runs": ("host", "pid", "process", "detail"),
    "leases": ("process",),
    "holds": ("who", "cure", "shown"),
}
VIEWS = {
    "v_holds": """
        SELECT hold_id, entity, record_side, record_key, target, reason, fields, message, cure, who, candidates,
               attempts, retry_at, since, updated_at
        FROM holds WHERE closed_at IS NULL
    """,
    "v_decisions": """
        SELECT decision_id, entity, record_side, record_key, reason, fields, verdict, partner_key, decided_by, note,
               decided_at, closed_at, run_id
        FROM decisions
    """,
}


def upgrade() -> None:
    """Add the columns and the table, and make the views anew that show them."""
    op.execute("DROP VIEW v_holds")
    op.add_column("runs", sa.Column("host", key_text(), comment="The machine at work"))
    op.add_column("runs", sa.Column("pid", sa.BigInteger(), comment="Its process"))
    op.add_column("runs", sa.Column("process", key_text(), comment=PROCESS))
    detail = "JSON: limits overridden, the plan applied or the run undone, where there is one"
    op.add_column("runs", sa.Column("detail", long_text(), comment=detail))
    _say_crashed()
    op.add_column("leases", sa.Column("process", key_text(), comment=PROCESS))
    op.add_column("holds", sa.Column("who", key_text(48), comment="Who can mend it: sales, finance or administrator"))
    op.add_column("holds", sa.Column("cure", long_text(), comment="What to do, in words"))
    shown = "Salesforce record told of it, and a digest of what was told; null: none"
    op.add_column("holds", sa.Column("shown", key_text(), comment=shown))
    op.create_index("ix_holds_shown", "holds", ["entity", "shown"])
    _decisions()
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Drop what was added."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    op.drop_table("decisions")
    op.drop_index("ix_holds_shown", table_name="holds")
    for table, names in ADDED.items():
        for name in reversed(names):
            op.drop_column(table, name)
    op.execute(f"CREATE VIEW v_holds AS {EARLIER['v_holds']}")


def _say_crashed() -> None:
    """The comment of `runs.status` names one state more; only PostgreSQL lets a comment be changed by itself."""
    if op.get_context().dialect.name == "postgresql":
        comment = "running, done, held, failed or crashed"
        op.alter_column("runs", "status", existing_type=key_text(48), existing_nullable=False, comment=comment)


def _decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("decision_id", token_type(), primary_key=True, autoincrement=True, comment="Order of taking"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("record_side", key_text(48), nullable=False, comment="Side of the record it is about"),
        sa.Column("record_key", key_text(), nullable=False, comment="Key of that record"),
        sa.Column("reason", key_text(48), nullable=False, comment="Reason of the hold it answers"),
        sa.Column("fields", long_text(), comment="JSON list of the fields held; empty: the whole record"),
        sa.Column(
            "verdict",
            key_text(48),
            nullable=False,
            comment="link, create, ignore, take_intacct, take_salesforce or approve",
        ),
        sa.Column("partner_key", key_text(), comment="For link: key of the record on the other side"),
        sa.Column(
            "state",
            key_text(),
            comment="Digest the hold had: with another state the decision no longer holds",
        ),
        sa.Column("decided_by", key_text(), comment="Who decided, as far as known"),
        sa.Column("note", long_text(), comment="Why, in that person's words"),
        sa.Column("decided_at", UtcDateTime(), nullable=False, comment="When"),
        sa.Column(
            "closed_at", UtcDateTime(), comment="When it was carried out, withdrawn or overtaken; null: in force"
        ),
        sa.Column("run_id", key_text(), comment="The run that closed it"),
        comment="What people decided about holds",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_decisions_record", "decisions", ["entity", "record_side", "record_key", "closed_at"])
