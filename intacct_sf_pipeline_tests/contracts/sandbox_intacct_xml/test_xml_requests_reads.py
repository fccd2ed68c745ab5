"""Reads of customers, old and new, each with the customers it finds.

One line is one request. Source: the reference, 4.1 to 4.3. Clients named beside a line ask so.
"""

import pytest

from .asking import ACTIVE, STAMP, older, query, where
from .gateway import Running, fields, op

ROWS: dict[str, tuple[str, list[str]]] = {
    "everything": (query(), ["C-71", "C-72"]),
    "children in another order": (
        (
            "<query><pagesize>10</pagesize><select><field>CUSTOMERID</field></select><offset>0</offset>"
            "<object>CUSTOMER</object></query>"
        ),
        ["C-71", "C-72"],
    ),
    "object in lower case": (
        "<query><object>customer</object><select><field>CUSTOMERID</field></select></query>",
        ["C-71", "C-72"],
    ),
    "by status word": (where(ACTIVE), ["C-71", "C-72"]),
    "status letters are of the older query": (where(op("equalto", "STATUS", "T")), []),
    "equal is case sensitive": (where(op("equalto", "NAME", "harbor tools")), []),
    "unless told otherwise": (
        query(
            f"<filter>{op('equalto', 'NAME', 'harbor tools')}</filter>"
            "<options><caseinsensitive>true</caseinsensitive></options>"
        ),
        ["C-72"],
    ),
    "like with both wildcards": (where(op("like", "NAME", "H_rbor%")), ["C-72"]),
    "like escapes nothing of a regular expression": (where(op("like", "NAME", ".*")), []),
    "not like": (where(op("notlike", "NAME", "%Tools")), ["C-71"]),
    "between includes both ends": (
        where(op("between", "CUSTOMERID", "C-71", "C-72")),
        ["C-71", "C-72"],
    ),
    "between the wrong way round": (where(op("between", "CUSTOMERID", "C-72", "C-71")), []),
    "numbers compare as numbers": (where(op("equalto", "CREDITLIMIT", "2500.00")), ["C-72"]),
    "null": (where(op("isnull", "CREDITLIMIT")), ["C-71"]),
    "null is not unequal": (where(op("notequalto", "CREDITLIMIT", "1")), ["C-72"]),
    "in": (where(op("in", "CUSTOMERID", "C-72", "x")), ["C-72"]),
    "not in": (where(op("notin", "CUSTOMERID", "C-72", "x")), ["C-71"]),
    "nested": (
        where(f"<or><and>{ACTIVE}{op('equalto', 'NAME', 'x')}</and>{op('equalto', 'CUSTOMERID', 'C-71')}</or>"),
        ["C-71"],
    ),
    "by a related contact": (
        where(op("equalto", "CONTACTINFO.CONTACTNAME", "Mia Ray")),
        ["C-72"],
    ),
    "modified since, as the taps ask": (
        where(op("greaterthanorequalto", "WHENMODIFIED", STAMP)),
        ["C-71", "C-72"],
    ),
    "modified since a day": (where(op("greaterthan", "WHENMODIFIED", "08/02/2026")), ["C-72"]),
    "modified between, as tap-intacct asks": (
        query(
            f"<filter><and>{op('greaterthanorequalto', 'WHENMODIFIED', STAMP)}"
            f"{op('lessthanorequalto', 'WHENMODIFIED', '08/31/2026 00:00:00')}</and></filter>"
        ),
        ["C-71"],
    ),
    "offset past the end": (query("<offset>10</offset>"), []),
    "values in CDATA": (
        query("<filter><equalto><field>NAME</field><value><![CDATA[Harbor Tools]]></value></equalto></filter>"),
        ["C-72"],
    ),
    "readByQuery of all": (older(""), ["C-71", "C-72"]),
    "readByQuery by letter": (
        older("STATUS = 'T'"),
        ["C-71", "C-72"],
    ),
    "readByQuery by word": (older("STATUS = 'active'"), []),
    "readByQuery keywords in any case": (older("CUSTOMERID in ('C-71') Or NAME LIKE 'Harbor%'"), ["C-71", "C-72"]),
    "readByQuery not": (
        older("NOT (CUSTOMERID = 'C-71')"),
        ["C-72"],
    ),
    "readByQuery null": (
        older("CREDITLIMIT IS NOT NULL"),
        ["C-72"],
    ),
    "readByQuery escaped quote": (
        older("NAME = 'Jane\\'s'"),
        [],
    ),
    "readByQuery numbers without quotes, as the vendor's SDK writes them": (
        older("CREDITLIMIT >= 2500 AND RECORDNO NOT IN (98,99)"),
        ["C-72"],
    ),
    "readByQuery docparid, as pyintacct sends it": (
        older("", more="<fields>*</fields><pagesize>100</pagesize><docparid/>"),
        ["C-71", "C-72"],
    ),
    "by name": ("<readByName><object>CUSTOMER</object><keys>C-72</keys></readByName>", ["C-72"]),
    "by names, one unknown": (
        "<readByName><object>CUSTOMER</object><keys>C-72,C-99</keys><fields>*</fields></readByName>",
        ["C-72"],
    ),
    "by unknown name": ("<readByName><object>CUSTOMER</object><keys>C-99</keys></readByName>", []),
}


@pytest.mark.parametrize("case", ROWS)
def test_a_read_finds(running: Running, case: str) -> None:
    call, expected = ROWS[case]
    data = running.door.request(call).ok().data
    assert sorted(fields(row)["CUSTOMERID"] for row in data) == expected
    assert data.get("count") == str(len(expected))
