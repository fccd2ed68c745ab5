"""The data dictionary: every view, table and column of the staging database and what it means, as Markdown.

It is made from the comments of the schema and of the mapping's tables, nothing else; `docs/data-dictionary.md` is its
output for the packaged mapping (`intacct-sf db dictionary`), and a test holds the two together.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Column, Table, TypeDecorator

from intacct_sf_pipeline.staging.migrations.views_0008 import VIEWS as CURRENT
from intacct_sf_pipeline.staging.schema import metadata
from intacct_sf_pipeline.staging.tables import MappingTables

_HEAD = """# Data dictionary

The staging database, as `STAGING_DATABASE_URL` names it. Made by `intacct-sf db dictionary` from the comments of the
schema; with a configuration of your own the command prints yours, custom fields included. The same comments are in the
database itself on PostgreSQL and SQL Server.

All times are UTC (on SQLite ISO text, on SQL Server `datetime2`). No password, token or key of either system is stored
anywhere here. Read the views; the tables behind them may change between versions.
"""
_VIEWS = "## Views\n\nThe same columns on all three servers. What a read-only account may see: `intacct-sf db reader`."
_TABLES = "## Tables of the engine"
_MAPPED = """## Tables that follow the mapping

Landing tables hold rows as a service told them, canonical tables the same records as they are compared, baselines what
both sides last agreed on, search tables what makes records alike."""
_WORDS = {str: "text", int: "number", float: "number", bool: "yes/no", datetime: "time", Decimal: "decimal"}


def data_dictionary(tables: MappingTables) -> str:
    """The dictionary for a mapping's tables."""
    parts = [_HEAD, _VIEWS, *_views(), _TABLES]
    parts += [_table(table) for table in sorted(metadata.sorted_tables, key=lambda table: table.name)]
    parts += [_MAPPED, *(_table(t) for t in sorted(tables.metadata.sorted_tables, key=lambda table: table.name))]
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def _views() -> Iterator[str]:
    for name, view in CURRENT.items():
        rows = [(f"`{column}`", meaning) for column, (_, meaning) in view.columns.items()]
        yield f"### {name}\n\n{view.comment}.\n\n" + _grid(("column", "meaning"), rows)


def _table(table: Table) -> str:
    rows = [(f"`{column.name}`", _kind(column), _cell(column.comment or "")) for column in table.columns]
    return f"### {table.name}\n\n{table.comment}.\n\n" + _grid(("column", "kind", "meaning"), rows)


def _kind(column: Column[object]) -> str:
    stored = column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type
    word = _WORDS[stored.python_type]
    if column.primary_key:
        return f"{word}, key"
    return word if column.nullable else f"{word}, never null"


def _grid(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
