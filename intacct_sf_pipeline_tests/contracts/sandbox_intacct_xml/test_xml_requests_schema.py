"""Calls that break the schema: each refuses the whole request with one finding, and nothing runs.

One line is one request. Source: the reference, 3.4, 4.1 to 4.3.
"""

import pytest

from .asking import ACTIVE, LIKE, movement, older, query, where
from .gateway import Running, op

SCHEMA = "XL03000003"
REFUSED_QUERIES: dict[str, tuple[str, str]] = {
    "no object": ("<query><select><field>NAME</field></select></query>", "Element 'query': Missing child element(s)"),
    "no select": ("<query><object>CUSTOMER</object></query>", "Element 'query': Missing child element(s)"),
    "empty select": (query("", ""), "Element 'select': Missing child element(s)"),
    "unknown member": (query("<where/>"), "Element 'where'"),
    "two objects": (query("<object>ITEM</object>"), "Element 'object': This element is not expected"),
    "empty filter": (query("<filter/>"), "Element 'filter': Missing child element(s)"),
    "two operators": (where(ACTIVE + LIKE), "Element 'like': This element is not expected"),
    "lone and": (query(f"<filter><and>{ACTIVE}</and></filter>"), "Element 'and': Missing child element(s)"),
    "lone or inside and, as sageintacctsdk sends it": (
        query(f"<filter><and>{ACTIVE}<or>{LIKE}</or></and></filter>"),
        "Element 'or': Missing child element(s)",
    ),
    "unknown operator": (where(op("equals", "STATUS", "active")), "Element 'equals'"),
    "operator in wrong case": (where(op("equalTo", "STATUS", "active")), "Element 'equalTo'"),
    "no value": (where(op("equalto", "STATUS")), "Expected is ( value )"),
    "two values": (where(op("equalto", "STATUS", "a", "b")), "Element 'value'"),
    "one bound": (where(op("between", "RECORDNO", "1")), "( value )"),
    "three bounds": (where(op("between", "RECORDNO", "1", "2", "3")), "Element 'value'"),
    "nothing to be in": (where(op("in", "RECORDNO")), "( value )"),
    "1001 values": (where(op("in", "RECORDNO", *map(str, range(1001)))), "Element 'value'"),
    "null with value": (where(op("isnull", "PARENTID", "x")), "Element 'value'"),
    "value before field": (
        query("<filter><equalto><value>a</value><field>STATUS</field></equalto></filter>"),
        "Element 'value': This element is not expected. Expected is ( field )",
    ),
    "empty orderby": (query("<orderby/>"), "Element 'orderby': Missing child element(s)"),
    "order without field": (query("<orderby><order><ascending/></order></orderby>"), "( field )"),
    "both directions": (
        query("<orderby><order><field>NAME</field><ascending/><descending/></order></orderby>"),
        "Element 'descending'",
    ),
    "options in wrong order": (
        query("<options><showprivate>true</showprivate><caseinsensitive>true</caseinsensitive></options>"),
        "Element 'caseinsensitive'",
    ),
    "unknown option": (query("<options><hideprivate>true</hideprivate></options>"), "Element 'hideprivate'"),
    "option no boolean": (query("<options><showprivate>1x</showprivate></options>"), "Element 'showprivate'"),
    "unknown format": (query("<options><returnformat>yaml</returnformat></options>"), "Element 'returnformat'"),
    "page of none": (query("<pagesize>0</pagesize>"), "Element 'pagesize'"),
    "page of 2001": (query("<pagesize>2001</pagesize>"), "Element 'pagesize'"),
    "page in words": (query("<pagesize>many</pagesize>"), "Element 'pagesize'"),
    "offset before the first": (query("<offset>-1</offset>"), "Element 'offset'"),
    "readByQuery with order": (
        older("", more="<orderby>ITEMID</orderby>"),
        "Element 'orderby': This element is not expected",
    ),
    "readByQuery without query": ("<readByQuery><object>ITEM</object></readByQuery>", "( query )"),
    "readByQuery page of 1001": (
        older("", more="<pagesize>1001</pagesize>"),
        "Element 'pagesize'",
    ),
    "readByQuery with the newer spelling": (
        older("", more="<returnformat>json</returnformat>"),
        "Element 'returnformat'",
    ),
    "readMore of nothing": ("<readMore/>", "Element 'readMore': Missing child element(s)"),
    "readMore of two": ("<readMore><resultId>a</resultId><object>b</object></readMore>", "Element 'object'"),
    "read without keys": ("<read><object>ITEM</object></read>", "( keys )"),
    "delete without keys": ("<delete><object>ITEM</object></delete>", "( keys )"),
    "empty create": ("<create/>", "Element 'create': Missing child element(s)"),
    "formatting of nobody": ("<readUserFormatting/>", "Element 'readUserFormatting': Missing child element(s)"),
    "legacy children in wrong order": (
        "<create_contact><printas>x</printas><contactname>x</contactname></create_contact>",
        "Element 'printas': This element is not expected",
    ),
    "legacy update without attribute": ("<update_item><name>x</name></update_item>", "'itemid' is required"),
    "get_list without object": ("<get_list/>", "The attribute 'object' is required"),
    "preferences of nothing": ("<get_companyprefs/>", "The attribute 'application' is required"),
    "preferences of an unknown application": ('<get_companyprefs application="XX"/>', "'application'"),
    "movement without lines": (movement(quantity=""), "Element 'ictransitems': Missing child element(s)"),
}


@pytest.mark.parametrize("case", REFUSED_QUERIES)
def test_a_call_that_breaks_the_schema_runs_nothing(running: Running, case: str) -> None:
    call, words = REFUSED_QUERIES[case]
    before = running.company.store.version()
    reply = running.door.request("<readEntityDetails/>", call)
    assert reply.root.findtext("control/status") == "failure"
    [error] = reply.errors()
    assert (error["errorno"], words in error["description2"]) == (SCHEMA, True), error
    assert running.company.store.version() == before
