"""`lookup` and `inspect`: what they tell of objects and fields (reference, 4.4)."""

from collections.abc import Callable
from xml.etree.ElementTree import Element

import pytest

from intacct_sf_pipeline.sandbox.intacct.options import CustomField

from .gateway import Running, fields, op

MAIN = (
    "CUSTOMER",
    "CONTACT",
    "ITEM",
    "WAREHOUSE",
    "ITEMWAREHOUSEINFO",
    "INVPRICELIST",
    "INVPRICELISTENTRY",
    "AUDITHISTORY",
)


def looked_up(running: Running, name: str) -> Element:
    data = running.door.request(f"<lookup><object>{name}</object></lookup>").ok().data
    assert [child.tag for child in data] == ["Type"]
    return data[0]


def described(found: Element) -> dict[str, dict[str, str]]:
    return {field.findtext("ID") or "": fields(field) for field in found.findall("Fields/Field")}


@pytest.mark.parametrize("name", MAIN)
def test_lookup_lists_exactly_what_query_can_use(running: Running, name: str) -> None:
    found = looked_up(running, name)
    assert found.attrib == {"Name": name, "DocumentType": ""}
    names = list(described(found))
    assert len(names) == len(set(names))
    rows = running.door.query(name, *names).rows()
    assert all(list(row) == names for row in rows)


def test_a_field_is_described_in_full(running: Running) -> None:
    found = described(looked_up(running, "CUSTOMER"))
    assert found["CUSTOMERID"] == {
        "ID": "CUSTOMERID",
        "LABEL": "Customer ID",
        "DESCRIPTION": "Customer ID",
        "REQUIRED": "false",
        "READONLY": "false",
        "DATATYPE": "TEXT",
        "ISCUSTOM": "false",
    }
    kinds = {name: entry["DATATYPE"] for name, entry in found.items()}
    assert (kinds["RECORDNO"], kinds["WHENMODIFIED"], kinds["CREDITLIMIT"]) == ("INTEGER", "TIMESTAMP", "CURRENCY")
    assert (kinds["ONHOLD"], kinds["STATUS"], kinds["DISCOUNT"]) == ("BOOLEAN", "ENUM", "PERCENT")
    assert (found["NAME"]["REQUIRED"], found["TOTALDUE"]["READONLY"]) == ("true", "true")
    assert "HIDEDISPLAYCONTACT" not in found


def test_valid_values_are_the_words_that_create_and_query_use(running: Running) -> None:
    [status] = [
        field for field in looked_up(running, "ITEM").findall("Fields/Field") if field.findtext("ID") == "ITEMTYPE"
    ]
    words = [word.text for word in status.findall("VALIDVALUES/VALIDVALUE")]
    assert words == [
        "Inventory",
        "Non-Inventory",
        "Non-Inventory (Purchase only)",
        "Non-Inventory (Sales only)",
        "Kit",
        "Stockable Kit",
    ]
    matched = [
        running.door.query("ITEM", "ITEMID", where=op("equalto", "ITEMTYPE", word or "")).rows() for word in words
    ]
    assert [len(rows) for rows in matched] == [1, 1, 0, 0, 0, 0]


def test_relationships_name_paths_that_query_follows(running: Running) -> None:
    found = looked_up(running, "CUSTOMER")
    paths = {entry.findtext("OBJECTPATH"): fields(entry) for entry in found.findall("Relationships/Relationship")}
    assert paths["DISPLAYCONTACT"] == {
        "OBJECTPATH": "DISPLAYCONTACT",
        "OBJECTNAME": "CONTACT",
        "LABEL": "Display contact",
        "RELATIONSHIPTYPE": "MANY2ONE",
        "RELATEDBY": "DISPLAYCONTACT.CONTACTNAME",
    }
    known = described(found)
    for path, relation in paths.items():
        assert relation["RELATEDBY"] in known
        running.door.query("CUSTOMER", f"{path}.RECORDNO").ok()


def test_a_field_of_the_company_appears_at_once(running: Running) -> None:
    running.company.add_custom_field("item", "nsp::Tier", CustomField(enum=("Gold", "Tin"), max_length=10))
    found = looked_up(running, "ITEM")
    [tier] = [field for field in found.findall("Fields/Field") if field.findtext("ID") == "Tier"]
    assert (tier.findtext("ISCUSTOM"), tier.findtext("DATATYPE")) == ("true", "ENUM")
    assert [word.text for word in tier.findall("VALIDVALUES/VALIDVALUE")] == ["Gold", "Tin"]


def test_a_name_does_for_lookup_and_the_case_does_not_matter(running: Running) -> None:
    data = running.door.request("<lookup><name>customer</name></lookup>").ok().data
    assert data[0].get("Name") == "CUSTOMER"


@pytest.mark.parametrize("function", ["lookup", "inspect"])
def test_an_unknown_object_is_refused(running: Running, function: str) -> None:
    reply = running.door.request(f"<{function}><object>WIDGET</object></{function}>")
    [error] = reply.errors()
    assert (error["errorno"], error["description2"]) == ("Query Failed", "Object definition WIDGET not found")


def test_permissions_are_not_asked(start: Callable[..., Running]) -> None:
    running = start(denied={"inventory-control/item": frozenset({"read"})})
    assert "ITEMID" in described(looked_up(running, "ITEM"))
    assert running.door.query("ITEM", "ITEMID").error_numbers() == ["PL04000005"]


def test_stock_quantities_and_price_entries_are_switches(start: Callable[..., Running]) -> None:
    running = start(xml={"stock_quantities": False, "price_entries": False})
    assert "ONHAND" not in described(looked_up(running, "ITEMWAREHOUSEINFO"))
    gone = running.door.request("<lookup><object>INVPRICELISTENTRY</object></lookup>")
    assert gone.error_numbers() == ["Query Failed"]
    names = [entry.get("typename") for entry in running.door.request("<inspect><object>*</object></inspect>").ok().data]
    assert "INVPRICELISTENTRY" not in names
    assert "INVPRICELIST" in names


def test_inspect_lists_all_types(running: Running) -> None:
    data = running.door.request("<inspect><object>*</object></inspect>").ok().data
    assert (data.get("listtype"), data.get("count")) == ("All", str(len(data)))
    shown = {entry.get("typename"): entry.text for entry in data if entry.tag == "type"}
    assert shown["CUSTOMER"] == "Customer"
    assert set(MAIN) <= set(shown)


def test_inspect_is_brief_or_detailed(running: Running) -> None:
    brief = running.door.request("<inspect><object>ITEM</object></inspect>").ok().data
    assert dict(brief.attrib) == {"listtype": "All", "count": "1"}
    names = [field.text for field in brief.findall("Type/Fields/Field")]
    detailed = running.door.request('<inspect detail="1"><object>ITEM</object></inspect>').ok().data
    shown = {field.findtext("Name"): fields(field) for field in detailed.findall("Type/Fields/Field")}
    assert list(shown) == names == list(described(looked_up(running, "ITEM")))
    assert shown["ITEMID"] == {
        "Name": "ITEMID",
        "dataName": "text",
        "externalDataName": "text",
        "isRequired": "true",
        "isReadOnly": "false",
        "maxLength": "30",
        "DisplayLabel": "Item ID",
        "Description": "Item ID",
        "id": "ITEMID",
    }


def test_calls_about_the_model_are_counted_by_switch(start: Callable[..., Running]) -> None:
    free, billed = start(), start(xml={"metered_lookups": True})
    for running in (free, billed):
        running.door.auth()
        running.company.transactions.reset()
        looked_up(running, "ITEM")
        running.door.request("<inspect><object>*</object></inspect>").ok()
    assert (free.company.transactions.total, billed.company.transactions.total) == (0, 2)
