"""What public clients ask of this gateway, as a whole: estuary's source, the taps, further functions of the SDKs."""

import pytest

from .asking import STAMP, movement, query
from .gateway import LOGIN, USER, Reply, Running, fields, op


def sync_like_estuary(running: Running) -> list[Reply]:
    """What estuary's source-sage-intacct asks, in its order: user, formatting, model, pages as JSON, deletions."""
    door = running.door
    user = door.request(
        f"<readByName><object>USERINFO</object><keys>{USER}</keys><fields>RECORDNO</fields></readByName>"
    )
    number = fields(user.data[0])["RECORDNO"]
    names = "".join(f"<field>{name}</field>" for name in ("RECORDNO", "CUSTOMERID", "WHENMODIFIED"))
    page = (
        "<orderby><order><field>WHENMODIFIED</field><ascending/></order></orderby>"
        "<options><returnformat>json</returnformat></options><pagesize>2000</pagesize>"
    )
    deleted = (
        "<query><object>AUDITHISTORY</object><select><field>OBJECTKEY</field><field>ACCESSTIME</field><field>ID</field>"
        f"</select><filter><and>{op('equalto', 'OBJECTTYPE', 'customer')}{op('equalto', 'ACCESSMODE', 'D')}"
        f"{op('greaterthan', 'ACCESSTIME', STAMP)}</and></filter><orderby><order><field>ACCESSTIME</field>"
        "<ascending /></order></orderby><options><returnformat>json</returnformat></options>"
        "<pagesize>2000</pagesize></query>"
    )
    return [
        user,
        door.request(f"<readUserFormatting><key>{number}</key></readUserFormatting>"),
        door.request("<lookup><object>CUSTOMER</object></lookup>"),
        door.request(query(f"<filter>{op('greaterthan', 'WHENMODIFIED', STAMP)}</filter>{page}", names)),
        door.request(deleted),
    ]


def test_the_requests_of_estuary_are_answered_as_it_reads_them(running: Running) -> None:
    running.company.delete("customer", "C-71")
    user, formatting, model, rows, deleted = sync_like_estuary(running)
    assert user.data[0].tag == "USERINFO"
    told = formatting.data.find("userformatting")
    assert told is not None
    assert {name: told.findtext(name) for name in ("locale", "dateformat", "gmtoffset", "clock")} == {
        "locale": "en_US",
        "dateformat": "/mdY",
        "gmtoffset": "+00:00",
        "clock": "24",
    }
    assert all(field.findtext("ID") and field.findtext("DATATYPE") for field in model.data.iter("Field"))
    for reply in (rows, deleted):
        assert reply.http.headers["Content-Type"] == "application/json"
    assert [row["CUSTOMERID"] for row in rows.http.json()] == ["C-72"]
    assert [row["OBJECTKEY"] for row in deleted.http.json()] == ["C-71"]


def test_a_refused_json_query_comes_as_xml(running: Running) -> None:
    reply = running.door.request(query("<options><returnformat>json</returnformat></options>", "<field>NOPE</field>"))
    assert reply.http.headers["Content-Type"].startswith("text/xml")
    assert reply.error_numbers() == ["DL02000001"]


@pytest.mark.parametrize(
    "unit",
    [
        "CUSTOMER",
        "ITEM",
        "CONTACT",
        "WAREHOUSE",
        "INVPRICELIST",
        "INVPRICELISTENTRY",
        "ITEMWAREHOUSEINFO",
        "LOCATIONENTITY",
        "VENDOR",
        "EMPLOYEE",
        "DEPARTMENT",
        "CLASS",
        "PROJECT",
        "LOCATION",
    ],
)
def test_every_field_that_lookup_names_can_be_read_by_query(running: Running, unit: str) -> None:
    """As the taps do: they ask for all of them."""
    names = [
        field.findtext("ID") or ""
        for field in running.door.request(f"<lookup><object>{unit}</object></lookup>").ok().data.iter("Field")
    ]
    reply = running.door.query(unit, *names, options="<showprivate>true</showprivate>")
    assert {row.tag for row in reply.ok().data} <= {unit}
    assert all(set(fields(row)) == set(names) for row in reply.data)


def test_an_inventory_transaction_moves_stock_and_counts_once(running: Running) -> None:
    reply = running.door.request(movement("4"), movement("1", "Inventory Adjustment Decrease")).ok()
    keys = [result.findtext("key") or "" for result in reply.results]
    assert [key.rpartition("-")[0] for key in keys] == ["Inventory Receipt", "Inventory Adjustment Decrease"]
    assert running.company.read("item", "PUMP-8", "quantityOnHand") == {"quantityOnHand": "34"}
    assert running.company.transactions.records_written == 2


@pytest.mark.parametrize(
    "bad",
    [
        movement("0"),
        movement("-1"),
        movement("1.5"),
        movement("x"),
        movement("1", item="CARE"),
        movement("1", warehouse="WH-X"),
    ],
)
def test_an_inventory_transaction_that_cannot_be_moves_nothing(running: Running, bad: str) -> None:
    two_lines = movement("4").replace(
        "</ictransitems>", bad.partition("<ictransitems>")[2].partition("</ictransitems>")[0] + "</ictransitems>"
    )
    assert running.door.request(two_lines).statuses == ["failure"]
    assert running.company.read("item", "PUMP-8", "quantityOnHand") == {"quantityOnHand": "31"}


def file_named(name: str) -> str:
    return (
        f"<attachments><attachment><attachmentname>{name}</attachmentname><attachmenttype>txt</attachmenttype>"
        "<attachmentdata>YQ==</attachmentdata></attachment></attachments>"
    )


def test_attachments_are_kept_in_folders_and_grow(running: Running) -> None:
    made = running.door.request(
        "<create_supdocfolder><supdocfoldername>F</supdocfoldername></create_supdocfolder>",
        "<create_supdoc><supdocid>A-1</supdocid><supdocname>Paper</supdocname><supdocfoldername>F</supdocfoldername>"
        f"{file_named('one')}</create_supdoc>",
        "<update_supdoc><supdocid>A-1</supdocid><supdocdescription>d</supdocdescription>"
        f"{file_named('two')}</update_supdoc>",
        "<update><CUSTOMER><CUSTOMERID>C-71</CUSTOMERID><SUPDOCID>A-1</SUPDOCID></CUSTOMER></update>",
        '<get_list object="supdoc"><filter><expression><field>supdocid</field><operator>=</operator>'
        "<value>A-1</value></expression></filter></get_list>",
        '<delete_supdocfolder key="F"/>',
    )
    assert made.statuses == ["success"] * 5 + ["failure"]
    [shown] = made.results[4].iter("supdoc")
    assert [file.findtext("attachmentname") for file in shown.iter("attachment")] == ["one", "two"]
    assert running.company.read("customer", "C-71", "attachment.id") == {"attachment.id": "A-1"}
    assert running.company.read("attachment", "A-1", "folder.id", "description") == {
        "folder.id": "F",
        "description": "d",
    }


def test_a_front_that_ends_tls_is_named_by_https(running: Running) -> None:
    reply = running.door.post(running.door.body("<getAPISession/>", auth=LOGIN), Host="api.books.example")
    assert reply.data.findtext("api/endpoint", "").startswith("https://api.books.example/")
