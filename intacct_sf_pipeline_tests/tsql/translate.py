"""A checked statement of T-SQL as PostgreSQL takes it."""

from __future__ import annotations

import re

from sqlglot import exp

BINARY_COLLATION = "Latin1_General_100_BIN2"
_TYPES = {
    exp.DataType.Type.NVARCHAR: "text",
    exp.DataType.Type.VARCHAR: "text",
    exp.DataType.Type.BIT: "int2",
    exp.DataType.Type.BOOLEAN: "int2",
    exp.DataType.Type.FLOAT: "float8",
    exp.DataType.Type.DOUBLE: "float8",
    exp.DataType.Type.DATETIME2: "timestamp",
    exp.DataType.Type.TIMESTAMP: "timestamp",
}


def translated(tree: exp.Expression, *, identity_insert: bool = False) -> str:
    """The statement for psycopg, with parameters `%(p0)s`, ..."""
    copy = tree.copy().transform(_joined).transform(_node)
    text = _quoted(copy.sql("postgres"))
    if identity_insert and isinstance(tree, exp.Insert):
        text = re.sub(r"^(INSERT INTO [^(]+\([^)]*\)) ", r"\1 OVERRIDING SYSTEM VALUE ", text)
    return text


def _quoted(text: str) -> str:
    return re.sub(r"%(?!\(p\d+\)s)", "%%", text)


def _joined(node: exp.Expression) -> exp.Expression:
    """Texts are joined by +."""
    if isinstance(node, exp.Add) and any(isinstance(part, exp.Literal) and part.is_string for part in node.flatten()):
        return exp.DPipe(this=node.this, expression=node.expression)
    return node


def _node(node: exp.Expression) -> exp.Expression:
    if isinstance(node, exp.Parameter):
        return exp.Placeholder(this=node.name)
    if isinstance(node, exp.DataType) and node.this in _TYPES:
        return exp.DataType.build(_TYPES[node.this], dialect="postgres", udt=True)
    if isinstance(node, exp.Column) and node.table in ("inserted", "deleted"):
        return exp.column(node.this.copy())
    if isinstance(node, exp.Collate):
        return node.this  # named in queries of the catalogue only
    if isinstance(node, exp.Select) and not node.args.get("from_") and _is_never(node):
        return exp.select(exp.null()).where(exp.false())
    return node


def _is_never(select: exp.Select) -> bool:
    """The subquery that SQLAlchemy writes for an empty list; its 1 takes any type on SQL Server."""
    where = select.args.get("where")
    return where is not None and where.this.sql() in ("1 <> 1", "1 != 1")
