"""The sheet of answers: what is written is read back; what is wrong is told with its place, and nothing is taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.engine.people.answer_sheet import COLUMNS, Answer, AnswersRefusedError, read_sheet, write_sheet
from intacct_sf_pipeline.model.errors import ConfigurationError

SHEET = "decisions.csv"


def read(text: str, encoding: str = "utf-8") -> list[Answer]:
    return read_sheet(SHEET, text.encode(encoding))


def refused(text: str) -> list[str]:
    with pytest.raises(AnswersRefusedError) as caught:
        read(text)
    return [str(refusal) for refusal in caught.value.refusals]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_spreadsheet_programs_write_is_read(separator, encoding, end):
    lines = ["Hold_Id,verdict,partner,note", '7,link,001A,"Ökohaus, as Jo said"', "8,,,", " 9 , create ,,"]
    text = end.join(line.replace(",", separator) if '"' not in line else line for line in lines)
    if separator != ",":
        text = text.replace('7,link,001A,"', f'7{separator}link{separator}001A{separator}"')
    assert read(text + end, encoding) == [
        Answer("link", "7", partner="001A", note="Ökohaus, as Jo said", place=f"{SHEET}, line 2"),
        Answer("create", "9", place=f"{SHEET}, line 4"),
    ]


def test_records_may_be_named_instead_of_numbers():
    (answer,) = read("entity,side,key,reason,verdict\naccounts,salesforce,001A,candidate_match,ignore\n")
    assert (answer.entity, answer.side, answer.key, answer.reason) == (
        "accounts", "salesforce", "001A", "candidate_match",
    )  # fmt: skip


def test_a_row_of_several_lines_is_named_by_its_first():
    answers = read('hold_id,verdict,note\n1,ignore,"two\nlines"\n2,ignore,\n')
    assert [answer.place for answer in answers] == [f"{SHEET}, line 2", f"{SHEET}, line 4"]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", f"{SHEET}: the file is empty"),
        (
            "hold_id,verdcit\n1,link\n",
            f"{SHEET}, line 1, column 2: there is no column 'verdcit' - Did you mean 'verdict'?",
        ),
        ("hold_id,verdict,verdict\n", f"{SHEET}, line 1, column 3: there are two columns 'verdict'"),
        ("verdict,note\nlink,x\n", f"{SHEET}, line 1: no column says which hold is meant"),
        ("hold_id,verdict\n1,link,x,y\n", f"{SHEET}, line 2: the row has 4 values, the header 2 columns"),
        ('hold_id,verdict\n1,"link\n', f"{SHEET}, line 2: the row cannot be read"),
    ],
)
def test_a_wrong_sheet_is_refused_with_its_place(text, told):
    assert any(refusal.startswith(told) for refusal in refused(text))


def test_text_in_another_encoding_is_refused_with_its_line():
    with pytest.raises(ConfigurationError, match=r"decisions\.csv, line 2: the file is not UTF-8 text - Save it as"):
        read("hold_id,verdict,note\n1,ignore,Ökohaus\n", "latin-1")


def test_all_mistakes_are_told_at_once():
    told = refused("hold_id,verdict\n" + "1,link,x\n" * 30)
    assert len(told) == 30
    with pytest.raises(AnswersRefusedError, match="30 mistakes, so nothing was stored") as caught:
        read("hold_id,verdict\n" + "1,link,x\n" * 30)
    assert str(caught.value).count("line ") == 20
    assert "and 10 more" in str(caught.value)


@given(
    st.lists(st.fixed_dictionaries({name: st.text(max_size=20) for name in ("hold_id", "verdict", "partner", "note")}))
)
def test_what_is_written_is_read_back(rows):
    """Text that a spreadsheet program would take for a formula is marked as text; blanks around values fall away."""
    for row in rows:
        for name, value in row.items():
            row[name] = "".join(c for c in value if c.isprintable() and c not in "=+-@").strip()
    answers = read_sheet(SHEET, write_sheet(rows))
    kept = [row for row in rows if row["verdict"]]
    assert [(a.hold_id, a.verdict, a.partner, a.note) for a in answers] == [
        (row["hold_id"], row["verdict"], row["partner"], row["note"]) for row in kept
    ]


def test_no_cell_of_an_exported_sheet_is_a_formula():
    text = write_sheet([{"hold_id": "1", "name": "=HYPERLINK(1)", "message": "-1"}]).decode("utf-8-sig")
    assert "'=HYPERLINK(1)" in text
    assert "'-1" in text
    assert text.splitlines()[0].split(",") == list(COLUMNS)
