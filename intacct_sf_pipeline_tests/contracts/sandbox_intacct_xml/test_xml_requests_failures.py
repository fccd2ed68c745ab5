"""Calls that fail alone: each with its chain of errors, and without any effect.

One line is one request. Source: the reference, 3.7, 4 and 8.4.
"""

import pytest

from .asking import MIA, create, movement, older, query, where
from .gateway import Running, op

FAILURES: dict[str, tuple[str, list[str], str]] = {
    "unknown object": (
        "<query><object>NOSUCH</object><select><field>X</field></select></query>",
        ["Query Failed"],
        "Object definition NOSUCH not found",
    ),
    "unknown object of an older read": (
        older("", "NOSUCH"),
        ["Query Failed"],
        "NOSUCH",
    ),
    "unknown object to look up": ("<lookup><object>NOSUCH</object></lookup>", ["Query Failed"], "NOSUCH"),
    "unknown object to delete": (
        "<delete><object>NOSUCH</object><keys>1</keys></delete>",
        ["WS"],
        "Object definition NOSUCH not found",
    ),
    "unknown field": (query("", "<field>NAME</field><field>COLOUR</field>"), ["DL02000001"], "\n\tcustomer: [COLOUR]"),
    "star in query": (query("", "<field>*</field>"), ["DL02000001"], "customer: [*]"),
    "field in lower case": (query("", "<field>name</field>"), ["DL02000001"], "customer: [name]"),
    "unknown field in filter": (
        where(op("equalto", "COLOUR", "x")),
        ["DL02000001"],
        "customer: [COLOUR]",
    ),
    "unknown field in order": (
        query("<orderby><order><field>COLOUR</field></order></orderby>"),
        ["DL02000001"],
        "customer: [COLOUR]",
    ),
    "ISO time": (
        where(op("greaterthan", "WHENMODIFIED", "2026-01-01T00:00:00Z")),
        ["DL02000001"],
        "There was an error processing the request.",
    ),
    "day first": (
        where(op("greaterthan", "WHENMODIFIED", "31/12/2026 00:00:00")),
        ["DL02000001"],
        "",
    ),
    "word for a number": (where(op("greaterthan", "RECORDNO", "many")), ["DL02000001"], ""),
    "older query with order": (
        older("ITEMID = 'a' ORDER BY ITEMID", "ITEM"),
        ["DL02000001"],
        "",
    ),
    "older query with ISO time": (
        older("WHENMODIFIED > '2026-01-01T00:00:00'", "ITEM"),
        ["DL02000001"],
        "",
    ),
    "older query with double quotes": (
        older('ITEMID = "a"', "ITEM"),
        ["DL02000001"],
        "",
    ),
    "older query left open": (
        older("(ITEMID = 'a'", "ITEM"),
        ["DL02000001"],
        "",
    ),
    "older query with a function": (
        older("upper(ITEMID) = 'A'", "ITEM"),
        ["DL02000001"],
        "",
    ),
    "read of unknown fields": (
        "<read><object>ITEM</object><keys>1</keys><fields>ITEMID,COLOUR</fields></read>",
        ["Invalid fields list COLOUR"],
        "",
    ),
    "unknown result": ("<readMore><resultId>x</resultId></readMore>", ["readMore failed"], "resultId"),
    "101 keys": (
        f"<read><object>ITEM</object><keys>{','.join(map(str, range(101)))}</keys></read>",
        ["BL01001973"],
        "100",
    ),
    "duplicate": (
        create(MIA),
        ["BL34000061", "BL01001973"],
        "Another Contact with the given value(s) Mia Ray  already exists",
    ),
    "101 records": (create(*[MIA] * 101), ["BL01001973"], "100"),
    "customer without name": (
        create(
            "<CUSTOMER><CUSTOMERID>C-9</CUSTOMERID><DISPLAYCONTACT><PRINTAS>x</PRINTAS></DISPLAYCONTACT></CUSTOMER>"
        ),
        ["BL01001973", "BL01001973"],
        "Name",
    ),
    "customer without id": (
        create("<CUSTOMER><NAME>x</NAME><DISPLAYCONTACT><PRINTAS>x</PRINTAS></DISPLAYCONTACT></CUSTOMER>"),
        ["BL01001973", "BL01001973"],
        "Customer ID",
    ),
    "bad e-mail": (
        create("<CONTACT><CONTACTNAME>B</CONTACTNAME><PRINTAS>b</PRINTAS><EMAIL1>b</EMAIL1></CONTACT>"),
        ["BL03000018", "BL01001973"],
        "Illegal format for Contactversion : Primary Email Address",
    ),
    "unknown primary contact": (
        create(
            "<CUSTOMER><CUSTOMERID>C-9</CUSTOMERID><NAME>x</NAME><DISPLAYCONTACT><PRINTAS>x</PRINTAS></DISPLAYCONTACT><CONTACTINFO><CONTACTNAME>Nobody</CONTACTNAME></CONTACTINFO></CUSTOMER>"
        ),
        ["BL03000019", "BL01001973"],
        "Nobody",
    ),
    "unknown item type": (
        create("<ITEM><ITEMID>X</ITEMID><NAME>x</NAME><ITEMTYPE>Gadget</ITEMTYPE></ITEM>"),
        ["BL03000018", "BL01001973"],
        "Item type",
    ),
    "update of nobody": (
        "<update><CUSTOMER><CUSTOMERID>C-9</CUSTOMERID></CUSTOMER></update>",
        ["BL01001973", "BL01001973"],
        "C-9",
    ),
    "delete of nothing": (
        "<delete><object>CUSTOMER</object><keys>999</keys></delete>",
        ["BL01001973", "BL01001973"],
        "Cannot find customer with key '999' to delete.",
    ),
    "stock written directly": (
        "<update><ITEMWAREHOUSEINFO><RECORDNO>1</RECORDNO></ITEMWAREHOUSEINFO></update>",
        ["PL04000005"],
        "ITEMWAREHOUSEINFO",
    ),
    "legacy delete of nobody": (
        '<delete_customer customerid="C-9"/>',
        ["BL01001973", "BL01001973"],
        "Cannot find customer with key 'C-9' to delete.",
    ),
    "entity unknown": (
        "<getAPISession><locationid>E999</locationid></getAPISession>",
        ["Get API Session Failed"],
        "E999",
    ),
    "list of an unknown object": ('<get_list object="nosuch"/>', ["Query Failed"], "nosuch"),
    "folder for an attachment missing": (
        "<create_supdoc><supdocid>A</supdocid><supdocfoldername>F</supdocfoldername></create_supdoc>",
        ["BL01001973", "BL01001973"],
        "F",
    ),
    "movement of an unknown kind": (movement(kind="Magic"), ["BL01001973", "BL01001973"], "Magic"),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_call_fails_alone_with_its_chain(running: Running, case: str) -> None:
    call, numbers, words = FAILURES[case]
    before = running.company.store.version()
    reply = running.door.request(call, "<readEntityDetails/>")
    assert reply.statuses == ["failure", "success"]
    errors = reply.errors(reply.results[0])
    assert [error["errorno"] for error in errors] == numbers
    assert words in errors[0]["description2"]
    assert running.company.store.version() == before
