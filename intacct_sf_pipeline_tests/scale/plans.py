"""How a database would go about the statements of a tick: which of them read a table from end to end."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Engine

SMALL: Mapping[str, str] = {
    "watermarks": "one row a feed",
    "mapping_state": "one row a flow and side",
    "flows": "one row a flow",
    "leases": "one row a flow",
    "api_quotas": "one row a vendor",
}
"""Tables that may be read from end to end, since they do not grow with records or runs."""

_SCAN = re.compile(r"^SCAN (\S+)")
_VERBS = ("SELECT", "UPDATE", "DELETE", "INSERT")


def full_scans(engine: Engine, sent: Iterable[tuple[str, Any]]) -> tuple[int, list[tuple[str, str]]]:
    """How many different statements were asked about, and of these table and text of each that reads a whole table."""
    asked = {text: values for text, values in sent if text.lstrip().split()[0] in _VERBS}
    scans = _sqlite_scans if engine.dialect.name == "sqlite" else _postgresql_scans
    with engine.connect() as connection:
        little: Mapping[str, str] = SMALL
        if engine.dialect.name != "sqlite":
            # A handful of rows is read from end to end by any planner; this shows whether it has to.
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
            # Nor does it matter how it reads a table of few rows: another flow asks the same of one that has many.
            counts = connection.exec_driver_sql("SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples < 2000")
            little = {**SMALL} | dict.fromkeys(counts.scalars(), "few rows")
        found = [
            (t, text) for text, values in asked.items() for t in scans(connection, text, values) if t not in little
        ]
        connection.rollback()
    return len(asked), found


def _sqlite_scans(connection: Connection, text: str, values: Any) -> Iterator[str]:
    for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", values):
        scan = _SCAN.match(row[3])
        # A row of constants, or what an inner query found, is no table.
        if scan and scan[1] != "CONSTANT" and not scan[1].startswith(("(", "anon_", "found")):
            yield scan[1]


def _postgresql_scans(connection: Connection, text: str, values: Any) -> Iterator[str]:
    plan = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {text}", values).scalar_one()
    yield from _whole(json.loads(plan) if isinstance(plan, str) else plan)


def _whole(node: Any) -> Iterator[str]:
    if isinstance(node, Mapping):
        name = node.get("Relation Name")
        if name and (node["Node Type"] == "Seq Scan" or _unbounded(node)):
            yield str(name)
        for inner in node.values():
            yield from _whole(inner)
    elif isinstance(node, list):
        for inner in node:
            yield from _whole(inner)


def _unbounded(node: Mapping[str, Any]) -> bool:
    return node["Node Type"] in ("Index Scan", "Index Only Scan") and "Index Cond" not in node
