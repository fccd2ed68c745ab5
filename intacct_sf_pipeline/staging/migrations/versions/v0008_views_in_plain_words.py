"""Views with the keys of both systems, ages and plain words; which link a flow goes by; when a journal entry lost its
values.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SetColumnComment

from intacct_sf_pipeline.staging.migrations.versions.v0002_views import VIEWS as OF_0002
from intacct_sf_pipeline.staging.migrations.versions.v0003_decisions_and_processes import VIEWS as OF_0003
from intacct_sf_pipeline.staging.migrations.versions.v0004_write_jobs import VIEW as OF_0004
from intacct_sf_pipeline.staging.migrations.versions.v0006_spend_by_kind import VIEWS as OF_0006
from intacct_sf_pipeline.staging.migrations.views_0008 import VIEWS, View, select_of
from intacct_sf_pipeline.staging.types import UtcDateTime, key_text, long_text

revision = "0008"
down_revision = "0006"
branch_labels = None
depends_on = None

EARLIER = OF_0002 | OF_0003 | OF_0006 | {"v_jobs": OF_0004}


def upgrade() -> None:
    """Add the table and the column, and make all views anew."""
    for name in EARLIER:
        op.execute(f"DROP VIEW {name}")
    op.create_table(
        "flows",
        sa.Column("entity", key_text(48), primary_key=True, comment="The flow"),
        sa.Column("link_entity", key_text(48), nullable=False, comment="The flow whose links it goes by; often itself"),
        sa.Column("title", long_text(), comment="What it keeps in agreement"),
        comment="The flows of the mapping, for the views",
    )
    dropped = "When retention dropped both values; null: they are here"
    op.add_column("journal", sa.Column("dropped_at", UtcDateTime(), comment=dropped))
    server = op.get_context().dialect.name
    for name, view in VIEWS.items():
        op.execute(f"CREATE VIEW {name} AS {select_of(view, server)}")
        if server == "postgresql":
            _say(name, view)


def downgrade() -> None:
    """Put the views back as they were, and drop what was added."""
    for name in VIEWS:
        op.execute(f"DROP VIEW {name}")
    op.drop_column("journal", "dropped_at")
    op.drop_table("flows")
    for name, query in EARLIER.items():
        op.execute(f"CREATE VIEW {name} AS {query}")


def _say(name: str, view: View) -> None:
    """Column comments of a view; only PostgreSQL has them on views by the same statement as on tables."""
    table = sa.Table(
        name, sa.MetaData(), *(sa.Column(column, comment=told[1]) for column, told in view.columns.items())
    )
    for column in table.columns:
        op.execute(SetColumnComment(column))
