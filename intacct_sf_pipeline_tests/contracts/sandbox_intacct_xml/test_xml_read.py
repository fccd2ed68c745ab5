"""`read`, `readByName`, the calls about user and company, and the audit trail (reference, 4.3, 4.6, 9)."""

from collections.abc import Callable

import pytest

from .gateway import Running, fields, op


def read(object_name: str, keys: str, names: str = "*", function: str = "read", rest: str = "") -> str:
    return f"<{function}><object>{object_name}</object><keys>{keys}</keys><fields>{names}</fields>{rest}</{function}>"


def test_records_come_by_number_missing_ones_silently_absent(running: Running) -> None:
    reply = running.door.request(read("contact", "2,404,1,2", "RECORDNO,CONTACTNAME")).ok()
    assert reply.data.attrib == {"listtype": "contact", "count": "2"}
    assert [record.tag for record in reply.data] == ["CONTACT", "CONTACT"]
    assert reply.rows() == [
        {"RECORDNO": "2", "CONTACTNAME": "Lea Fox"},
        {"RECORDNO": "1", "CONTACTNAME": "Mia Ray"},
    ]
    nothing = running.door.request(read("CONTACT", "404")).ok()
    assert (nothing.data.attrib, nothing.rows()) == ({"listtype": "CONTACT", "count": "0"}, [])


def test_records_come_by_natural_id(running: Running) -> None:
    reply = running.door.request(read("ITEM", "CARE,PUMP-8,NONE", "ITEMID,NAME", "readByName"))
    assert reply.rows() == [{"ITEMID": "CARE", "NAME": "Care plan"}, {"ITEMID": "PUMP-8", "NAME": "Pump 8 bar"}]
    users = running.door.request(read("USERINFO", "sync", "RECORDNO,LOGINID", "readByName")).rows()
    assert users == [{"RECORDNO": "3", "LOGINID": "sync"}]


def test_every_field_nested_with_the_contact_list(running: Running) -> None:
    record = running.door.request(read("CUSTOMER", "2")).ok().data[0]
    assert record.findtext("CONTACTINFO/EMAIL1") == "mia@harbor.example"
    assert record.findtext("DISPLAYCONTACT/MAILADDRESS/COUNTRYCODE") == "US"
    assert record.findtext("CONTACT_LIST_INFO/CATEGORYNAME") == "Support"
    assert record.findtext("CONTACT_LIST_INFO/CONTACT/NAME") == "Mia Ray"
    assert all("." not in element.tag for element in record.iter())
    assert len({child.tag for child in record}) == len(record)


@pytest.mark.parametrize(
    ("shape", "path"), [("CUSTOMERCONTACTS", "CUSTOMERCONTACTS/CUSTOMERENTITYCONTACTS/CONTACT/NAME"), ("", None)]
)
def test_the_shape_of_the_contact_list_is_a_switch(start: Callable[..., Running], shape: str, path: str | None) -> None:
    record = start({"contact_list": shape, "read_nested": False}).door.request(read("CUSTOMER", "2")).ok().data[0]
    names = [element.text for element in record.iter("NAME")]
    assert names == (["Harbor Tools", "Mia Ray"] if path else ["Harbor Tools"])
    assert path is None or record.findtext(path) == "Mia Ray"
    assert record.findtext("CONTACTINFO.EMAIL1") == "mia@harbor.example"


def test_unknown_fields_and_objects_are_told(running: Running) -> None:
    reply = running.door.request(read("CUSTOMER", "1", "NAME,HAT"), read("UNICORN", "1"))
    assert reply.error_numbers() == ["Invalid fields list HAT", "Query Failed"]


def test_at_most_100_keys(running: Running) -> None:
    running.door.request(read("CONTACT", ",".join(map(str, range(100))), "RECORDNO")).ok()
    assert running.door.request(read("CONTACT", ",".join(map(str, range(101))), "RECORDNO")).statuses == ["failure"]


def test_read_in_other_forms(running: Running) -> None:
    call = read("ITEM", "2", "ITEMID,NAME", rest="<returnFormat>json</returnFormat>")
    assert running.door.request(call).http.json() == [{"ITEMID": "CARE", "NAME": "Care plan"}]
    assert running.door.request(call.replace("json", "csv")).http.text == "ITEMID,NAME\nCARE,Care plan\n"


def test_private_records_are_read_at_the_top_and_at_home_only(running: Running) -> None:
    key = running.company.load("contact", [{"id": "Deep", "printAs": "x", "entity.id": "E100"}])[0]
    call = read("CONTACT", key, "CONTACTNAME")
    assert len(running.door.request(call).rows()) == 1
    for entity, seen in (("E100", 1), ("E200", 0)):
        auth = f"<sessionid>{running.door.open(entity)}</sessionid>"
        assert len(running.door.request(call, auth=auth).rows()) == seen


def test_the_users_formats_are_told(start: Callable[..., Running]) -> None:
    door = start({"gmt_offset": "-08:00", "date_format": "-Ymd", "clock": "12"}).door
    for named in ("<userId>sync</userId>", "<key>3</key>"):
        [told] = door.request(f"<readUserFormatting>{named}</readUserFormatting>").ok().data
        assert told.tag == "userformatting"
        assert fields(told) == {
            "recordno": "3",
            "locale": "en_US",
            "dateformat": "-Ymd",
            "gmtoffset": "-08:00",
            "clock": "12",
        }
    assert door.request("<readUserFormatting><userId>nobody</userId></readUserFormatting>").statuses == ["failure"]
    assert door.request("<readUserFormatting/>").error_numbers() == ["XL03000003"]


def test_entities_and_financial_setup(start: Callable[..., Running]) -> None:
    running = start()
    entities = running.door.request("<readEntityDetails/>").rows()
    assert [(entity["id"], entity["name"]) for entity in entities] == [("E100", "North"), ("E200", "South")]
    [setup] = running.door.request("<getFinancialSetup/>").rows()
    assert (setup["baseCurrency"], setup["multiEntityShared"]) == ("USD", "true")
    [alone] = start(entities=()).door.request("<getFinancialSetup/>").rows()
    assert alone["multiEntityShared"] == "false"


def test_permissions_lack_what_is_denied(start: Callable[..., Running]) -> None:
    running = start(denied={"accounts-receivable/customer": frozenset({"create", "delete"})})
    reply = running.door.request("<getUserPermissions><userId>sync</userId></getUserPermissions>").ok()
    rights = {one.findtext("policyName"): one.findtext("rights") for one in reply.data.iter("policy")}
    assert (rights["Customer"], rights["Contact"]) == ("List|View|Edit", "List|View|Add|Edit|Delete")


@pytest.fixture
def history(running: Running) -> Running:
    """A contact created, changed and deleted, a minute apart."""
    running.company.create("contact", {"id": "Zed", "printAs": "Zed"})
    running.clock.advance(minutes=1)
    running.company.edit("contact", "Zed", {"phone1": "1", "fax": "2"})
    running.clock.advance(minutes=1)
    running.company.delete("contact", "Zed")
    return running


def test_deletions_are_found_in_the_audit_history(history: Running) -> None:
    tests = (("equalto", "OBJECTTYPE", "contact"), ("equalto", "ACCESSMODE", "D"))
    late = op("greaterthan", "ACCESSTIME", "09/10/2026 08:01:00")
    where = f"<and>{''.join(op(*test) for test in tests)}{late}</and>"
    select = ("OBJECTKEY", "ACCESSTIME", "ACCESSMODE", "USERID", "SOURCE")
    assert history.door.query("AUDITHISTORY", *select, where=where, order="ACCESSTIME").rows() == [
        {
            "OBJECTKEY": "Zed",
            "ACCESSTIME": "09/10/2026 08:02:00",
            "ACCESSMODE": "D",
            "USERID": "user",
            "SOURCE": "ui",
        }
    ]


def test_each_action_is_one_row_with_an_id_of_its_own(history: Running) -> None:
    rows = history.door.query("AUDITHISTORY", "ID", "ACCESSMODE", order="ACCESSTIME").rows()
    assert [row["ACCESSMODE"] for row in rows] == ["C", "M", "D"]
    assert len({row["ID"] for row in rows}) == 3
    assert all(":" in row["ID"] for row in rows)


def test_read_by_query_says_the_modes_in_words(history: Running) -> None:
    def found(mode: str) -> int:
        query = f"<query>ACCESSMODE = '{mode}'</query>"
        call = f"<readByQuery><object>AUDITHISTORY</object><fields>ACCESSMODE</fields>{query}</readByQuery>"
        return len(history.door.request(call).rows())

    assert (found("Delete"), found("D")) == (1, 0)
    assert history.door.query("AUDITHISTORY", "ID", where=op("equalto", "ACCESSMODE", "Delete")).rows() == []


def test_without_the_right_the_refusal_has_no_number(start: Callable[..., Running]) -> None:
    reply = start({"audit_permission": False}).door.query("AUDITHISTORY", "ID")
    assert reply.root.find(".//error/errorno") is None
    assert "permission to view audit history" in reply.errors()[0]["description2"]


def test_the_audit_of_one_record_has_iso_stamps(history: Running) -> None:
    call = "<getAuditTrail><object>CONTACT</object><objectKey>Zed</objectKey></getAuditTrail>"
    rows = history.door.request(call).rows()
    assert [(row["accessMode"], row["accessTime"], row["source"]) for row in rows] == [
        ("create", "2026-09-10T08:00:00+00:00", "ui"),
        ("modify", "2026-09-10T08:01:00+00:00", "ui"),
        ("delete", "2026-09-10T08:02:00+00:00", "ui"),
    ]
    history.company.edit("customer", "C-71", {"notes": "x"})
    by_number = "<getAuditTrail><object>CUSTOMER</object><recordNo>1</recordNo></getAuditTrail>"
    assert [row["objectKey"] for row in history.door.request(by_number).rows()] == ["C-71"]
