"""Spend by step, kind of call and day; what vendors last said of their allowance; views of both."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from intacct_sf_pipeline.staging.dialects import day_of
from intacct_sf_pipeline.staging.migrations.versions.v0002_views import VIEWS as EARLIER
from intacct_sf_pipeline.staging.types import UtcDateTime, key_text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NAME = 48
COLUMNS = {
    "step": "The step of the run",
    "kind": "What the calls were for: read, lookup, write, login or describe; null: not known",
    "day": "Day in UTC, as 2026-01-31",
    "local_day": "Day in the company's time zone, by which months end",
}
VIEWS = {
    "v_api_spend": """
        SELECT system, entity, run_id, at, billed, requests, step, kind, day, local_day FROM api_spend
    """,
    "v_api_spend_daily": """
        SELECT local_day, system, entity, kind, SUM(billed) AS billed, SUM(requests) AS requests
        FROM api_spend GROUP BY local_day, system, entity, kind
    """,
}


def upgrade() -> None:
    """Add the columns and the table, date what is there, and make the views anew."""
    op.execute("DROP VIEW v_api_spend")
    for name, comment in COLUMNS.items():
        op.add_column("api_spend", sa.Column(name, key_text(NAME), comment=comment))
    _date_rows()
    op.create_index("ix_api_spend_local_day", "api_spend", ["local_day", "system", "billed"])
    op.create_table(
        "api_quotas",
        sa.Column("system", key_text(NAME), primary_key=True, comment="The vendor"),
        sa.Column("used", sa.BigInteger(), nullable=False, comment="Calls used, by all clients together"),
        sa.Column("allowed", sa.BigInteger(), nullable=False, comment="Calls allowed"),
        sa.Column("at", UtcDateTime(), nullable=False, comment="When the vendor said so"),
        comment="What vendors last said of their own allowance",
    )
    for name, query in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def downgrade() -> None:
    """Drop what was added."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    op.drop_table("api_quotas")
    op.drop_index("ix_api_spend_local_day", table_name="api_spend")
    for name in reversed(COLUMNS):
        op.drop_column("api_spend", name)
    op.execute(f"CREATE VIEW v_api_spend AS {EARLIER['v_api_spend']}")


def _date_rows() -> None:
    """Rows of earlier versions get their day; the company's time zone is not known here, so it is the day in UTC."""
    day: sa.ColumnElement[str] = sa.literal_column(day_of(op.get_context().dialect.name, "at"))
    spend = sa.table("api_spend", *(sa.column(name, key_text(NAME)) for name in ("day", "local_day")))
    op.execute(sa.update(spend).values(day=day, local_day=day))
