"""Strict YAML: every value knows its place, and every trap of the format is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.model.findings import ConfigurationFileError, Finding
from intacct_sf_pipeline.model.yaml_tree import FASTEST, Plain, Tree, parse_tree, read_tree

# YAML reads the old line ends (NEL, LS, PS) as blanks or line feeds, whoever wrote them.
TEXT = st.text(st.characters(exclude_characters="\x85\u2028\u2029", codec="utf-8"), max_size=12)
SCALARS = st.one_of(TEXT, st.booleans(), st.none())
VALUES: st.SearchStrategy[Plain] = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXT, inner, max_size=3)),
    max_leaves=12,
)


@given(value=st.dictionaries(TEXT, VALUES, min_size=1, max_size=4), flow=st.booleans())
def test_what_a_yaml_writer_writes_is_read_back(value: dict[str, Plain], flow: bool) -> None:
    text = yaml.safe_dump(value, allow_unicode=True, default_flow_style=flow, sort_keys=False)
    assert parse_tree(text, "my.yaml").plain() == value


@given(names=st.lists(st.from_regex(r"\A[a-z]{2,6}_\Z"), min_size=1, max_size=8, unique=True), gap=st.integers(0, 3))
def test_every_value_knows_its_line(names: list[str], gap: int) -> None:
    text = "".join(f"{name}: 1\n" + "\n" * gap for name in names)
    tree = parse_tree(text, "my.yaml")
    assert [tree.at((name,)).mark.line for name in names] == [1 + number * (gap + 1) for number in range(len(names))]


def test_a_path_that_leads_nowhere_ends_at_the_last_place_on_it() -> None:
    tree = parse_tree("a:\n  - b: 1\n    c: 2\n", "my.yaml")
    assert str(tree.at(("a", 0, "c")).mark) == "my.yaml:3:5"
    assert tree.at(("a", 0, "missing")).mark == tree.at(("a", 0)).mark
    assert tree.at(("a", 7)).mark == tree.at(("a",)).mark


def test_unquoted_values_are_what_they_look_like() -> None:
    tree = parse_tree(
        'time: 07:00\nid: 007\nflag: true\nnothing:\nquoted: "true"\ndate: 2027-01-01\nbig: 1_000\n', "my.yaml"
    )
    assert tree.plain() == {
        "time": "07:00",
        "id": "007",
        "flag": True,
        "nothing": None,
        "quoted": "true",
        "date": "2027-01-01",
        "big": "1_000",
    }


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("a: 1\nb:\n\t- c\n", "3:1", "a tab"),
        ("a: 1\nb: [1, 2\nc: 3\n", "3:2", "not valid YAML"),
        ("a: 1\na: 2\n", "2:1", "given twice, first in line 1"),
        ("a: {b: 1, b: 2}\n", "1:11", "given twice"),
        ("a: &x 1\nb: *x\n", "1:4", "anchors"),
        ("a: !!python/object:os.system x\n", "1:4", "tag"),
        ("a: !secret x\n", "1:4", "tag"),
        ("a: 1\n---\nb: 2\n", "2:1", "second document"),
        ("a: 1\nb: no\n", "2:4", "without quotes"),
        ("a: [x, Yes]\n", "1:8", "without quotes"),
        ("[a, b]: 1\n", "1:1", "plain text"),
        ("", "1:1", "empty"),
        ("# nothing but a remark\n", "1:1", "empty"),
        ("a: " + "[" * 40 + "]" * 40, "1:19", "nested more than"),
    ],
)
def test_each_trap_is_refused_with_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(ConfigurationFileError, match=what) as caught:
        parse_tree(text, "my.yaml")
    assert str(caught.value.findings[0].mark) == f"my.yaml:{place}"
    assert caught.value.findings[0].cure


def test_a_quoted_word_is_allowed() -> None:
    assert parse_tree('country: "NO"\nanswer: "yes"\n', "my.yaml").plain() == {"country": "NO", "answer": "yes"}


@given(text=st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_place(text: str) -> None:
    try:
        marks = [parse_tree(text, "my.yaml").mark]
    except ConfigurationFileError as error:
        marks = [finding.mark for finding in error.findings]
    assert marks
    assert all(mark.file == "my.yaml" and mark.line >= 1 and mark.column >= 1 for mark in marks)


# Left out: a remark stuck to the sign of a block (libyaml allows it) and an empty document (it places that elsewhere).
MARKS = st.sampled_from((*"a1 -:?&*!'\"#%@{}[],\n", "\n  ", ": ", "- ", "no", "ü", "\U0001f600", "\t", "\r\n", "|\n "))


@given(text=st.lists(MARKS, max_size=24).map("".join))
def test_libyaml_and_the_parser_in_python_read_alike(text: str) -> None:
    assert read_by(FASTEST, text) == read_by(yaml.SafeLoader, text)


def read_by(loader: type[yaml.SafeLoader], text: str) -> Tree | tuple[Finding, ...]:
    """What `loader` makes of `text`."""
    try:
        return parse_tree(text, "my.yaml", loader)
    except ConfigurationFileError as error:
        return error.findings


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationFileError, match="cannot be read"):
        read_tree(tmp_path / "missing.yaml")
    with pytest.raises(ConfigurationFileError, match="cannot be read"):
        read_tree(tmp_path)
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("version: 1\n# Größe".encode("latin-1"))
    with pytest.raises(ConfigurationFileError, match="not UTF-8"):
        read_tree(latin)


def test_a_byte_order_mark_and_windows_line_ends_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "windows.yaml"
    file.write_bytes("version: 1\r\nsize: groß\r\n".encode("utf-8-sig"))
    assert read_tree(file).plain() == {"version": "1", "size": "groß"}
