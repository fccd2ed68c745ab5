"""Nothing that only one database server understands is said outside `staging/dialects` and `staging/types`."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

import intacct_sf_pipeline

PACKAGE = Path(intacct_sf_pipeline.__file__).parent
ALLOWED = {
    *(path.relative_to(PACKAGE).as_posix() for path in PACKAGE.glob("staging/dialects/*.py")),
    "staging/types.py",
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
    docstrings = {id(text) for n in ast.walk(tree) if isinstance(n, documented) for text in first_text(n.body)}
    alone = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}  # docstrings of constants
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | alone
    ]


def first_text(body: list[ast.stmt]) -> list[ast.expr]:
    first = body[0] if body else None
    return [first.value] if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) else []


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
