"""CREATE, ALTER and DROP: carried out on PostgreSQL with SQL Server's types, and noted in the catalogue.

Each function gives the statements to run, in order, as (text, parameters).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from . import rules
from .parse import Parsed
from .translate import BINARY_COLLATION, translated

Step = tuple[str, dict[str, Any]]
_T = exp.DataType.Type
_NUMBERS = {
    _T.BIGINT: ("bigint", 127, 8), _T.INT: ("integer", 56, 4), _T.BIT: ("int2", 104, 1), _T.BOOLEAN: ("int2", 104, 1),
    _T.FLOAT: ("float8", 62, 8), _T.DOUBLE: ("float8", 62, 8), _T.DECIMAL: ("numeric", 108, 13),
    _T.DATETIME2: ("timestamp", 42, 8), _T.TIMESTAMP: ("timestamp", 42, 8),
}  # fmt: skip
_TEXT = {_T.NVARCHAR: (231, 2), _T.VARCHAR: (167, 1)}
_NOTE = (
    "INSERT INTO sys.columns (object_id, name, column_id, system_type_id, user_type_id, is_nullable, max_length,"
    " precision, scale, collation_name, is_identity) SELECT o.object_id, %(name)s::text,"
    " 1 + COALESCE((SELECT max(c.column_id) FROM sys.columns c WHERE c.object_id = o.object_id), 0),"
    " %(kind)s, %(kind)s, %(nullable)s,"
    " %(length)s, %(precision)s, %(scale)s, %(collation)s, %(identity)s FROM sys.objects o WHERE o.name = %(table)s"
)
_NOTE_INDEX = (
    "INSERT INTO sys.indexes (object_id, name, index_id, type, is_unique, is_primary_key, is_unique_constraint)"
    " SELECT o.object_id, %(name)s::text,"
    " 1 + COALESCE((SELECT max(i.index_id) FROM sys.indexes i WHERE i.object_id = o.object_id), 0),"
    " %(type)s, %(unique)s, %(primary)s, %(constraint)s FROM sys.objects o WHERE o.name = %(table)s"
)
_NOTE_KEY = (
    "INSERT INTO sys.index_columns (object_id, index_id, column_id, key_ordinal)"
    " SELECT i.object_id, i.index_id, c.column_id, %(ordinal)s FROM sys.indexes i"
    " JOIN sys.objects o ON o.object_id = i.object_id JOIN sys.columns c ON c.object_id = i.object_id"
    " WHERE o.name = %(table)s AND i.name = %(index)s AND c.name = %(column)s"
)
_FORGET = (
    "DELETE FROM sys.index_columns WHERE object_id IN (SELECT object_id FROM sys.objects WHERE name = %(table)s)",
    "DELETE FROM sys.indexes WHERE object_id IN (SELECT object_id FROM sys.objects WHERE name = %(table)s)",
    "DELETE FROM sys.columns WHERE object_id IN (SELECT object_id FROM sys.objects WHERE name = %(table)s)",
    "DELETE FROM sys.extended_properties WHERE major_id IN (SELECT object_id FROM sys.objects WHERE name = %(table)s)",
    "DELETE FROM sys.objects WHERE name = %(table)s",
)


@dataclass(frozen=True)
class Known:
    """What the catalogue says: size in bytes and nullability of columns by table, columns that are in an index."""

    sizes: Mapping[str, Mapping[str, int]]
    nullable: Mapping[str, frozenset[str]]
    indexed: Mapping[str, frozenset[str]]


@dataclass(frozen=True)
class _Column:
    name: str
    sql: str
    note: dict[str, Any]

    @property
    def size(self) -> int:
        return int(self.note["length"])


def is_definition(parsed: Parsed) -> bool:
    """Whether it is for this module."""
    return isinstance(parsed.tree, (exp.Create, exp.Alter, exp.Drop, exp.TruncateTable))


def steps(parsed: Parsed, known: Known) -> Iterator[Step]:
    """What to run for a definition."""
    tree = parsed.tree
    rules.check_names(parsed, tree.find_all(exp.Identifier))
    if isinstance(tree, exp.TruncateTable):
        for table in tree.expressions:
            yield f'TRUNCATE "{table.name}" RESTART IDENTITY', {}
    elif isinstance(tree, exp.Create) and tree.kind == "TABLE":
        yield from _create_table(parsed, tree)
    elif isinstance(tree, exp.Create) and tree.kind == "INDEX":
        yield from _create_index(parsed, tree, known)
    elif isinstance(tree, exp.Create) and tree.kind == "VIEW":
        rules.check(Parsed(tree.expression, parsed.text, 0), {})
        yield f'CREATE VIEW "{tree.this.name}" AS {translated(tree.expression)}', {}
        yield "INSERT INTO sys.objects (name, type) VALUES (%(table)s, 'V')", {"table": tree.this.name}
    elif isinstance(tree, exp.Drop):
        yield from _drop(parsed, tree)
    elif isinstance(tree, exp.Alter):
        yield from _alter(parsed, tree, known)
    else:
        raise parsed.refuse("a definition that the stand-in does not know")


def _create_table(parsed: Parsed, tree: exp.Create) -> Iterator[Step]:
    table = tree.this.this.name
    parts = tree.this.expressions
    columns = {part.name: _column(parsed, table, part) for part in parts if isinstance(part, exp.ColumnDef)}
    sizes = {name: column.size for name, column in columns.items()}
    lines = [column.sql for column in columns.values()]
    keys: list[tuple[str, list[str], bool]] = []
    for part in parts:
        if isinstance(part, exp.ColumnDef):
            continue
        inner = part.expressions[0] if isinstance(part, exp.Constraint) else part
        primary = isinstance(inner, exp.PrimaryKey)
        names = [item.name for item in (inner.expressions if primary else inner.this.expressions)]
        name = part.name if isinstance(part, exp.Constraint) else f"PK__{table}"
        rules.check_key(parsed, table, names, sizes, clustered=primary)
        for column in names:
            if columns[column].note["nullable"]:
                raise parsed.refuse(f"{column} is unique and nullable: SQL Server takes one NULL only")
        kind = "PRIMARY KEY" if primary else "UNIQUE"
        lines.append(f'CONSTRAINT "{name}" {kind} ({_list(names)})')
        keys.append((name, names, primary))
    yield f'CREATE TABLE "{table}" ({", ".join(lines)})', {}
    yield "INSERT INTO sys.objects (name, type) VALUES (%(table)s, 'U')", {"table": table}
    for column in columns.values():
        yield _NOTE, column.note
    for name, names, primary in keys:
        yield from _note_index(table, name, names, unique=True, primary=primary, constraint=not primary)


def _column(parsed: Parsed, table: str, node: exp.ColumnDef) -> _Column:
    kind, constraints = node.kind, [item.kind for item in node.constraints]
    collation = next((item.this.name for item in constraints if isinstance(item, exp.CollateColumnConstraint)), None)
    counting = (exp.GeneratedAsIdentityColumnConstraint, exp.AutoIncrementColumnConstraint)
    identity = any(isinstance(item, counting) for item in constraints)
    required = any(
        isinstance(item, exp.NotNullColumnConstraint) and not item.args.get("allow_null") for item in constraints
    )
    for item in constraints:
        if isinstance(item, exp.DefaultColumnConstraint):
            raise parsed.refuse("a default without a name could not be dropped later")
    note = {"table": table, "name": node.name, "nullable": int(not required), "identity": int(identity)}
    note |= {"precision": 0, "scale": 0, "collation": None}
    sizes = [item.name for item in kind.expressions]
    if kind.this in _TEXT:
        number, width = _TEXT[kind.this]
        if not sizes:
            raise parsed.refuse(f"{node.name}: text without a length has one letter")
        if collation not in (None, BINARY_COLLATION):
            raise parsed.refuse(f"collation {collation}")
        length = -1 if sizes[0].upper() == "MAX" else int(sizes[0])
        note |= {"kind": number, "length": length if length < 0 else width * length}
        note["collation"] = collation or "SQL_Latin1_General_CP1_CI_AS"
        sql = f'"{node.name}" bpchar COLLATE "C"'
        sql += f' CHECK (dbo.utf16("{node.name}"::text) <= {length})' if length >= 0 else ""
    elif kind.this in _NUMBERS:
        name, number, size = _NUMBERS[kind.this]
        note |= {"kind": number, "length": size}
        if number == 108:
            note |= {"precision": int(sizes[0]), "scale": int(sizes[1])}
        if number == 42:
            note["scale"] = int(sizes[0]) if sizes else 7
        shown = f"({', '.join(sizes)})" if sizes and name in ("numeric", "timestamp") else ""
        sql = f'"{node.name}" {name}{shown}'
    else:
        raise parsed.refuse(f"type {kind.sql('tsql')} of {node.name}")
    sql += " GENERATED ALWAYS AS IDENTITY" if identity else ""
    return _Column(node.name, sql + (" NOT NULL" if required else ""), note)


def _create_index(parsed: Parsed, tree: exp.Create, known: Known) -> Iterator[Step]:
    index = tree.this
    table, name = index.args["table"].name, index.name
    ordered = index.args["params"].args["columns"]
    names = [item.this.name for item in ordered]
    rules.check_key(parsed, table, names, known.sizes.get(table, {}), clustered=False)
    unique = bool(tree.args.get("unique"))
    if unique and set(names) & known.nullable.get(table, frozenset()):
        raise parsed.refuse("a unique index on a nullable column: SQL Server takes one NULL only")
    yield f'CREATE {"UNIQUE " if unique else ""}INDEX "{name}" ON "{table}" ({_list(names)})', {}
    yield from _note_index(table, name, names, unique=unique, primary=False, constraint=False)


def _note_index(
    table: str, name: str, names: list[str], *, unique: bool, primary: bool, constraint: bool
) -> Iterator[Step]:
    note = {"table": table, "name": name, "type": 1 if primary else 2}
    yield _NOTE_INDEX, note | {"unique": int(unique), "primary": int(primary), "constraint": int(constraint)}
    for ordinal, column in enumerate(names, 1):
        yield _NOTE_KEY, {"table": table, "index": name, "column": column, "ordinal": ordinal}


def _drop(parsed: Parsed, tree: exp.Drop) -> Iterator[Step]:
    kind, target = tree.args["kind"], tree.args["tables"][0].name
    if kind == "INDEX":
        name = target
        yield f'DROP INDEX "{name}"', {}
        found = "SELECT object_id, index_id FROM sys.indexes WHERE name = %(name)s"
        yield f"DELETE FROM sys.index_columns WHERE (object_id, index_id) IN ({found})", {"name": name}
        yield "DELETE FROM sys.indexes WHERE name = %(name)s", {"name": name}
        return
    if kind not in ("TABLE", "VIEW"):
        raise parsed.refuse(f"DROP {kind}")
    yield f'DROP {kind} "{target}"', {}
    for text in _FORGET:
        yield text, {"table": target}


def _alter(parsed: Parsed, tree: exp.Alter, known: Known) -> Iterator[Step]:
    table = tree.this.name
    for action in tree.args["actions"]:
        if isinstance(action, exp.ColumnDef):
            column = _column(parsed, table, action)
            yield f'ALTER TABLE "{table}" ADD COLUMN {column.sql}', {}
            yield _NOTE, column.note
        elif isinstance(action, exp.Drop) and action.args["kind"] == "COLUMN":
            name = action.args["tables"][0].name
            if name in known.indexed.get(table, frozenset()):
                raise parsed.refuse(f"column {name} is still in an index (Msg 5074)")
            yield f'ALTER TABLE "{table}" DROP COLUMN "{name}"', {}
            forget = "DELETE FROM sys.columns c USING sys.objects o WHERE o.object_id = c.object_id"
            yield f"{forget} AND o.name = %(table)s AND c.name = %(name)s", {"table": table, "name": name}
        else:
            raise parsed.refuse(f"ALTER TABLE ... {action.sql('tsql')}")


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
