"""Nothing that only one database server understands is said outside `staging/dialects` and `staging/types`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import intacct_sf_pipeline

PACKAGE = Path(intacct_sf_pipeline.__file__).parent
ALLOWED = {
    "staging/dialects.py",
    "staging/types.py",
    "cli/doctor_database.py",  # asks a server for its own settings
    "staging/space.py",  # asks a server how much room its tables take
    "staging/glance.py",  # a SQLite file is told how long to wait
    "staging/readers.py",  # the script that makes a role that may read, per server
    "orchestration/maintenance_files.py",  # Dagster's own SQLite files
}
# The sandbox speaks the vendors' query languages, not SQL.
SERVERS_OWN = re.compile(
    r"\b(pg_\w+|information_schema|sys\.\w+|PRAGMA|sp_\w+|ON CONFLICT|RETURNING|MERGE INTO|NOLOCK|UPDLOCK|HOLDLOCK|"
    r"ROWLOCK|FOR UPDATE|ILIKE|IFNULL|ISNULL\(|GETDATE|SYSUTCDATETIME|julianday|EXTRACT\(EPOCH|NVARCHAR|TIMESTAMPTZ|"
    r"AUTOINCREMENT|@@\w+|STRING_AGG|unnest\()"
)
FORBIDDEN_NAMES = {"with_for_update", "with_hint", "on_conflict_do_update", "on_conflict_do_nothing", "prefix_with"}
SOURCES = sorted(p for p in PACKAGE.rglob("*.py") if "sandbox" not in p.parts)


def texts_outside_docstrings(tree: ast.Module) -> list[str]:
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef)
    docstrings = {id(n.body[0].value) for n in ast.walk(tree) if isinstance(n, documented) and is_text(n.body)}
    alone = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings of constants
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | alone
    ]


def is_text(body: list[ast.stmt]) -> bool:
    return bool(body) and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_statement_is_for_one_server_alone(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    if path.relative_to(PACKAGE).as_posix() not in ALLOWED:
        assert [found for text in texts_outside_docstrings(tree) if (found := SERVERS_OWN.search(text))] == []
    called = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert called & FORBIDDEN_NAMES == set()


def test_flags_are_compared_as_sql_server_can() -> None:
    """`x IS 0` is for SQLite alone; `~x` is right everywhere."""
    pattern = re.compile(r"\.is(_not)?_?\((True|False)\)")
    assert [path.name for path in SOURCES if pattern.search(path.read_text(encoding="utf-8"))] == []
