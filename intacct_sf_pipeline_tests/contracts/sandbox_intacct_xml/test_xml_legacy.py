"""Legacy functions and lists: `create_customer` and its kin, `get_list`, `get_icitemtotals` (reference, 4.5, 5, 7)."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from .gateway import Reply, Running, fields
from .writing import chain

DATES = (
    "<datefrom><year>2026</year><month>1</month><day>5</day></datefrom>"
    "<dateto><year>2026</year><month>12</month><day>31</day></dateto>"
)
CUSTOMER = "<customerid>L-1</customerid><name>Old Style</name>"


def call(running: Running, text: str) -> Reply:
    return running.door.request(text)


def key(reply: Reply) -> str | None:
    return reply.ok().result.findtext("key")


def schema_fault(reply: Reply) -> str:
    assert reply.root.findtext("control/status") == "failure"
    [error] = reply.errors()
    assert error["errorno"] == "XL03000003"
    return error["description2"]


def listed(running: Running, text: str) -> list[Element]:
    return list(call(running, text).ok().data)


def test_a_customer_is_created_changed_and_deleted(running: Running) -> None:
    running.company.add_custom_field("customer", "nsp::JOB")
    display = (
        "<contactinfo><contact><contactname>Old(1)</contactname><printas>Old Style Ltd</printas>"
        "<email1>old@style.example</email1><mailaddress><address1>1 Way</address1><city>Kiel</city>"
        "<country>Germany</country></mailaddress></contact></contactinfo>"
    )
    extra = (
        "<customfields><customfield><customfieldname>JOB</customfieldname>"
        "<customfieldvalue>J-7</customfieldvalue></customfield></customfields>"
    )
    made = call(
        running,
        f"<create_customer>{CUSTOMER}<creditlimit>12.50</creditlimit><deliveryoptions>email</deliveryoptions>"
        f"<billto><contactname>Mia Ray</contactname></billto>{display}{extra}</create_customer>",
    )
    assert key(made) == "L-1"
    assert [child.tag for child in made.result] == ["status", "function", "controlid", "key"]
    names = ("creditLimit", "deliveryOptions", "contacts.billTo.id", "contacts.default.id", "nsp::JOB")
    assert list(running.company.read("customer", "L-1", *names).values()) == [12.5, "email", "Mia Ray", "Old(1)", "J-7"]
    path = "mailingAddress.isoCountryCode"
    assert running.company.read("contact", "Old(1)", "email1", path) == {"email1": "old@style.example", path: "DE"}
    assert key(call(running, '<update_customer customerid="L-1"><comments>c</comments></update_customer>')) == "L-1"
    assert running.company.read("customer", "L-1", "notes", "name") == {"notes": "c", "name": "Old Style"}
    call(running, '<delete_customer customerid="L-1"/>').ok()
    assert running.company.count("customer") == 2


def test_without_a_contact_the_customer_gets_one_of_its_own(running: Running) -> None:
    call(running, f"<create_customer>{CUSTOMER}</create_customer>").ok()
    shown = running.company.read("customer", "L-1", "contacts.default.id", "contacts.default.printAs")
    assert list(shown.values()) == ["Old Style(CL-1)", "Old Style"]


def test_a_display_contact_by_name_is_one_that_exists(running: Running) -> None:
    contact = "<contactinfo><contactname>{}</contactname></contactinfo>"
    named = f"<create_customer><customerid>{{}}</customerid><name>N</name>{contact}</create_customer>"
    call(running, named.format("L-1", "Mia Ray")).ok()
    assert running.company.read("customer", "L-1", "contacts.default.id") == {"contacts.default.id": "Mia Ray"}
    refused = call(running, named.format("L-2", "nobody"))
    assert chain(refused)[0] == ("BL03000019", "The contact nobody does not exist.")


def test_inline_contacts_are_written_with_the_customer_or_not_at_all(running: Running) -> None:
    ship = "<shipto><contact><contactname>Dock</contactname><printas>Dock</printas></contact></shipto>"
    refused = call(running, f"<create_customer>{CUSTOMER}<parentid>nobody</parentid>{ship}</create_customer>")
    assert refused.statuses == ["failure"]
    assert running.company.count("contact") == 4
    call(running, f"<create_customer>{CUSTOMER}{ship}</create_customer>").ok()
    assert running.company.read("customer", "L-1", "contacts.shipTo.id") == {"contacts.shipTo.id": "Dock"}


def test_empty_elements_clear_with_set_nulls_only(running: Running) -> None:
    running.company.edit("customer", "C-72", {"notes": "n"})
    for attribute, left in (("", "n"), (' set_nulls="true"', None)):
        call(running, f'<update_customer customerid="C-72"{attribute}><comments/></update_customer>').ok()
        assert running.company.read("customer", "C-72", "notes") == {"notes": left}


def test_a_contact_and_an_item_are_created_changed_and_deleted(running: Running) -> None:
    person = "<contactname>Jo</contactname><printas>Jo S</printas><companyname>X</companyname>"
    made = f"<create_contact>{person}</create_contact>"
    assert key(call(running, made)) == "Jo"
    call(running, '<update_contact contactname="Jo"><printas>Jo T</printas><phone1>7</phone1></update_contact>').ok()
    assert running.company.read("contact", "Jo", "printAs", "phone1", "companyName") == {
        "printAs": "Jo T",
        "phone1": "7",
        "companyName": "X",
    }
    call(running, '<delete_contact contactname="Jo"/>').ok()
    made = (
        "<create_item><itemid>I-1</itemid><name>One</name><itemtype>Inventory</itemtype><cost_method>fifo</cost_method>"
        "<base_price>9.50</base_price><whslineitems><whslineitem><whsid>WH-S</whsid></whslineitem></whslineitems></create_item>"
    )
    assert key(call(running, made)) == "I-1"
    assert running.company.read("item", "I-1", "costMethod", "sales.basePrice") == {
        "costMethod": "FIFO",
        "sales.basePrice": "9.5",
    }
    call(running, '<update_item itemid="I-1"><name>Two</name></update_item>').ok()
    call(running, '<delete_item itemid="I-1"/>').ok()
    assert running.company.count("item") == 2


def test_price_lists_and_their_entries(running: Running) -> None:
    call(running, f"<create_sopricelist><name>Shop</name>{DATES}</create_sopricelist>").ok()
    assert running.company.read("price-list", "Shop", "appliesTo", "startDate", "endDate") == {
        "appliesTo": "orderEntry",
        "startDate": "2026-01-05",
        "endDate": "2026-12-31",
    }
    entry = f"<pricelistid>Shop</pricelistid><itemid>CARE</itemid>{DATES}"
    number = key(
        call(
            running,
            f"<create_invpricelistentry>{entry}<value>19.90</value><valuetype>Actual</valuetype><fixed>true</fixed>"
            "</create_invpricelistentry>",
        )
    )
    call(running, f'<update_invpricelistentry recordno="{number}"><value>18</value></update_invpricelistentry>').ok()
    [shown] = running.door.query(
        "SOPRICELISTENTRY", "ITEMID", "VALUE", "VALUETYPE", "DATEFROM", where=by("PRICELISTID", "Shop")
    ).rows()
    assert shown == {"ITEMID": "CARE", "VALUE": "18", "VALUETYPE": "Actual", "DATEFROM": "01/05/2026"}
    assert call(running, '<delete_popricelist name="Shop"/>').statuses == ["failure"]
    call(running, f'<delete_invpricelistentry recordno="{number}"/>').ok()
    call(running, '<delete_sopricelist name="Shop"/>').ok()
    assert running.company.count("price-list") == 1


def by(field: str, value: str) -> str:
    return f"<equalto><field>{field}</field><value>{value}</value></equalto>"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<create_customer><name>N</name><customerid>L</customerid></create_customer>", "Element 'name'"),
        (
            f"<create_customer>{CUSTOMER}<status>active</status><comments>late</comments></create_customer>",
            "Element 'comments'",
        ),
        (f"<create_customer>{CUSTOMER}<NAME>N</NAME></create_customer>", "Element 'NAME'"),
        ("<create_customer><customerid>L</customerid></create_customer>", "Expected is ( name )"),
        ("<update_customer><name>N</name></update_customer>", "attribute 'customerid' is required"),
        ("<delete_contact/>", "attribute 'contactname' is required"),
        ('<delete_item itemid="X"><name/></delete_item>', "Element 'name'"),
        (f'<create_customer ignoreduplicates="yes">{CUSTOMER}</create_customer>', "'ignoreduplicates'"),
        (f"<create_customer>{CUSTOMER}<billto/></create_customer>", "Element 'billto': Missing child"),
        (f"<create_customer>{CUSTOMER}<customfields><JOB>7</JOB></customfields></create_customer>", "Element 'JOB'"),
        (
            "<create_sopricelist><name>S</name><datefrom>01/05/2026</datefrom></create_sopricelist>",
            "Element 'datefrom'",
        ),
        ("<get_list/>", "attribute 'object' is required"),
        ('<get_list object="customer"><fields><field>name</field></fields><filter/></get_list>', "Element 'filter'"),
    ],
)
def test_the_order_of_children_is_fixed(running: Running, text: str, words: str) -> None:
    assert words in schema_fault(call(running, text))


def test_a_duplicate_is_refused_or_passed_over_on_request(start: Callable[..., Running]) -> None:
    again = "<create_contact{}><contactname>Mia Ray</contactname><printas>M</printas></create_contact>"
    running, plain = start(), start(xml={"ignore_duplicates": False})
    assert chain(call(running, again.format("")))[0][0] == "BL34000061"
    assert key(call(running, again.format(' ignoreduplicates="true"'))) == "Mia Ray"
    assert running.company.read("contact", "Mia Ray", "printAs") == {"printAs": "Mia Ray"}
    assert call(plain, again.format(' ignoreduplicates="true"')).statuses == ["failure"]


def test_the_key_answered_can_be_the_record_number(start: Callable[..., Running]) -> None:
    running = start(xml={"legacy_key": "recordno"})
    assert key(call(running, f"<create_customer>{CUSTOMER}</create_customer>")) == "3"


@pytest.mark.parametrize("text", ['<delete_customer customerid="{}"/>', '<update_customer customerid="{}"/>'])
def test_what_is_not_there_is_named(running: Running, text: str) -> None:
    verb = "delete" if "delete" in text else "update"
    assert chain(call(running, text.format("L-9")))[0][1] == f"Cannot find customer with key 'L-9' to {verb}."
    external = text.format('C-71" externalkey="true')
    assert call(running, external).statuses == ["failure"]


def test_get_list_tells_its_window(running: Running) -> None:
    reply = call(running, '<get_list object="contact" start="1" maxitems="2"/>').ok()
    told = reply.result.find("listtype")
    assert told is not None
    assert (told.text, told.attrib) == ("contact", {"start": "1", "end": "2", "total": "4"})
    assert [child.tag for child in reply.data] == ["contact", "contact"]
    empty = call(running, '<get_list object="contact" start="9"/>').ok()
    assert len(empty.data) == 0


def test_get_list_filters_sorts_and_picks_fields(running: Running) -> None:
    expression = "<expression><field>{}</field><operator>{}</operator><value>{}</value></expression>"
    both = expression.format("customerid", "like", "C-7%") + expression.format("creditlimit", ">=", "2000")
    text = (
        f'<get_list object="customer"><filter><logical logical_operator="{{}}">{both}</logical></filter>'
        '<sorts><sortfield order="desc">customerid</sortfield></sorts>'
        "<fields><field>name</field><field>customerid</field></fields></get_list>"
    )
    assert [fields(row) for row in listed(running, text.format("or"))] == [
        {"customerid": "C-72", "name": "Harbor Tools"},
        {"customerid": "C-71", "name": "Blue Fern Ltd"},
    ]
    assert [row.findtext("customerid") for row in listed(running, text.format("and"))] == ["C-72"]
    since = expression.format("whenmodified", "&gt;", "08/15/2026 00:00:00")
    recent = f'<get_list object="customer"><filter>{since}</filter></get_list>'
    assert [row.findtext("customerid") for row in listed(running, recent)] == ["C-72"]


def test_get_list_refuses_what_it_does_not_know(running: Running) -> None:
    expression = "<expression><field>{}</field><operator>{}</operator><value>1</value></expression>"
    for field, operator in (("nonsense", "="), ("name", "~")):
        text = f'<get_list object="customer"><filter>{expression.format(field, operator)}</filter></get_list>'
        assert chain(call(running, text))[0][0] == "DL02000001"
    assert chain(call(running, '<get_list object="bill"/>')) == [("Query Failed", "Object definition bill not found")]


def test_price_entries_are_listed_with_split_dates_even_where_the_object_is_absent(
    start: Callable[..., Running],
) -> None:
    running = start(xml={"price_entries": False})
    assert running.door.query("INVPRICELISTENTRY", "RECORDNO").statuses == ["failure"]
    [row] = listed(running, '<get_list object="pricelistitem"/>')
    assert [child.tag for child in row][:7] == [
        "recordno", "pricelistid", "itemid", "productlineid", "item_line", "datefrom", "dateto",
    ]  # fmt: skip
    assert (row.findtext("itemid"), row.findtext("value"), row.findtext("valuetype")) == ("PUMP-8", "199", "Actual")
    assert [(part.tag, part.text) for part in row.find("datefrom") or ()] == [
        ("year", "2026"),
        ("month", "01"),
        ("day", "01"),
    ]


def test_customers_are_listed_with_contacts_and_custom_fields(running: Running) -> None:
    running.company.add_custom_field("customer", "nsp::JOB")
    running.company.edit("customer", "C-72", {"nsp::JOB": "J-1"})
    [row] = [row for row in listed(running, '<get_list object="customer"/>') if row.findtext("customerid") == "C-72"]
    assert row.findtext("primary/contact/contactname") == "Mia Ray"
    assert row.findtext("contactinfo/contact/contactname") == "Harbor Tools(CC-72)"
    assert [fields(entry) for entry in row.iter("contactitem")] == [{"category": "Support", "contactname": "Mia Ray"}]
    assert fields(row.findall("customfields/customfield")[0]) == {"customfieldname": "JOB", "customfieldvalue": "J-1"}


def test_stock_totals_by_item_and_warehouse(start: Callable[..., Running]) -> None:
    running = start(xml={"stock_quantities": False})
    reply = call(running, "<get_icitemtotals><itemid>PUMP-8</itemid></get_icitemtotals>").ok()
    totals = [fields(total) for total in reply.data.findall("icitemtotals/itemtotal")]
    assert [(total["warehouseid"], total["onhand"], total["onorder"], total["onhold"]) for total in totals] == [
        ("WH-N", "20", "5", "1"),
        ("WH-S", "11", "0", "0"),
    ]
    [south] = call(running, "<get_icitemtotals><warehouseid>WH-S</warehouseid></get_icitemtotals>").data[0]
    assert south.findtext("onhand") == "11"
    assert [row.findtext("onhand") for row in listed(running, '<get_list object="itemtotal"/>')] == ["20", "11"]
    assert (
        call(running, "<get_icitemtotals><itemid>none</itemid></get_icitemtotals>").ok().data[0].tag == "icitemtotals"
    )
