"""Views that answer the questions people ask in plain SQL."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Portable SQL only: no functions of one server, no casts, column order fixed.
VIEWS = {
    "v_links": """
        SELECT entity, intacct_key, salesforce_id, method, created_at, run_id FROM links
    """,
    "v_holds": """
        SELECT hold_id, entity, record_side, record_key, target, reason, fields, message, candidates,
               attempts, retry_at, since, updated_at
        FROM holds WHERE closed_at IS NULL
    """,
    "v_journal": """
        SELECT entry_id, at, entity, side, record_key, operation, field, before_value,
               after_value, "rule", reason, run_id
        FROM journal
    """,
    "v_runs": """
        SELECT r.run_id, r.kind, r.entities, r.status, r.started_at, r.finished_at,
               (SELECT COUNT(*) FROM plan_lines p
                WHERE p.run_id = r.run_id AND p.operation <> 'none') AS planned,
               (SELECT COUNT(*) FROM plan_lines p
                WHERE p.run_id = r.run_id AND p.status = 'written') AS written,
               (SELECT COUNT(*) FROM plan_lines p
                WHERE p.run_id = r.run_id AND p.status IN ('rejected', 'failed')) AS failed,
               (SELECT SUM(s.billed) FROM api_spend s
                WHERE s.run_id = r.run_id AND s.system = 'intacct') AS intacct_transactions,
               (SELECT SUM(s.billed) FROM api_spend s
                WHERE s.run_id = r.run_id AND s.system = 'salesforce') AS salesforce_calls,
               (SELECT SUM(s.seconds) FROM run_steps s WHERE s.run_id = r.run_id) AS seconds
        FROM runs r
    """,
    "v_freshness": """
        SELECT side, feed, value AS read_up_to, full_at AS read_in_full_at, updated_at FROM watermarks
    """,
    "v_api_spend": """
        SELECT system, entity, run_id, at, billed, requests FROM api_spend
    """,
}


def upgrade() -> None:
    """Create the views."""
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Drop the views."""
    for name in reversed(list(VIEWS)):
        op.execute(f"DROP VIEW {name}")
