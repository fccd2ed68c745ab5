"""The function `query`: shapes, operators, options, paging, aggregates, refusals (reference, 4.1, 3.2, 3.3)."""

import csv
import io
from collections.abc import Callable

import pytest

from .gateway import Reply, Running, op

ACTIVE = op("equalto", "STATUS", "active")


def names(
    running: Running, where: str, field: str = "CONTACTNAME", object_name: str = "CONTACT", **more: str
) -> list[str]:
    return [row[field] for row in running.door.query(object_name, field, where=where, order=field, **more).rows()]


@pytest.fixture
def people(running: Running) -> Running:
    """Contacts with two prefixes, missing phones, one inactive."""
    running.company.load(
        "contact",
        [
            {"id": "a%b", "printAs": "a%b", "phone1": "1"},
            {"id": "aXb", "printAs": "AXB", "phone1": "2", "status": "inactive"},
            {"id": "zed", "printAs": "x\ny"},
        ],
    )
    return running


def test_a_page_looks_as_documented(running: Running) -> None:
    select = ("RECORDNO", "CUSTOMERID", "CREDITLIMIT", "ONHOLD", "DISPLAYCONTACT.PHONE1", "WHENMODIFIED", "TAXID")
    reply = running.door.query("customer", *select, order="RECORDNO").ok()
    assert dict(reply.data.attrib) == {
        "listtype": "CUSTOMER",
        "totalcount": "2",
        "offset": "0",
        "count": "2",
        "numremaining": "0",
    }
    assert [record.tag for record in reply.data] == ["CUSTOMER", "CUSTOMER"]
    assert reply.rows() == [
        dict(zip(select, ("1", "C-71", "", "false", "555-0100", "08/01/2026 09:30:00", ""), strict=True)),
        dict(zip(select, ("2", "C-72", "2500", "false", "", "09/10/2026 08:00:00", ""), strict=True)),
    ]


def test_no_hit_is_a_success(running: Running) -> None:
    reply = running.door.query("CUSTOMER", "RECORDNO", where=op("equalto", "CUSTOMERID", "none")).ok()
    assert reply.data.attrib == {
        "listtype": "CUSTOMER",
        "totalcount": "0",
        "offset": "0",
        "count": "0",
        "numremaining": "0",
    }
    assert reply.rows() == []


@pytest.mark.parametrize(
    ("where", "found"),
    [
        (op("equalto", "CONTACTNAME", "aXb"), ["aXb"]),
        (op("equalto", "CONTACTNAME", "AXB"), []),
        (op("notequalto", "PHONE1", "1"), ["Blue Fern Ltd(CC-71)", "aXb"]),
        (op("equalto", "STATUS", "inactive"), ["aXb"]),
        (op("equalto", "STATUS", "F"), []),
        (op("like", "CONTACTNAME", "a_b"), ["a%b", "aXb"]),
        (op("like", "CONTACTNAME", "%e%"), ["Blue Fern Ltd(CC-71)", "Lea Fox", "zed"]),
        (op("notlike", "PHONE1", "2%"), ["Blue Fern Ltd(CC-71)", "a%b"]),
        (op("like", "PRINTAS", "x%y"), ["zed"]),
        (op("in", "CONTACTNAME", "zed", "aXb", "other"), ["aXb", "zed"]),
        (op("notin", "PHONE1", "1"), ["Blue Fern Ltd(CC-71)", "aXb"]),
        (op("isnull", "PHONE1"), ["Harbor Tools(CC-72)", "Lea Fox", "Mia Ray", "zed"]),
        (op("isnotnull", "PHONE1"), ["Blue Fern Ltd(CC-71)", "a%b", "aXb"]),
        (op("between", "PHONE1", "1", "2"), ["a%b", "aXb"]),
        (op("between", "PHONE1", "2", "1"), []),
        (op("lessthan", "WHENMODIFIED", "08/01/2026 09:30:01"), ["Blue Fern Ltd(CC-71)", "Lea Fox"]),
        (op("lessthan", "WHENMODIFIED", "08/01/2026"), []),
        (op("greaterthanorequalto", "RECORDNO", "7"), ["zed"]),
        (op("in", "RECORDNO", "5", "007"), ["a%b", "zed"]),
        (op("equalto", "CONTACTNAME", ""), []),
        (
            f"<and>{op('isnotnull', 'PHONE1')}<or>{op('equalto', 'PHONE1', '1')}{ACTIVE}</or></and>",
            ["Blue Fern Ltd(CC-71)", "a%b"],
        ),
    ],
)
def test_operators(people: Running, where: str, found: list[str]) -> None:
    assert names(people, where) == found


def test_case_counts_unless_told_otherwise(people: Running) -> None:
    where = op("in", "CONTACTNAME", "ZED", "AxB")
    assert names(people, where) == []
    assert names(people, where, options="<caseinsensitive>true</caseinsensitive>") == ["aXb", "zed"]


def test_enumerations_are_words(running: Running) -> None:
    where = op("equalto", "ITEMTYPE", "Non-Inventory")
    assert running.door.query("ITEM", "ITEMID", "ITEMTYPE", where=where).rows() == [
        {"ITEMID": "CARE", "ITEMTYPE": "Non-Inventory"}
    ]


def test_dotted_paths_follow_relations(running: Running) -> None:
    select = ("ITEM.NAME", "ITEM.STANDARD_COST", "WAREHOUSE.LOCATION.NAME")
    where = f"<and>{op('equalto', 'WAREHOUSE.NAME', 'North')}{op('like', 'ITEM.ITEMID', 'PUMP%')}</and>"
    assert running.door.query("ITEMWAREHOUSEINFO", *select, where=where).rows() == [
        {"ITEM.NAME": "Pump 8 bar", "ITEM.STANDARD_COST": "118.5", "WAREHOUSE.LOCATION.NAME": "Main"}
    ]


def test_pages_are_cut_by_size_and_offset(running: Running) -> None:
    rest = "<pagesize>3</pagesize><offset>2</offset>"
    reply = running.door.query("CONTACT", "RECORDNO", order="RECORDNO", rest=rest).ok()
    assert [row["RECORDNO"] for row in reply.rows()] == ["3", "4"]
    assert (reply.data.get("count"), reply.data.get("offset"), reply.data.get("numremaining")) == ("2", "2", "0")
    reply = running.door.query("CONTACT", "RECORDNO", order="RECORDNO", rest="<pagesize>1</pagesize><offset>1</offset>")
    assert (reply.data.get("count"), reply.data.get("numremaining")) == ("1", "2")
    assert running.door.query("CONTACT", "RECORDNO", rest="<offset>99</offset>").rows() == []


def test_without_an_order_rows_come_in_none(running: Running) -> None:
    running.company.load("contact", [{"id": f"P{n}", "printAs": "x"} for n in range(50)])
    numbers = [int(row["RECORDNO"]) for row in running.door.query("CONTACT", "RECORDNO").rows()]
    assert sorted(numbers) == list(range(1, 55))
    assert numbers not in (sorted(numbers), sorted(numbers, reverse=True))


def test_several_sort_keys_and_directions(people: Running) -> None:
    keys = (("STATUS", "descending"), ("RECORDNO", "ascending"))
    order = "".join(f"<order><field>{name}</field><{direction}/></order>" for name, direction in keys)
    rows = people.door.query("CONTACT", "RECORDNO", "STATUS", rest=f"<orderby>{order}</orderby>").rows()
    assert [row["RECORDNO"] for row in rows] == ["6", "1", "2", "3", "4", "5", "7"]


def test_the_default_page_has_100_rows(running: Running) -> None:
    running.company.load("contact", [{"id": f"P{n}", "printAs": "x"} for n in range(120)])
    reply = running.door.query("CONTACT", "RECORDNO")
    assert (reply.data.get("count"), reply.data.get("totalcount"), reply.data.get("numremaining")) == (
        "100",
        "124",
        "24",
    )


def test_json_has_no_envelope_and_only_texts(running: Running) -> None:
    form = "<returnformat>json</returnformat>"
    reply = running.door.query("ITEM", "ITEMID", "STANDARD_COST", "TAXABLE", order="ITEMID", options=form)
    assert reply.http.headers["Content-Type"] == "application/json"
    assert reply.http.json() == [
        {"ITEMID": "CARE", "STANDARD_COST": "", "TAXABLE": "true"},
        {"ITEMID": "PUMP-8", "STANDARD_COST": "118.5", "TAXABLE": "true"},
    ]
    assert running.door.query("ITEM", "NAME", where=op("isnull", "ITEMID"), options=form).http.json() == []
    both = running.door.query("ITEM", "NAME", "UPC", where=op("isnull", "ITEMID"), options=form.replace("json", "csv"))
    assert both.http.text == "NAME,UPC\n"
    failed = running.door.query("NOTHING", "NAME", options=form)
    assert failed.http.headers["Content-Type"].startswith("text/xml")
    assert failed.statuses == ["failure"]


def test_csv_has_a_header_and_quotes(running: Running) -> None:
    running.company.load("contact", [{"id": 'Ray, "Mia"', "printAs": "two\nlines"}])
    form = "<returnformat>csv</returnformat>"
    where = op("like", "CONTACTNAME", "Ray%")
    reply = running.door.query("CONTACT", "RECORDNO", "CONTACTNAME", "PRINTAS", where=where, options=form)
    assert reply.http.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(reply.http.text)))
    assert rows == [["RECORDNO", "CONTACTNAME", "PRINTAS"], ["5", 'Ray, "Mia"', "two\nlines"]]


def test_aggregates_group_by_the_plain_fields(running: Running) -> None:
    select = "<field>ITEMID</field><count>RECORDNO</count><sum>ONHAND</sum><max>ONHAND</max><avg>ONHAND</avg>"
    reply = running.door.request(f"<query><object>ITEMWAREHOUSEINFO</object><select>{select}</select></query>")
    assert reply.rows() == [
        {"ITEMID": "PUMP-8", "COUNT.RECORDNO": "2", "ONHAND": "31", "MAX.ONHAND": "20", "AVG.ONHAND": "15.5"}
    ]


def test_an_aggregate_alone_is_one_row(start: Callable[..., Running]) -> None:
    where = f"<filter>{op('equalto', 'ITEMID', 'none')}</filter>"
    call = (
        f"<query><object>ITEM</object><select><count>RECORDNO</count><sum>STANDARD_COST</sum></select>{where}</query>"
    )
    reply = start({"sum_prefix": True}).door.request(call)
    assert reply.rows() == [{"COUNT.RECORDNO": "0", "SUM.STANDARD_COST": ""}]
    assert reply.data.get("totalcount") == "1"


def test_a_sum_of_texts_is_refused(running: Running) -> None:
    reply = running.door.request("<query><object>ITEM</object><select><sum>NAME</sum></select></query>")
    assert reply.error_numbers() == ["DL02000001"]


def test_unknown_fields_are_named(running: Running) -> None:
    order = "<orderby><order><field>GONE</field></order></orderby>"
    where = op("equalto", "DISPLAYCONTACT.SHOESIZE", "44")
    reply = running.door.query("CUSTOMER", "RECORDNO", "HATSIZE", where=where, rest=order)
    [error] = reply.errors()
    assert reply.statuses == ["failure"]
    assert reply.result.find("data") is None
    for name in ("HATSIZE", "DISPLAYCONTACT.SHOESIZE", "GONE"):
        assert name in error["description2"]
    assert "RECORDNO" not in error["description2"]


@pytest.mark.parametrize("name", ["recordno", "NAME ", "DISPLAYCONTACT", "*", "PARENT.PARENT.NAME"])
def test_names_are_exact(running: Running, name: str) -> None:
    statuses = running.door.query("CUSTOMER", name).statuses
    assert statuses == (["success"] if name == "NAME " else ["failure"])


@pytest.mark.parametrize(
    ("field", "literal"),
    [
        ("WHENMODIFIED", "2026-08-01T00:00:00Z"),
        ("WHENMODIFIED", "31/12/2026"),
        ("WHENMODIFIED", ""),
        ("RECORDNO", "many"),
        ("ONHOLD", "T"),
        ("CREDITLIMIT", "NaN"),
    ],
)
def test_a_literal_of_the_wrong_kind_gives_the_general_error(running: Running, field: str, literal: str) -> None:
    reply = running.door.query("CUSTOMER", "RECORDNO", where=op("equalto", field, literal))
    assert reply.error_numbers() == ["DL02000001"]
    assert reply.errors()[0]["description2"] == "There was an error processing the request."


def test_an_unknown_object_is_told(start: Callable[..., Running]) -> None:
    reply = start({"empty_data_on_failure": True}).door.query("UNICORN", "RECORDNO")
    assert reply.error_numbers() == ["Query Failed"]
    assert reply.errors()[0]["description2"] == "Object definition UNICORN not found"
    assert reply.data.get("totalcount") == "0"


def test_missing_rights_are_told(start: Callable[..., Running]) -> None:
    running = start(denied={"accounts-receivable/customer": frozenset({"read"})})
    for call in (
        "<query><object>CUSTOMER</object><select><field>NAME</field></select></query>",
        "<readByQuery><object>CUSTOMER</object><query/></readByQuery>",
        "<read><object>CUSTOMER</object><keys>1</keys></read>",
    ):
        assert running.door.request(call).error_numbers() == ["PL04000005"]


SCHEMA_FAULTS = [
    ("<object>ITEM</object>", "Missing child element(s). Expected is ( select )"),
    ("<object>ITEM</object><select/>", "Element 'select'"),
    ("<object>ITEM</object><select><fields>NAME</fields></select>", "Element 'fields'"),
    ("<select><field>NAME</field></select>", "Expected is ( object )"),
    ("<object>ITEM</object><object>ITEM</object><select><field>NAME</field></select>", "Element 'object'"),
    ("{}<filter/>", "Element 'filter'"),
    ("{}<filter>" + ACTIVE + ACTIVE + "</filter>", "Element 'equalto'"),
    ("{}<filter><and>" + ACTIVE + "</and></filter>", "Element 'and'"),
    ("{}<filter><and>" + ACTIVE + "<or>" + ACTIVE + "</or></and></filter>", "Element 'or'"),
    ("{}<filter><equalto><field>NAME</field></equalto></filter>", "Element 'equalto'"),
    ("{}<filter>" + op("equalto", "NAME", "a", "b") + "</filter>", "Element 'value': This element is not expected"),
    ("{}<filter>" + op("between", "NAME", "a") + "</filter>", "Element 'between'"),
    ("{}<filter>" + op("isnull", "NAME", "a") + "</filter>", "Element 'value': This element is not expected"),
    ("{}<filter>" + op("in", "NAME") + "</filter>", "Element 'in'"),
    ("{}<filter>" + op("in", "NAME", *"x" * 1001) + "</filter>", "Element 'value': This element is not expected"),
    ("{}<filter><equalto><value>a</value><field>NAME</field></equalto></filter>", "Element 'value'"),
    ("{}<filter>" + op("greater", "NAME", "a") + "</filter>", "Element 'greater'"),
    ("{}<orderby/>", "Element 'orderby'"),
    ("{}<orderby><order><ascending/><field>NAME</field></order></orderby>", "Element 'ascending'"),
    (
        "{}<options><showprivate>true</showprivate><caseinsensitive>true</caseinsensitive></options>",
        "'caseinsensitive'",
    ),
    ("{}<options><showprivate>1</showprivate></options>", "xs:boolean"),
    ("{}<options><returnformat>pdf</returnformat></options>", "Element 'returnformat'"),
    ("{}<pagesize>0</pagesize>", "Element 'pagesize'"),
    ("{}<pagesize>2001</pagesize>", "Element 'pagesize'"),
    ("{}<pagesize>ten</pagesize>", "Element 'pagesize'"),
    ("{}<offset>-1</offset>", "Element 'offset'"),
]


@pytest.mark.parametrize(("inside", "word"), SCHEMA_FAULTS)
def test_what_the_schema_forbids_stops_the_whole_request(running: Running, inside: str, word: str) -> None:
    call = inside.replace("{}", "<object>ITEM</object><select><field>NAME</field></select>")
    reply = running.door.request(f"<query>{call}</query>", "<readEntityDetails/>")
    assert set(reply.error_numbers()) == {"XL03000003"}
    assert any(word in error["description2"] for error in reply.errors()), reply.errors()
    assert reply.results == []


def test_the_largest_page_and_list_of_values_are_taken(running: Running) -> None:
    where = op("in", "NAME", "Pump 8 bar", *"x" * 999)
    assert len(running.door.query("ITEM", "NAME", where=where, rest="<pagesize>2000</pagesize>").rows()) == 1


def test_operators_side_by_side_can_be_let_pass(start: Callable[..., Running]) -> None:
    where = op("like", "ITEMID", "%") + op("equalto", "ITEMTYPE", "Inventory")
    rows = start({"bad_filter_siblings": False}).door.query("ITEM", "ITEMID", where=where).rows()
    assert rows == [{"ITEMID": "PUMP-8"}]


def test_private_records_are_shown_on_demand(running: Running) -> None:
    company = running.company
    company.load("contact", [{"id": "Deep", "printAs": "Deep", "entity.id": "E100"}])
    where = op("equalto", "CONTACTNAME", "Deep")

    def seen(reply: Reply) -> int:
        return len(reply.rows())

    assert seen(running.door.query("CONTACT", "RECORDNO", where=where)) == 0
    private = "<showprivate>true</showprivate>"
    shown = running.door.query("CONTACT", "MEGAENTITYID", where=where, options=private).rows()
    assert shown == [{"MEGAENTITYID": "E100"}]
    running.door.session = running.door.open("E100")
    assert seen(running.door.query("CONTACT", "RECORDNO", where=where)) == 1
    running.door.session = running.door.open("E200")
    assert seen(running.door.query("CONTACT", "RECORDNO", where=where, options=private)) == 0


def test_both_doors_show_the_same_data(running: Running) -> None:
    running.company.edit("customer", "C-71", {"name": "Green Fern", "contacts.default.phone1": "1"})
    running.company.add_custom_field("customer", "nsp::JOB")
    running.company.edit("customer", "C-71", {"nsp::JOB": "plumber"})
    where = op("equalto", "CUSTOMERID", "C-71")
    rows = running.door.query("CUSTOMER", "NAME", "DISPLAYCONTACT.PHONE1", "JOB", where=where).rows()
    assert rows == [{"NAME": "Green Fern", "DISPLAYCONTACT.PHONE1": "1", "JOB": "plumber"}]


def test_text_that_xml_cannot_hold_is_replaced(running: Running) -> None:
    running.company.edit("item", "CARE", {"name": "a\x07b<&>é"})
    assert running.door.query("ITEM", "NAME", where=op("equalto", "ITEMID", "CARE")).rows() == [{"NAME": "a?b<&>é"}]
