"""Write jobs: what services were given to work off by themselves, and which plan lines went with them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, long_text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

VIEW = """
    SELECT job_id, entity, side, object, operation, lines, state, processed, failed, message, opened_at, looked_at,
           closed_at, run_id
    FROM write_jobs
"""


def upgrade() -> None:
    """Add the table, its view, and to plan lines the job they went with."""
    op.create_table(
        "write_jobs",
        sa.Column("job_id", key_text(48), primary_key=True, comment="The service's own id of the job"),
        sa.Column("entity", key_text(48), nullable=False, comment="The entity"),
        sa.Column("side", key_text(48), nullable=False, comment="The side it writes to"),
        sa.Column("run_id", key_text(), nullable=False, comment="The run that made it"),
        sa.Column("object", key_text(), nullable=False, comment="The service's object"),
        sa.Column("operation", key_text(48), nullable=False, comment="create or change"),
        sa.Column("lines", sa.BigInteger(), nullable=False, comment="Plan lines in it"),
        sa.Column("state", key_text(48), nullable=False, comment="What the service called it when last asked"),
        sa.Column("processed", sa.BigInteger(), nullable=False, comment="Rows the service has been through"),
        sa.Column("failed", sa.BigInteger(), nullable=False, comment="Rows it refused"),
        sa.Column("message", long_text(), comment="Why the job failed, in the service's words"),
        sa.Column("opened_at", UtcDateTime(), nullable=False, comment="When it was made"),
        sa.Column("looked_at", UtcDateTime(), comment="When it was last asked after"),
        sa.Column("closed_at", UtcDateTime(), comment="When its results were all committed; null: under way"),
        comment="Many records handed to a service at once",
    )
    op.create_index("ix_write_jobs_open", "write_jobs", ["entity", "side", "closed_at"])
    op.add_column("plan_lines", sa.Column("job_id", key_text(48), comment="The write job it went with, if any"))
    op.add_column("plan_lines", sa.Column("job_key", key_text(), comment="What its row is known by in that job"))
    op.create_index("ix_plan_lines_job", "plan_lines", ["job_id", "job_key"])
    op.execute(f"CREATE VIEW v_jobs AS {VIEW}")


def downgrade() -> None:
    """Drop what was added."""
    op.execute("DROP VIEW v_jobs")
    op.drop_index("ix_plan_lines_job", table_name="plan_lines")
    op.drop_column("plan_lines", "job_key")
    op.drop_column("plan_lines", "job_id")
    op.drop_table("write_jobs")
