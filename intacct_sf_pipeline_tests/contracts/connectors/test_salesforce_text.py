"""Ids, SOQL text and note bodies: pure parts of the Salesforce connector."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.salesforce.ids import full_id
from intacct_sf_pipeline.connectors.salesforce.plain_text import plain_text
from intacct_sf_pipeline.connectors.salesforce.soql import ADDRESS_ROOM, in_chunks, in_window, one_of, quoted, select
from intacct_sf_pipeline.model.windows import Window

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
SHORT = st.text(alphabet=LETTERS, min_size=15, max_size=15)


def test_check_characters_of_a_known_id() -> None:
    assert full_id("001D000000IRFma") == "001D000000IRFmaIAH"


@given(SHORT, SHORT)
def test_full_ids_differ_even_without_case_when_the_short_ones_do(one: str, other: str) -> None:
    assert full_id(full_id(one)) == full_id(one)
    assert (full_id(one).lower() == full_id(other).lower()) == (one == other)


@pytest.mark.parametrize("text", ["", "C-100", "001D000000IRFmaIAH", "001D000000-RFma", "x" * 16])
def test_what_is_no_short_id_is_left_alone(text: str) -> None:
    assert full_id(text) == text


def unquoted(literal: str) -> str:
    """Read a literal by the rules of the SOQL reference."""
    meanings = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "\\": "\\", "'": "'", '"': '"'}
    assert literal[0] == literal[-1] == "'"
    letters, result = iter(literal[1:-1]), ""
    for letter in letters:
        assert letter != "'", "an unescaped quote ends the literal early"
        result += meanings[next(letters)] if letter == "\\" else letter
    return result


@given(st.text())
def test_a_literal_reads_back_as_its_value(value: str) -> None:
    assert unquoted(quoted(value)) == value


@given(st.lists(st.text(min_size=1, max_size=300), max_size=60), st.integers(1, 20), st.integers(0, 2000))
def test_lists_are_split_so_that_every_query_fits_and_no_value_is_lost(
    values: list[str], most: int, taken: int
) -> None:
    chunks = list(in_chunks(values, most, taken=taken))
    assert [value for chunk in chunks for value in chunk] == values
    for chunk in chunks:
        assert 1 <= len(chunk) <= most
        assert len(chunk) == 1 or len(quote_plus(", ".join(map(quoted, chunk)))) + taken <= ADDRESS_ROOM


def test_a_query_is_put_together_in_order() -> None:
    window = Window(datetime(2026, 1, 5, 10, 11, 12, 900, tzinfo=UTC), datetime(2026, 1, 6, tzinfo=UTC))
    conditions = [*in_window("SystemModstamp", window), one_of("Name", ["O'Neill"])]
    assert select(("Id", "Name"), "Account", conditions, "SystemModstamp, Id") == (
        "SELECT Id, Name FROM Account"
        " WHERE SystemModstamp >= 2026-01-05T10:11:12Z AND SystemModstamp < 2026-01-06T00:00:00Z"
        " AND Name IN ('O\\'Neill') ORDER BY SystemModstamp, Id"
    )


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>Called &amp; agreed</p><p>Next: 5 &lt; 6</p>", "Called & agreed\n\nNext: 5 < 6"),
        ("Line one<br>Line two", "Line one\nLine two"),
        ("plain &#39;text&#39;", "plain 'text'"),
        ("<ul><li>a</li><li>b</li></ul>", "a\n\nb"),
        ("<style>p {}</style>kept<script>gone()</script>", "kept"),
        ("", ""),
    ],
)
def test_a_note_reads_as_plain_lines(body: str, text: str) -> None:
    assert plain_text(body) == text


@given(st.text(alphabet=st.characters(exclude_categories=("Cs", "Cc")), max_size=80))
def test_text_escaped_as_html_comes_back_unchanged_but_for_outer_blanks(text: str) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert plain_text(escaped) == text.replace("\u00a0", " ").strip()
