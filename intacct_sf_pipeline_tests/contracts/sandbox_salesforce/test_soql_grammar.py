"""The SOQL grammar: trees survive text, escapes are exact, and what is not SOQL is refused."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse
from intacct_sf_pipeline.sandbox.salesforce.soql.strings import BadEscapeError, read_pattern, read_text
from intacct_sf_pipeline_tests.effort import tries

from .soql_text import KEYWORDS, PATTERNS, QUERIES, quoted, render


@settings(max_examples=tries(150), deadline=None)
@given(QUERIES)
def test_every_tree_survives_its_text(query: ast.Query) -> None:
    assert parse(render(query)) == query


@settings(max_examples=tries(100), deadline=None)
@given(QUERIES, st.sampled_from(["upper", "lower"]), st.sampled_from(["  ", "\n", "\t \r\n"]))
def test_keywords_have_no_case_and_blanks_no_length(query: ast.Query, case: str, blank: str) -> None:
    text = render(query)
    pieces = re.split(r"('(?:[^'\\]|\\.)*')", text, flags=re.DOTALL)
    for index in range(0, len(pieces), 2):
        words = re.split(r"(\w+)", pieces[index])
        words = [getattr(w, case)() if w.lower() in KEYWORDS else w for w in words]
        pieces[index] = "".join(words).replace(" ", blank)
    assert parse("".join(pieces)) == query


@given(st.text())
def test_escaped_text_reads_back_unchanged(text: str) -> None:
    assert read_text(quoted(text)) == text


@given(st.text(max_size=20))
def test_unicode_escapes_read_as_their_characters(text: str) -> None:
    basic = "".join(c for c in text if ord(c) < 0x10000)
    assert read_text("'" + "".join(f"\\u{ord(c):04x}" for c in basic) + "'") == basic


@given(PATTERNS)
def test_patterns_keep_wildcards_and_literal_signs_apart(pattern: ast.Pattern) -> None:
    query = ast.Query(
        (ast.SelectItem(ast.FieldRef(("Id",))),),
        ast.FieldRef(("Account",)),
        where=ast.Comparison(ast.FieldRef(("Name",)), "LIKE", pattern),
    )
    assert parse(render(query)) == query


@pytest.mark.parametrize("sequence", ["\\q", "\\_", "\\%", "\\x41", "\\u12", "\\u12g4", "\\0"])
def test_other_backslashes_are_errors(sequence: str) -> None:
    with pytest.raises(BadEscapeError):
        read_text(f"'{sequence}'")


def test_percent_and_underscore_are_escaped_in_like_only() -> None:
    assert read_pattern(r"'50\%\_%'") == ast.Pattern(("50%_", ast.Wildcard(any_run=True)))


@pytest.mark.parametrize(
    "statement",
    [
        "",
        "SELECT",
        "SELECT FROM Account",
        "SELECT Id Account",
        "SELECT Id FROM Account WHERE",
        "SELECT Id FROM Account WHERE Name",
        "SELECT Id FROM Account WHERE Name = ",
        'SELECT Id FROM Account WHERE Name = "Acme"',
        "SELECT Id FROM Account WHERE Name = 'Acme",
        "SELECT Id FROM Account WHERE Name == 'Acme'",
        "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
        "SELECT Id FROM Account WHERE Id IN ()",
        "SELECT Id FROM Account WHERE Name = :name",
        "SELECT Id FROM Account WHERE Name LIKE 5",
        "SELECT Id FROM Account LIMIT ten",
        "SELECT Id FROM Account LIMIT -1",
        "SELECT Id FROM Account ORDER BY",
        "SELECT * FROM Account",
        "SELECT Id FROM Account; DROP",
        "SELECT Id FROM Account WHERE Name = 'a\\q'",
        "DELETE FROM Account",
        "SELECT Id, FROM Account",
    ],
)
def test_what_is_not_soql_is_malformed(statement: str) -> None:
    with pytest.raises(ApiError) as refusal:
        parse(statement)
    assert refusal.value.code == "MALFORMED_QUERY"
    assert refusal.value.status == 400


def test_an_error_points_at_its_place() -> None:
    with pytest.raises(ApiError) as refusal:
        parse("SELECT Id FROM Account WHERE Name == 'x'")
    _, line, caret, place, message = refusal.value.message.split("\n")
    assert line[caret.index("^") :].startswith("= 'x'")
    assert place == "ERROR at Row:1:Column:36"
    assert message == "unexpected token: '='"


def code_of(statement: str) -> str:
    """The error code a statement gives, or `parsed`."""
    try:
        parse(statement)
    except ApiError as refusal:
        return refusal.code
    return "parsed"


@given(st.text(alphabet="SELCTFROMWHAND idname=<>'\\()%,.0123456789", max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert code_of(text) in ("MALFORMED_QUERY", "parsed")


def test_lengths_are_limited() -> None:
    for statement in (
        "SELECT Id FROM Account WHERE Name = '" + "x" * 4_001 + "'",
        "SELECT Id FROM Account WHERE Name IN (" + ",".join(["'xxxxxxxx'"] * 10_000) + ")",
    ):
        with pytest.raises(ApiError) as refusal:
            parse(statement)
        assert refusal.value.code == "MALFORMED_QUERY"
    assert parse("SELECT Id FROM Account WHERE Name = '" + "x" * 4_000 + "'")
