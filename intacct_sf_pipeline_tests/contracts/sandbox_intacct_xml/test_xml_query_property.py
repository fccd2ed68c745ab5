"""Whatever filter a client sends, `query` and `readByQuery` find what a plain Python filter finds."""

import re
from collections.abc import Callable
from html import escape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline_tests.effort import tries

from .gateway import Door, Running, op

PHONES = ["", "1", "2", "22", "x_y", "%", "A", "a", "É", "O'Hara", "back\\slash"]
MOMENTS = ["2026-01-01T00:00:00Z", "2026-03-29T01:59:59Z", "2026-12-31T23:59:59Z"]
STATES = ["active", "inactive"]
OFFSET_HOURS = -7

Row = dict[str, str | None]
Tree = tuple[str, ...] | tuple[str, list["Tree"]]

texts = st.sampled_from([phone for phone in PHONES if phone])
moments = st.sampled_from(["12/31/2025 17:00:00", "01/01/2026", "03/28/2026 18:59:59", "12/31/2026 16:59:59"])
compares = st.one_of(
    st.tuples(
        st.sampled_from(["equalto", "notequalto", "lessthan", "greaterthanorequalto", "like", "notlike"]),
        st.just("PHONE1"),
        texts,
    ),
    st.tuples(
        st.sampled_from(["lessthan", "lessthanorequalto", "greaterthan"]),
        st.just("RECORDNO"),
        st.integers(0, 12).map(str),
    ),
    st.tuples(
        st.sampled_from(["equalto", "lessthan", "lessthanorequalto", "greaterthan"]), st.just("WHENMODIFIED"), moments
    ),
    st.tuples(st.sampled_from(["isnull", "isnotnull"]), st.just("PHONE1")),
    st.tuples(st.sampled_from(["equalto", "notequalto"]), st.just("STATUS"), st.sampled_from(STATES)),
    st.lists(texts, min_size=1, max_size=4).map(lambda values: ("in", "PHONE1", *values)),
    st.lists(texts, min_size=1, max_size=4).map(lambda values: ("notin", "PHONE1", *values)),
    st.tuples(st.just("between"), st.just("PHONE1"), texts, texts),
)
trees = st.recursive(
    compares,
    lambda inner: st.tuples(st.sampled_from(["and", "or"]), st.lists(inner, min_size=2, max_size=3)),
    max_leaves=6,
)


@pytest.fixture(scope="module")
def people() -> list[Row]:
    """Every combination of phone and state, in turn modified at one of the moments."""
    combined = [(phone, state) for phone in PHONES for state in STATES]
    return [
        {"id": f"P{place}", "phone1": phone or None, "status": state, "modified": MOMENTS[place % 3], "key": str(place)}
        for place, (phone, state) in enumerate(combined, start=1)
    ]


@pytest.fixture
def loaded(start: Callable[..., Running], people: list[Row]) -> Running:
    running = start({"gmt_offset": f"-{abs(OFFSET_HOURS):02}:00"})
    contacts = running.company.store["company-config/contact"]
    for key in list(contacts.rows):
        contacts.remove(key)
    rows = [
        {
            "id": row["id"],
            "printAs": "x",
            "phone1": row["phone1"],
            "status": row["status"],
            "audit.modifiedDateTime": row["modified"],
            "key": row["key"],
        }
        for row in people
    ]
    running.company.load("contact", rows)
    return running


def as_filter(tree: Tree) -> str:
    """A tree as the inside of `filter`."""
    name, *rest = tree
    if isinstance(rest[0], list):
        return f"<{name}>{''.join(as_filter(part) for part in rest[0])}</{name}>"
    return op(name, str(rest[0]), *(str(value) for value in rest[1:]))


def holds(tree: Tree, row: Row) -> bool:
    """What a tree means for a row, said as plainly as possible."""
    name, *rest = tree
    if isinstance(rest[0], list):
        return (all if name == "and" else any)(holds(part, row) for part in rest[0])
    field, *values = (str(part) for part in rest)
    value = {"PHONE1": row["phone1"], "STATUS": row["status"], "RECORDNO": row["key"], "WHENMODIFIED": row["modified"]}[
        field
    ]
    if name in ("isnull", "isnotnull"):
        return (value is None) is (name == "isnull")
    return value is not None and compare(name, field, value, values)


def compare(name: str, field: str, value: str, values: list[str]) -> bool:
    """An operator on a value that is there."""
    if name in ("like", "notlike"):
        pattern = re.escape(values[0]).replace("%", ".*").replace("_", ".")
        return bool(re.fullmatch(pattern, value)) is (name == "like")
    left: object = int(value) if field == "RECORDNO" else value
    right = [int(text) if field == "RECORDNO" else utc(text) if field == "WHENMODIFIED" else text for text in values]
    outcomes = {
        "equalto": lambda: left == right[0],
        "notequalto": lambda: left != right[0],
        "lessthan": lambda: left < right[0],
        "lessthanorequalto": lambda: left <= right[0],
        "greaterthan": lambda: left > right[0],
        "greaterthanorequalto": lambda: left >= right[0],
        "between": lambda: right[0] <= left <= right[-1],
        "in": lambda: left in right,
        "notin": lambda: left not in right,
    }
    return outcomes[name]()


def utc(text: str) -> str:
    """A literal in the user's offset as UTC, worked out without the sandbox's code."""
    from datetime import datetime, timedelta

    local = datetime.strptime(text if " " in text else text + " 00:00:00", "%m/%d/%Y %H:%M:%S")  # noqa: DTZ007
    return (local - timedelta(hours=OFFSET_HOURS)).strftime("%Y-%m-%dT%H:%M:%SZ")


def found(door: Door, where: str) -> list[str]:
    rows = door.query("CONTACT", "CONTACTNAME", where=where, order="RECORDNO", rest="<pagesize>2000</pagesize>").rows()
    return [row["CONTACTNAME"] for row in rows]


def test_query_finds_what_a_plain_filter_finds(loaded: Running, people: list[Row]) -> None:
    @settings(max_examples=tries(120), deadline=None)
    @given(tree=trees)
    def check(tree: Tree) -> None:
        assert found(loaded.door, as_filter(tree)) == [row["id"] for row in people if holds(tree, row)]

    check()


COMPARATORS = {
    "equalto": "=",
    "lessthan": "<",
    "lessthanorequalto": "<=",
    "greaterthan": ">",
    "greaterthanorequalto": ">=",
}
LETTERS = {"active": "T", "inactive": "F"}


def quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def as_text(tree: Tree) -> str:
    """A tree as the text of a `readByQuery` condition; operators it does not have are spelled out."""
    name, *rest = tree
    if isinstance(rest[0], list):
        return "(" + f" {name.upper()} ".join(as_text(part) for part in rest[0]) + ")"
    field, *values = (str(part) for part in rest)
    if field == "STATUS":
        values = [LETTERS[value] for value in values]
    literals = [value if field == "RECORDNO" else quoted(value) for value in values]
    if name in ("isnull", "isnotnull"):
        return f"{field} IS {'NOT ' if name == 'isnotnull' else ''}NULL"
    if name in ("in", "notin"):
        return f"{field} {'not ' if name == 'notin' else ''}in ({', '.join(literals)})"
    if name in ("like", "notlike"):
        return f"{field} {'not ' if name == 'notlike' else ''}like {literals[0]}"
    if name == "between":
        return f"({field} >= {literals[0]} AND {field} <= {literals[1]})"
    if name == "notequalto":
        return f"NOT {field} = {literals[0]}"
    return f"{field}{COMPARATORS[name]}{literals[0]}"


def test_read_by_query_finds_what_a_plain_filter_finds(loaded: Running, people: list[Row]) -> None:
    @settings(max_examples=tries(120), deadline=None)
    @given(tree=trees)
    def check(tree: Tree) -> None:
        asked = f"<object>CONTACT</object><fields>CONTACTNAME</fields><query>{escape(as_text(tree))}</query>"
        call = f"<readByQuery>{asked}</readByQuery>"
        rows = loaded.door.request(call).rows()
        assert sorted(row["CONTACTNAME"] for row in rows) == sorted(
            str(row["id"]) for row in people if holds(tree, row)
        )

    check()


def test_paging_by_key_gives_every_row_once(loaded: Running, people: list[Row]) -> None:
    @settings(max_examples=20, deadline=None)
    @given(size=st.integers(1, 30))
    def check(size: int) -> None:
        last, seen = 0, []
        while True:
            where = op("greaterthan", "RECORDNO", str(last))
            rows = loaded.door.query(
                "CONTACT", "RECORDNO", where=where, order="RECORDNO", rest=f"<pagesize>{size}</pagesize>"
            ).rows()
            seen += [row["RECORDNO"] for row in rows]
            if len(rows) < size:
                break
            last = int(rows[-1]["RECORDNO"])
        assert seen == [row["key"] for row in people]

    check()
