"""The lines of a run, and the last run that did a step, are found by index however many of either there are."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Widen one index, add another."""
    op.create_index("ix_run_steps_entity", "run_steps", ["entity", "step", "step_id"])
    op.drop_index("ix_plan_lines_run_id", table_name="plan_lines")
    op.create_index("ix_plan_lines_run", "plan_lines", ["run_id", "entity", "side", "status"])


def downgrade() -> None:
    """As it was."""
    op.drop_index("ix_run_steps_entity", table_name="run_steps")
    op.drop_index("ix_plan_lines_run", table_name="plan_lines")
    op.create_index("ix_plan_lines_run_id", "plan_lines", ["run_id"])
