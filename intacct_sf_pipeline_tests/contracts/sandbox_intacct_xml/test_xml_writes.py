"""`create`, `update`, `delete`: what they take and answer, what the REST door sees of it (reference, 5, 7, 8)."""

from collections.abc import Callable

import pytest

from .gateway import Running, op
from .writing import chain, contact, create, customer, delete, item, numbers, record, update, written


def test_created_records_are_listed_by_number_and_natural_key_only(running: Running) -> None:
    reply = running.door.request(create(customer("C-1"), item("I-1"), contact("Jo Smith"))).ok()
    assert written(reply.result) == [
        ("customer", {"RECORDNO": "3", "CUSTOMERID": "C-1"}),
        ("item", {"RECORDNO": "3", "ITEMID": "I-1"}),
        ("contact", {"RECORDNO": "6", "CONTACTNAME": "Jo Smith"}),
    ]
    assert running.company.read("item", "I-1", "name", "costMethod", "itemType") == {
        "name": "Item I-1",
        "costMethod": "average",
        "itemType": "inventory",
    }


def test_what_xml_writes_the_rest_door_reads(running: Running) -> None:
    running.company.add_custom_field("customer", "nsp::JOB")
    address = {"ADDRESS1": "1 Quay", "CITY": "Kiel", "ZIP": "24103", "COUNTRY": "Germany", "COUNTRYCODE": "DE"}
    display = {"PRINTAS": "Acme Inc", "EMAIL1": "a@acme.example", "TAXABLE": "false", "MAILADDRESS": address}
    running.door.request(
        create(
            record(
                "CUSTOMER",
                {
                    "CUSTOMERID": "C-1",
                    "NAME": "Acme & Sons",
                    "DISPLAYCONTACT": display,
                    "STATUS": "inactive",
                    "CREDITLIMIT": "1234.56",
                    "PARENTID": "C-71",
                    "ONHOLD": "true",
                    "DELIVERY_OPTIONS": "Print#~#E-Mail",
                    "BILLTO": {"CONTACTNAME": "Mia Ray"},
                    "HIDEDISPLAYCONTACT": "true",
                    "JOB": "J-7",
                },
            )
        )
    ).ok()
    assert running.company.read(
        "customer",
        "C-1",
        "name",
        "status",
        "creditLimit",
        "parent.id",
        "isOnHold",
        "deliveryOptions",
        "contacts.billTo.id",
        "contacts.default.id",
        "contacts.default.printAs",
        "contacts.default.mailingAddress.isoCountryCode",
        "contacts.default.tax.isTaxable",
        "contacts.default.showInContactList",
        "nsp::JOB",
    ) == {
        "name": "Acme & Sons",
        "status": "inactive",
        "creditLimit": 1234.56,
        "parent.id": "C-71",
        "isOnHold": True,
        "deliveryOptions": "both",
        "contacts.billTo.id": "Mia Ray",
        "contacts.default.id": "Acme & Sons(CC-1)",
        "contacts.default.printAs": "Acme Inc",
        "contacts.default.mailingAddress.isoCountryCode": "DE",
        "contacts.default.tax.isTaxable": False,
        "contacts.default.showInContactList": False,
        "nsp::JOB": "J-7",
    }


def test_what_rest_writes_xml_reads(running: Running) -> None:
    running.company.edit("customer", "C-71", {"notes": "seen", "contacts.default.email1": "x@fern.example"})
    where = op("equalto", "CUSTOMERID", "C-71")
    [row] = running.door.query("CUSTOMER", "COMMENTS", "DISPLAYCONTACT.EMAIL1", where=where).rows()
    assert row == {"COMMENTS": "seen", "DISPLAYCONTACT.EMAIL1": "x@fern.example"}


def test_fields_that_only_xml_knows_are_kept_and_survive_a_rest_write(running: Running) -> None:
    running.door.request(
        create(customer("C-1", DISPLAYCONTACT={"PRINTAS": "A", "TAXSCHEDULE": "T1"}, VSOEPRICELIST="V"))
    ).ok()
    running.company.edit("customer", "C-1", {"notes": "n"})
    where = op("equalto", "CUSTOMERID", "C-1")
    [row] = running.door.query("CUSTOMER", "VSOEPRICELIST", "DISPLAYCONTACT.TAXSCHEDULE", where=where).rows()
    assert row == {"VSOEPRICELIST": "V", "DISPLAYCONTACT.TAXSCHEDULE": "T1"}


def test_one_bad_record_leaves_the_others_written(running: Running) -> None:
    reply = running.door.request(create(item("PUMP-8"), item("SKU-2")), create(item("SKU-3")))
    assert reply.statuses == ["failure", "success"]
    assert written(reply.results[0]) == [("item", {"RECORDNO": "3", "ITEMID": "SKU-2"})]
    assert chain(reply) == [
        ("BL34000061", "Another Item with the given value(s) PUMP-8  already exists"),
        ("BL01001973", "Could not create item record!"),
    ]
    assert reply.errors()[0]["correction"] == "Use a unique value instead."
    assert "[Support ID: " in reply.errors()[0]["description2"]
    assert "[Support ID: " not in reply.errors()[1]["description2"]


def test_a_leftover_display_contact_makes_the_create_fail_with_the_whole_chain(running: Running) -> None:
    running.door.request(create(contact("Acme(CC-1)"))).ok()
    reply = running.door.request(create(customer("C-1", "Acme")))
    assert chain(reply) == [
        ("BL34000061", "Another Contact with the given value(s) Acme(CC-1)  already exists"),
        ("BL01001973", "Could not create Contact record!"),
        ("BL01001973", "Could not create Display Contact record!"),
        ("BL01001973", "Could not create Customer record!"),
    ]
    assert written(reply.result) == []
    assert running.company.count("customer") == 2


def test_a_display_contact_may_be_named(running: Running) -> None:
    running.door.request(create(customer("C-1", DISPLAYCONTACT={"CONTACTNAME": "Front desk", "PRINTAS": "A"}))).ok()
    assert running.company.read("customer", "C-1", "contacts.default.id") == {"contacts.default.id": "Front desk"}
    again = running.door.request(create(customer("C-2", DISPLAYCONTACT={"CONTACTNAME": "Front desk", "PRINTAS": "A"})))
    assert numbers(again) == ["BL34000061", "BL01001973", "BL01001973", "BL01001973"]


@pytest.mark.parametrize(
    ("sent", "number", "words"),
    [
        (customer("C-1", CREDITLIMIT="1,200"), "BL03000018", "Credit limit"),
        (customer("C-1", ONHOLD="perhaps"), "BL03000018", "On hold"),
        (customer("C-1", STATUS="asleep"), "BL03000018", "Status"),
        (customer("C" * 21), "BL03000018", "Customer ID"),
        (customer("C-1", PARENTID="nobody"), "BL01001973", "Invalid Parent customer ID 'nobody' specified."),
        (customer("C-1", BILLTO={"CONTACTNAME": "nobody"}), "BL03000019", "The contact nobody does not exist."),
        (customer(None), "BL01001973", "Required field Customer ID is missing."),
        (record("CUSTOMER", {"CUSTOMERID": "C-1", "DISPLAYCONTACT": {"PRINTAS": "A"}}), "BL01001973", "Name"),
        (record("CUSTOMER", {"CUSTOMERID": "C-1", "NAME": "A"}), "BL01001973", "Print as"),
        (record("ITEM", {"ITEMID": "I-1", "NAME": "I"}), "BL01001973", "Item type"),
        (record("WIDGET", {"NAME": "w"}), "WS", "Object definition WIDGET not found"),
        (record("TERRITORY", {"TERRITORYID": "w"}), "PL04000005", "TERRITORY"),
    ],
)
def test_a_refused_record_says_why_first(running: Running, sent: str, number: str, words: str) -> None:
    reply = running.door.request(create(sent))
    first, text = chain(reply)[0]
    assert (reply.statuses, first) == (["failure"], number)
    assert words in text
    assert running.company.count("customer") == 2
    assert running.company.transactions.records_written == 0


def test_a_bad_email_is_refused_as_the_vendor_does(running: Running) -> None:
    reply = running.door.request(create(contact("Jo", EMAIL1="jo.example")))
    assert chain(reply)[0] == ("BL03000018", "Illegal format for Contactversion : Primary Email Address 'jo.example'.")
    inside = running.door.request(create(customer("C-1", DISPLAYCONTACT={"PRINTAS": "A", "EMAIL2": "a@b"})))
    assert numbers(inside) == ["BL03000018", "BL01001973", "BL01001973", "BL01001973"]
    running.door.request(create(contact("Jo", EMAIL1="jo@a.example; ann@b.example"))).ok()


def test_an_update_is_a_patch_by_number_or_natural_key(running: Running) -> None:
    running.door.request(
        update(record("CUSTOMER", {"CUSTOMERID": "C-72", "COMMENTS": "one"})),
        update(
            record("CUSTOMER", {"RECORDNO": "1", "COMMENTS": "two"}), record("ITEM", {"ITEMID": "CARE", "NOTE": "n"})
        ),
        update(record("CONTACT", {"CONTACTNAME": "Mia Ray", "PHONE1": "7"})),
    ).ok()
    assert running.company.read("customer", "C-72", "notes", "creditLimit") == {"notes": "one", "creditLimit": 2500}
    assert running.company.read("customer", "C-71", "notes") == {"notes": "two"}
    assert running.company.read("item", "CARE", "notes", "name") == {"notes": "n", "name": "Care plan"}
    assert running.company.read("contact", "Mia Ray", "phone1", "email1") == {
        "phone1": "7",
        "email1": "mia@harbor.example",
    }


def test_an_item_by_its_id_alone_is_a_switch(start: Callable[..., Running]) -> None:
    strict = start(xml={"item_by_id": False})
    refused = strict.door.request(update(record("ITEM", {"ITEMID": "CARE", "NOTE": "n"})))
    assert refused.statuses == ["failure"]
    strict.door.request(update(record("ITEM", {"RECORDNO": "2", "NOTE": "n"}))).ok()
    assert strict.company.read("item", "CARE", "notes") == {"notes": "n"}


def test_an_update_of_what_is_not_there_is_refused(running: Running) -> None:
    reply = running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-9", "COMMENTS": "x"})))
    assert chain(reply) == [
        ("BL01001973", "Cannot find customer with key 'C-9' to update."),
        ("BL01001973", "Could not update Customer record!"),
    ]


def test_an_empty_element_clears_unless_switched_off(start: Callable[..., Running]) -> None:
    clearing, keeping = start(), start(xml={"empty_clears": False})
    empty = update(record("CUSTOMER", {"CUSTOMERID": "C-72", "CREDITLIMIT": "", "CONTACTINFO": {"CONTACTNAME": ""}}))
    for running in (clearing, keeping):
        running.door.request(empty).ok()
    asked = ("creditLimit", "contacts.primary.id")
    assert clearing.company.read("customer", "C-72", *asked) == {"creditLimit": None, "contacts.primary.id": None}
    assert keeping.company.read("customer", "C-72", *asked) == {"creditLimit": 2500, "contacts.primary.id": "Mia Ray"}


def test_an_empty_choice_stays_and_an_empty_name_is_refused(running: Running) -> None:
    running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-72", "STATUS": "", "DISPLAYCONTACT": ""}))).ok()
    assert running.company.read("customer", "C-72", "status") == {"status": "active"}
    reply = running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-72", "NAME": ""})))
    assert chain(reply)[0] == ("BL01001973", "Required field Name is missing.")


def test_unknown_elements_are_passed_over_or_refused_by_switch(start: Callable[..., Running]) -> None:
    sent = create(customer("C-1", NONSENSE="x", TOTALDUE="5"))
    lenient, strict = start(), start(xml={"unknown_elements": "error"})
    lenient.door.request(sent).ok()
    assert lenient.company.read("customer", "C-1", "totalDue") == {"totalDue": None}
    texts = [text for _, text in chain(strict.door.request(sent))]
    assert "NONSENSE is not a field of CUSTOMER." in texts
    assert "The field TOTALDUE is read-only." in texts


@pytest.mark.parametrize(("heeded", "wanted"), [("COUNTRYCODE", "DE"), ("ISOCOUNTRYCODE", "FR"), ("both", "FR")])
def test_the_spelling_of_the_country_code_is_a_switch(start: Callable[..., Running], heeded: str, wanted: str) -> None:
    running = start(xml={"iso_country": heeded})
    address = {"COUNTRYCODE": "DE", "ISOCOUNTRYCODE": "FR"}
    running.door.request(create(customer("C-1", DISPLAYCONTACT={"PRINTAS": "A", "MAILADDRESS": address}))).ok()
    path = "contacts.default.mailingAddress.isoCountryCode"
    assert running.company.read("customer", "C-1", path) == {path: wanted}


def test_customers_are_numbered_by_the_company_where_it_does_so(start: Callable[..., Running]) -> None:
    running = start(auto_number_customers=True)
    reply = running.door.request(create(customer(None, "Acme")), create(customer("OWN", "Own"))).ok()
    assert [written(result)[0][1]["CUSTOMERID"] for result in reply.results] == ["CUST-00001", "OWN"]
    assert running.company.read("customer", "CUST-00001", "contacts.default.id") == {
        "contacts.default.id": "Acme(CCUST-00001)"
    }


def test_blank_contacts_show_the_display_contact_by_switch(start: Callable[..., Running]) -> None:
    names = ("BILLTO.CONTACTNAME", "CONTACTINFO.CONTACTNAME", "SHIPTOKEY", "DISPLAYCONTACTKEY")
    shown = []
    for switch in (False, True):
        running = start(xml={"blank_contacts_shown": switch})
        shown.append(running.door.query("CUSTOMER", *names, where=op("equalto", "CUSTOMERID", "C-72")).rows()[0])
    key = shown[0]["DISPLAYCONTACTKEY"]
    assert list(shown[0].values()) == ["", "Mia Ray", "", key]
    assert list(shown[1].values()) == ["Harbor Tools(CC-72)", "Mia Ray", key, key]


def test_the_contact_list_is_added_to_and_emptied(running: Running) -> None:
    entry = {"CATEGORYNAME": "Sales", "CONTACT": {"NAME": "Lea Fox"}}
    running.door.request(
        update(record("CUSTOMER", {"CUSTOMERID": "C-72", "CONTACT_LIST_INFO": entry})),
        update(record("CUSTOMER", {"CUSTOMERID": "C-72", "CONTACT_LIST_INFO": entry})),
    ).ok()
    assert listed(running) == [("Support", "Mia Ray"), ("Sales", "Lea Fox")]
    running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-72", "COMMENTS": "untouched"}))).ok()
    assert len(listed(running)) == 2
    running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-72", "CONTACT_LIST_INFO": ""}))).ok()
    assert listed(running) == []


def test_of_the_two_spellings_of_the_contact_list_the_second_wins(running: Running) -> None:
    info = {"CATEGORYNAME": "A", "CONTACT": {"NAME": "Lea Fox"}}
    other = {"CUSTOMERENTITYCONTACTS": {"CATEGORYNAME": "B", "CONTACT": {"NAME": "Mia Ray"}}}
    both = record("CUSTOMER", {"CUSTOMERID": "C-71", "CONTACT_LIST_INFO": info, "CUSTOMERCONTACTS": other})
    running.door.request(update(both)).ok()
    assert listed(running, "C-71") == [("B", "Mia Ray")]
    broken = {"CATEGORYNAME": "A", "CONTACT": {"NAME": "nobody"}}
    refused = running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-71", "CONTACT_LIST_INFO": broken})))
    assert chain(refused)[0] == ("BL03000019", "The contact nobody does not exist.")


def listed(running: Running, customer_id: str = "C-72") -> list[tuple[str, str]]:
    key = running.door.query("CUSTOMER", "RECORDNO", where=op("equalto", "CUSTOMERID", customer_id)).rows()[0][
        "RECORDNO"
    ]
    read = running.door.request(f"<read><object>CUSTOMER</object><keys>{key}</keys><fields>*</fields></read>").ok()
    entries = read.data[0].findall("CONTACT_LIST_INFO")
    return [(entry.findtext("CATEGORYNAME") or "", entry.findtext("CONTACT/NAME") or "") for entry in entries]


def test_a_delete_answers_without_data_and_leaves_an_audit_row(running: Running) -> None:
    running.door.request(create(contact("Gone"))).ok()
    [key] = [
        row["RECORDNO"]
        for row in running.door.query("CONTACT", "RECORDNO", where=op("equalto", "CONTACTNAME", "Gone")).rows()
    ]
    reply = running.door.request(delete("CONTACT", key)).ok()
    assert [child.tag for child in reply.result] == ["status", "function", "controlid"]
    where = f"<and>{op('equalto', 'OBJECTTYPE', 'contact')}{op('equalto', 'OBJECTKEY', 'Gone')}</and>"
    rows = running.door.query("AUDITHISTORY", "ACCESSMODE", "USERID", "SOURCE", where=where, order="ID").rows()
    assert [row["ACCESSMODE"] for row in rows] == ["C", "D"]
    assert {(row["USERID"], row["SOURCE"]) for row in rows} == {("sync", "api")}


def test_deleting_what_is_missing_or_in_use_is_refused_and_the_rest_goes(running: Running) -> None:
    running.door.request(create(contact("Gone"))).ok()
    mia, gone = (
        running.door.query("CONTACT", "RECORDNO", where=op("equalto", "CONTACTNAME", name)).rows()[0]["RECORDNO"]
        for name in ("Mia Ray", "Gone")
    )
    reply = running.door.request(delete("CONTACT", "999", mia, gone))
    assert [text for _, text in chain(reply)] == [
        "Cannot find contact with key '999' to delete.",
        "Could not delete Contact record!",
        "Cannot delete contact 'Mia Ray' because it is being used.",
        "Could not delete Contact record!",
    ]
    assert running.door.query("CONTACT", "RECORDNO", where=op("equalto", "CONTACTNAME", "Gone")).rows() == []
    unknown = running.door.request(delete("WIDGET", "1"))
    assert chain(unknown) == [("WS", "Object definition WIDGET not found")]


def test_a_hundred_records_pass_and_one_more_does_not(running: Running) -> None:
    hundred = [contact(f"P{number}") for number in range(100)]
    running.door.request(create(*hundred)).ok()
    refused = running.door.request(create(contact("Q0"), *(contact(f"Q{number}") for number in range(1, 101))))
    assert refused.statuses == ["failure"]
    assert running.company.transactions.records_written == 100
    assert running.door.request(delete("CONTACT", *map(str, range(1000, 1101)))).statuses == ["failure"]


def test_every_record_written_counts_and_nothing_else(running: Running) -> None:
    running.door.request(
        create(customer("C-1"), customer("C-71"), item("I-1")),
        update(record("CUSTOMER", {"CUSTOMERID": "C-1", "COMMENTS": "x"})),
        delete("ITEM", "3", "77"),
    )
    assert running.company.transactions.records_written == 4


def test_a_denied_operation_is_refused(start: Callable[..., Running]) -> None:
    running = start(denied={"accounts-receivable/customer": frozenset({"create"})})
    reply = running.door.request(create(customer("C-1"), item("I-1")))
    assert numbers(reply) == ["PL04000005"]
    assert [tag for tag, _ in written(reply.result)] == ["item"]


def test_a_new_item_gets_its_warehouses(running: Running) -> None:
    line = record("WAREHOUSEINFO", {"ITEMWAREHOUSEINFO": {"WAREHOUSEID": "WH-S"}})
    running.door.request(
        create(f"<ITEM><ITEMID>I-1</ITEMID><NAME>I</NAME><ITEMTYPE>Inventory</ITEMTYPE>{line}</ITEM>")
    ).ok()
    where = op("equalto", "ITEMID", "I-1")
    assert running.door.query("ITEMWAREHOUSEINFO", "WAREHOUSEID", where=where).rows() == [{"WAREHOUSEID": "WH-S"}]
    assert running.company.transactions.records_written == 1


def test_an_item_keeps_its_type(running: Running) -> None:
    running.door.request(update(record("ITEM", {"RECORDNO": "2", "ITEMTYPE": "Non-Inventory"}))).ok()
    reply = running.door.request(update(record("ITEM", {"RECORDNO": "2", "ITEMTYPE": "Kit"})))
    assert chain(reply)[0][1] == "The item type cannot be changed."


def test_a_write_stamps_whole_seconds_that_a_query_can_be_filtered_by(running: Running) -> None:
    running.clock.advance(hours=1, seconds=5)
    running.door.request(update(record("CUSTOMER", {"CUSTOMERID": "C-71", "COMMENTS": "x"}))).ok()
    where = op("greaterthan", "WHENMODIFIED", "09/10/2026 08:30:00")
    assert running.door.query("CUSTOMER", "CUSTOMERID", "WHENMODIFIED", where=where).rows() == [
        {"CUSTOMERID": "C-71", "WHENMODIFIED": "09/10/2026 09:00:05"}
    ]


def test_an_empty_create_and_a_delete_without_keys_do_not_fit_the_schema(running: Running) -> None:
    for call in (
        "<create/>",
        "<delete><object>ITEM</object></delete>",
        "<delete><object>ITEM</object><keys/></delete>",
    ):
        reply = running.door.request(call)
        assert reply.root.findtext("control/status") == "failure"
        assert reply.error_numbers() == ["XL03000003"]
