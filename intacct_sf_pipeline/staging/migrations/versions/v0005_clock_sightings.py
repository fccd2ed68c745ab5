"""What is known of the services' clocks, and which records bring one on hold up again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, token_type

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables, and to each watermark the sighting it was read under."""
    op.create_table(
        "clock_sightings",
        sa.Column("number", token_type(), primary_key=True, autoincrement=True, comment="Order of sighting"),
        sa.Column("side", key_text(48), nullable=False, comment="intacct or salesforce"),
        sa.Column("server_at", UtcDateTime(), nullable=False, comment="What the service's clock showed"),
        sa.Column("own_at", UtcDateTime(), nullable=False, comment="What ours showed at the same moment"),
        comment="The first look at a service's clock after it, or ours, jumped",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_clock_sightings_side", "clock_sightings", ["side", "number"])
    op.add_column("watermarks", sa.Column("sighting", sa.BigInteger(), comment="The last clock sighting before it"))
    op.create_table(
        "hold_watches",
        sa.Column("watch_id", token_type(), primary_key=True, autoincrement=True, comment="Order of noting"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("record_side", key_text(48), nullable=False, comment="Side of the record on hold"),
        sa.Column("record_key", key_text(), nullable=False, comment="Key of that record"),
        sa.Column("watched_side", key_text(48), nullable=False, comment="Side of a record on which that depends"),
        sa.Column("watched_key", key_text(), nullable=False, comment="Key of this record"),
        comment="Which records bring one on hold up again when they change: its candidates, its twins",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hold_watches_record", "hold_watches", ["entity", "record_side", "record_key"])
    op.create_index("ix_hold_watches_watched", "hold_watches", ["entity", "watched_side", "watched_key"])
    _say_when_looked_at()


def _say_when_looked_at() -> None:
    """The comment of `holds.retry_at` says more; only PostgreSQL lets a comment be changed by itself."""
    if op.get_context().dialect.name == "postgresql":
        comment = "When it is looked at again by itself, a refused write tried again; null: in every run"
        op.alter_column("holds", "retry_at", existing_type=UtcDateTime(), existing_nullable=True, comment=comment)


def downgrade() -> None:
    """Drop what was added."""
    op.drop_index("ix_hold_watches_watched", table_name="hold_watches")
    op.drop_index("ix_hold_watches_record", table_name="hold_watches")
    op.drop_table("hold_watches")
    op.drop_column("watermarks", "sighting")
    op.drop_index("ix_clock_sightings_side", table_name="clock_sightings")
    op.drop_table("clock_sightings")
