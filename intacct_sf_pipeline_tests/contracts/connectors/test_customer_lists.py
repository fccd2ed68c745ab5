"""Contact lists as `read` shows them with their customers: every known shape, and what an entry is known by."""

from __future__ import annotations

from datetime import timedelta
from xml.etree.ElementTree import Element, fromstring

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.intacct.entry_keys import customer_of, replaced
from intacct_sf_pipeline.connectors.intacct.xml.customer_lists import Listed, entry_rows, read_listed
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.model.records import SourceRow

UTC = Formats(timedelta(0))
STAMP = "audit.modifiedDateTime"
HEAD = "<RECORDNO>7</RECORDNO><CUSTOMERID>C-7</CUSTOMERID><WHENMODIFIED>03/01/2026 09:00:00</WHENMODIFIED>"


def data(body: str) -> Element:
    return fromstring(f"<data listtype='CUSTOMER' count='1'><CUSTOMER>{HEAD}{body}</CUSTOMER></data>")


@pytest.mark.parametrize(
    ("body", "entries", "shows"),
    [
        (
            (
                "<CONTACT_LIST_INFO><CATEGORYNAME>Boss</CATEGORYNAME><CONTACT><NAME>Ada</NAME></CONTACT></CONTACT_LIST_INFO>"
                "<CONTACT_LIST_INFO><CONTACT><NAME>Bo, Bo</NAME></CONTACT></CONTACT_LIST_INFO>"
            ),
            (("Boss", "Ada"), (None, "Bo, Bo")),
            True,
        ),
        (
            (
                "<CUSTOMERCONTACTS><customerentitycontacts><RECORDNO>3</RECORDNO><CATEGORYNAME>Boss</CATEGORYNAME>"
                "<CONTACT><NAME>Ada</NAME></CONTACT></customerentitycontacts></CUSTOMERCONTACTS>"
            ),
            (("Boss", "Ada"),),
            True,
        ),
        (
            (
                "<CUSTOMERCONTACTS><CUSTOMERENTITYCONTACTS><CONTACTNAME>Ada</CONTACTNAME></CUSTOMERENTITYCONTACTS>"
                "<CUSTOMERENTITYCONTACTS><CONTACT.NAME>Bo</CONTACT.NAME></CUSTOMERENTITYCONTACTS></CUSTOMERCONTACTS>"
            ),
            ((None, "Ada"), (None, "Bo")),
            True,
        ),
        ("<CUSTOMERCONTACTS/>", (), True),
        ("<CONTACT_LIST_INFO/>", (), True),
        ("<DISPLAYCONTACT><CONTACTNAME>Ada</CONTACTNAME></DISPLAYCONTACT>", (), False),
    ],
)
def test_every_shape_of_a_list_is_understood(body, entries, shows):
    (listed,) = read_listed(data(body), UTC)
    assert (listed.key, listed.row["id"], listed.row[STAMP]) == ("7", "C-7", "2026-03-01T09:00:00Z")
    assert (listed.entries, listed.shows_list) == (entries, shows)


def test_an_entry_has_its_customers_stamp_and_one_without_a_known_contact_is_left_out():
    (listed,) = read_listed(data("<CONTACT_LIST_INFO><CONTACT><NAME>Ada</NAME></CONTACT></CONTACT_LIST_INFO>"), UTC)
    (row,) = entry_rows(listed, {"Ada": "12"})
    assert row[STAMP] == listed.row[STAMP]
    assert (row["customer.key"], row["customer.id"], row["contact.key"], row["contact.id"]) == ("7", "C-7", "12", "Ada")
    assert entry_rows(listed, {"Bo": "13"}) == []


@given(st.lists(st.tuples(st.integers(1, 10**7), st.sampled_from("ABC")), max_size=8))
def test_keys_are_unique_lead_back_to_the_customer_and_sort_by_it(pairs):
    """A contact may stand on a list twice; its first entry keeps its key whatever follows."""
    names = {name: str(number) for number, name in enumerate("ABC", 1)}
    lists = {number: tuple((None, name) for one, name in pairs if one == number) for number, _ in pairs}
    rows = [
        row
        for number, entries in lists.items()
        for row in entry_rows(Listed({"key": str(number), "id": "", STAMP: None}, entries, shows_list=True), names)
    ]
    keys = [str(row["key"]) for row in rows]
    assert len(set(keys)) == len(keys) == len(pairs)
    assert [customer_of(key) for key in keys] == [row["customer.key"] for row in rows]
    assert [int(customer_of(key)) for key in sorted(keys)] == sorted(number for number, _ in pairs)


def test_a_numbered_entry_replaces_the_one_that_had_no_number_and_no_other():
    (listed,) = read_listed(data("<CONTACT_LIST_INFO><CONTACT><NAME>Ada</NAME></CONTACT></CONTACT_LIST_INFO>"), UTC)
    (unnumbered,) = entry_rows(listed, {"Ada": "12"})
    numbered = SourceRow("41", {"customer.key": "7", "contact.key": "12"}, None)
    extent = replaced([numbered], "key")
    assert extent is not None
    assert extent.column == "key"
    assert unnumbered["key"] in extent.values
    assert "41" not in extent.values
    assert all(customer_of(key) == "7" for key in extent.values)
    assert replaced([SourceRow(str(unnumbered["key"]), dict(unnumbered), None)], "key") is None
    assert replaced([SourceRow("41", {"categoryName": "Boss"}, None)], "key") is None
