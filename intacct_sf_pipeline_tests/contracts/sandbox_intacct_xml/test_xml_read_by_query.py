"""`readByQuery` and `readMore`: grammar, letters, result sets (reference, 4.2)."""

from collections.abc import Callable
from html import escape

import pytest

from .gateway import LOGIN, Reply, Running


def read_by_query(text: str, object_name: str = "CONTACT", names: str = "RECORDNO", rest: str = "") -> str:
    asked = f"<object>{object_name}</object><fields>{names}</fields><query>{escape(text)}</query>"
    return f"<readByQuery>{asked}{rest}</readByQuery>"


def read_more(result_id: str) -> str:
    return f"<readMore><resultId>{result_id}</resultId></readMore>"


def ids(running: Running, text: str, object_name: str, name: str) -> list[str]:
    return sorted(row[name] for row in running.door.request(read_by_query(text, object_name, name)).rows())


@pytest.fixture
def crowd(start: Callable[..., Running]) -> Running:
    running = start()
    running.company.load("contact", [{"id": f"P{n}", "printAs": "x"} for n in range(25)])
    return running


def test_a_page_looks_as_observed(running: Running) -> None:
    reply = running.door.request(
        read_by_query("RECORDNO = 1", "Customer", "RECORDNO,STATUS,DISPLAYCONTACT.PHONE1")
    ).ok()
    assert reply.data.attrib == {
        "listtype": "customer",
        "count": "1",
        "totalcount": "1",
        "numremaining": "0",
        "resultId": "",
    }
    assert [record.tag for record in reply.data] == ["customer"]
    assert reply.rows() == [{"RECORDNO": "1", "STATUS": "active", "DISPLAYCONTACT.PHONE1": "555-0100"}]


def test_no_hit_is_a_success(running: Running) -> None:
    reply = running.door.request(read_by_query("CONTACTNAME = 'nobody'")).ok()
    assert (reply.data.get("totalcount"), reply.data.get("count"), reply.data.get("resultId")) == ("0", "0", "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("STATUS = 'T'", ["CARE", "PUMP-8"]),
        ("STATUS = 'active'", []),
        ("ITEMTYPE = 'I'", ["PUMP-8"]),
        ("ITEMTYPE = 'Inventory'", []),
        ("ITEMTYPE in ('I', 'NI') and not ITEMID like 'C%'", ["PUMP-8"]),
        ("ENABLE_BINS = 'F'", ["CARE", "PUMP-8"]),
        ("ENABLE_BINS = 'false'", []),
        ("STANDARD_COST > '100' AND STANDARD_COST <= 118.50", ["PUMP-8"]),
        ("STANDARD_COST is null", ["CARE"]),
        ("ITEMID = 'CARE' OR ITEMID = 'PUMP-8' AND STATUS = 'F'", ["CARE"]),
        ("(ITEMID = 'CARE' OR ITEMID = 'PUMP-8') AND STATUS = 'F'", []),
        ("NOT (ITEMID = 'CARE' OR ITEMID = 'X')", ["PUMP-8"]),
        ("WHENMODIFIED >= '09/10/2026 08:00:00'", ["CARE", "PUMP-8"]),
        ("  ", ["CARE", "PUMP-8"]),
    ],
)
def test_conditions(running: Running, text: str, found: list[str]) -> None:
    assert ids(running, text, "ITEM", "ITEMID") == found


def test_quotes_are_escaped_by_a_backslash(running: Running) -> None:
    running.company.load("contact", [{"id": "Jane's", "printAs": "x"}])
    assert ids(running, r"CONTACTNAME = 'Jane\'s'", "CONTACT", "CONTACTNAME") == ["Jane's"]


@pytest.mark.parametrize(
    "text",
    [
        "RECORDNO = ",
        "RECORDNO > 1 ORDER BY RECORDNO",
        "RECORDNO == 1",
        "RECORDNO <> 1",
        "DISPLAYCONTACT.PHONE1 = '1'",
        "upper(NAME) = 'X'",
        "NAME = 'a",
        "NAME = 'it's'",
        "SHOESIZE = 44",
        "WHENMODIFIED > '2026-08-01T00:00:00Z'",
        "RECORDNO = 'many'",
        "(" * 500 + "RECORDNO = 1" + ")" * 500,
        "NOT " * 500 + "RECORDNO = 1",
    ],
)
def test_what_is_no_condition_gives_the_general_error(running: Running, text: str) -> None:
    assert running.door.request(read_by_query(text, "CUSTOMER")).error_numbers() == ["DL02000001"]


@pytest.mark.parametrize(
    ("call", "word"),
    [
        ("<readByQuery><object>ITEM</object></readByQuery>", "readByQuery"),
        ("<readByQuery><object>ITEM</object><query/><pagesize>1001</pagesize></readByQuery>", "pagesize"),
        ("<readByQuery><object>ITEM</object><query/><orderby>NAME</orderby></readByQuery>", "orderby"),
        ("<readByQuery><object>ITEM</object><query/><returnformat>json</returnformat></readByQuery>", "returnformat"),
        ("<readMore/>", "readMore"),
        ("<readMore><object>ITEM</object><resultId>x</resultId></readMore>", "resultId"),
    ],
)
def test_schema_faults(running: Running, call: str, word: str) -> None:
    reply = running.door.request(call)
    assert set(reply.error_numbers()) == {"XL03000003"}
    assert f"'{word}'" in reply.errors()[0]["description2"]


def test_a_larger_page_can_be_allowed(start: Callable[..., Running]) -> None:
    asked = read_by_query("", rest="<pagesize>2000</pagesize>")
    assert start({"read_by_query_page": 2000}).door.request(asked).error_numbers() == []
    assert start({}).door.request(asked).error_numbers() != []


def test_read_more_gives_every_row_once_in_no_order(crowd: Running) -> None:
    reply = crowd.door.request(read_by_query("", rest="<pagesize>10</pagesize>")).ok()
    numbers: list[int] = []
    remaining = []
    while True:
        numbers += [int(row["RECORDNO"]) for row in reply.rows()]
        remaining.append(reply.data.get("numremaining"))
        if remaining[-1] == "0":
            break
        reply = crowd.door.request(read_more(reply.data.get("resultId") or ""))
    assert remaining == ["19", "9", "0"]
    assert sorted(numbers) == list(range(1, 30))
    assert numbers != sorted(numbers)
    assert reply.data.get("listtype") == "contact"


def test_read_more_by_object_goes_on_with_the_last_set(crowd: Running) -> None:
    crowd.door.request(read_by_query("", rest="<pagesize>20</pagesize>")).ok()
    assert len(crowd.door.request("<readMore><object>CONTACT</object></readMore>").rows()) == 9


def test_a_result_set_does_not_change_with_the_data(crowd: Running) -> None:
    reply = crowd.door.request(
        read_by_query("CONTACTNAME like 'P%'", names="CONTACTNAME", rest="<pagesize>5</pagesize>")
    ).ok()
    for n in range(25):
        crowd.company.delete("contact", f"P{n}")
    more = crowd.door.request(read_more(reply.data.get("resultId") or ""))
    assert (len(more.rows()), more.data.get("numremaining")) == (5, "15")


def gone(reply: Reply) -> bool:
    return reply.statuses == ["failure"] and "resultId" in reply.errors()[0]["description2"]


def test_a_result_set_ends_with_its_session(crowd: Running) -> None:
    result_id = crowd.door.request(read_by_query("", rest="<pagesize>1</pagesize>")).data.get("resultId") or ""
    other = f"<sessionid>{crowd.door.open()}</sessionid>"
    assert gone(crowd.door.request(read_more(result_id), auth=other))
    assert gone(crowd.door.request(read_more("made-up")))
    crowd.door.request(read_more(result_id)).ok()


def test_a_login_without_session_keeps_its_sets(crowd: Running) -> None:
    reply = crowd.door.request(read_by_query("", rest="<pagesize>20</pagesize>"), auth=LOGIN).ok()
    assert len(crowd.door.request(read_more(reply.data.get("resultId") or ""), auth=LOGIN).rows()) == 9


def test_the_life_of_a_result_set_can_be_shorter(start: Callable[..., Running]) -> None:
    running = start({"result_id_minutes": 5})
    reply = running.door.request(read_by_query("", rest="<pagesize>1</pagesize>")).ok()
    running.clock.advance(minutes=4)
    running.door.request(read_more(reply.data.get("resultId") or "")).ok()
    running.clock.advance(minutes=2)
    assert gone(running.door.request(read_more(reply.data.get("resultId") or "")))


def test_all_fields_dotted_or_nested(start: Callable[..., Running]) -> None:
    dotted = start().door.request(read_by_query("RECORDNO = 1", "CUSTOMER", "*")).rows()[0]
    assert dotted["DISPLAYCONTACT.PHONE1"] == "555-0100"
    nested = start({"read_by_query_nested": True}).door.request(read_by_query("RECORDNO = 1", "CUSTOMER", "*"))
    assert nested.data[0].findtext("DISPLAYCONTACT/PHONE1") == "555-0100"
    explicit = start({"read_by_query_nested": True}).door
    names = "DISPLAYCONTACT.PHONE1"
    assert explicit.request(read_by_query("RECORDNO = 1", "CUSTOMER", names)).rows() == [{names: "555-0100"}]


def test_json_and_csv_have_no_envelope(running: Running) -> None:
    call = read_by_query("ITEMID = 'CARE'", "ITEM", "ITEMID,STATUS", "<returnFormat>json</returnFormat>")
    assert running.door.request(call).http.json() == [{"ITEMID": "CARE", "STATUS": "active"}]
    assert running.door.request(call.replace("json", "csv")).http.text == "ITEMID,STATUS\nCARE,active\n"


def test_unknown_fields_to_show_are_told(running: Running) -> None:
    [error] = running.door.request(read_by_query("", "ITEM", "ITEMID,HAT,SHOE")).errors()
    assert error["errorno"] == "Invalid fields list HAT, SHOE"
