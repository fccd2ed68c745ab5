"""What cannot be loaded is refused with file, line and column, everything found in one go."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.data.csv_order import in_levels
from intacct_sf_pipeline.sandbox.errors import DataError


def refusal(exports: Any) -> DataError:
    with pytest.raises(DataError) as caught:
        exports.loaded()
    return caught.value


@pytest.mark.parametrize(
    ("name", "text", "where", "words"),
    [
        ("salesforce/Account.csv", "Name,Colour\nA,red\n", "line 1, column Colour", "is no field of Account"),
        ("salesforce/Account.csv", "Name,Phone,phone\nA,1,2\n", "line 1, column phone", "is there twice"),
        ("salesforce/Account.csv", "Name,\nA,1\n", "line 1", "a column has no name"),
        ("salesforce/Account.csv", "Name;Phone\nA;1\n", "line 1", "commas are expected"),
        ("salesforce/Account.csv", "", "line 1", "is empty"),
        ("salesforce/Account.csv", 'Name,Phone\nA,1\nB,"2\n', "line 3", "is not well-formed CSV"),
        ("salesforce/Account.csv", "Name,Phone\nA,1\nB\n", "line 3", "has 1 cells where the header has 2"),
        ("salesforce/Account.csv", 'Name,Phone\n"A\nx",1\n,2\n', "line 4, column Name", "Required fields are missing"),
        ("salesforce/Account.csv", f"Name\nA\n{'x' * 256}\n", "line 3, column Name", "data value too large"),
        ("salesforce/Account.csv", "Name,NumberOfEmployees\nA,many\n", "line 2, column NumberOfEmployees", "many"),
        ("salesforce/Account.csv", "Id,Name\n003xx,A\n", "line 2, column Id", "MALFORMED_ID"),
        ("salesforce/Account.csv", "Name,Parent.Name\nA,A\n", "line 2, column Parent.Name", "its own ancestor"),
        ("salesforce/Contact.csv", "LastName,Email\nRay,nobody\n", "line 2, column Email", "INVALID_EMAIL_ADDRESS"),
        ("salesforce/Contact.csv", "LastName,Account.Name\nRay,X\n", "line 2, column Account.Name", "no row"),
        ("salesforce/Contact.csv", "LastName,Boss.Name\nRay,X\n", "line 1, column Boss.Name", "is no field"),
        ("salesforce/Acount.csv", "Name\nA\n", "Acount.csv", "is no object of the sandbox; known: User, Account"),
        ("intacct/customer.csv", "id,name,colour\nC,A,red\n", "line 1, column colour", "is no field of accounts-rec"),
        ("intacct/customer.csv", "id,name,status\nC,A,asleep\n", "line 2, column status", "is not one of active"),
        ("intacct/customer.csv", "id,name\nC,A\nC,B\n", "line 3, column id", "Another record with the value C"),
        ("intacct/customer.csv", "id,name,parent.id\nC,A,X\n", "line 2, column parent.id", "there is no"),
        (
            "intacct/item-warehouse-inventory.csv",
            "item.id,warehouse.id\nP,W\n",
            "line 2, column item.id",
            "there is no",
        ),
        ("intacct/customers.csv", "id\nC\n", "customers.csv", "is no object of the sandbox; known: audit-history"),
    ],
)
def test_a_bad_export_is_refused_with_its_place(exports: Any, name: str, text: str, where: str, words: str) -> None:
    file = exports.write_text(name, text)
    error = refusal(exports)
    assert error.total == 1
    assert error.findings[0].startswith(f"{file}, {where}: " if where.startswith("line") else str(file))
    assert words in error.findings[0]


def test_text_that_is_not_utf8_is_refused_with_its_line(exports: Any) -> None:
    exports.write("intacct/customer.csv", [{"id": "C-1"}, {"id": "Müller"}], encoding="latin-1", line_end="\n")
    assert refusal(exports).findings[0].endswith("line 3: is not UTF-8 text")


def test_a_directory_without_either_side_is_refused(exports: Any) -> None:
    assert "neither a folder salesforce nor a folder intacct" in str(refusal(exports))


def test_a_price_without_its_price_book_is_told_which_export_is_missing(exports: Any) -> None:
    exports.write("salesforce/Product2.csv", [{"Id": "01t5g00000AAAAA", "Name": "Pump"}])
    exports.write(
        "salesforce/PricebookEntry.csv",
        [{"Product2Id": "01t5g00000AAAAA", "Pricebook2Id": "01s5g00000AAAAA", "UnitPrice": "1"}],
    )
    (finding,) = refusal(exports).findings
    assert "line 2, column Pricebook2Id: " in finding
    assert "should be in Pricebook2.csv; the standard price book is the one with IsStandard true" in finding


def test_all_findings_come_at_once_and_not_those_that_follow_from_them(exports: Any) -> None:
    exports.write(
        "salesforce/Account.csv",
        [{"Name": "Good"}, {"Name": "x" * 300}, {"Name": "Bad", "NumberOfEmployees": "few"}],
    )
    exports.write(
        "salesforce/Contact.csv",
        [{"LastName": "Ray", "Account.Name": "Good"}, {"LastName": "Holt", "Account.Name": "Bad"}, {"LastName": None}],
    )
    exports.write("intacct/customer.csv", [{"id": "C" * 40, "name": "Far too long an id"}])
    findings = refusal(exports).findings
    assert [finding.split(": ")[0].replace(str(exports.directory) + "/", "") for finding in findings] == [
        "intacct/customer.csv, line 2, column id",
        "salesforce/Account.csv, line 3, column Name",
        "salesforce/Account.csv, line 4, column NumberOfEmployees",
        "salesforce/Contact.csv, line 4, column LastName",
    ]


def test_no_more_than_twenty_findings_are_listed(exports: Any) -> None:
    exports.write("intacct/customer.csv", [{"id": f"C{n}", "name": "A", "status": "odd"} for n in range(50)])
    error = refusal(exports)
    assert len(error.findings) == DataError.LISTED


@given(st.lists(st.none() | st.integers(0, 30), max_size=30))
def test_records_come_after_their_parents_and_circles_are_told(parents: list[int | None]) -> None:
    rows = [{"Id": str(number), "ParentId": None if up is None else str(up)} for number, up in enumerate(parents)]
    levels, circular = in_levels(rows, {"ParentId": "Id"})
    order = [position for level in levels for position in level]
    assert sorted(order + circular) == list(range(len(rows)))
    done: set[int] = set()
    for level in levels:
        for position in level:
            up = parents[position]
            assert up is None or up >= len(rows) or up in done
        done.update(level)
    for position in circular:
        assert parents[position] is not None
