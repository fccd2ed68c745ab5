"""A company's own exports: what is taken, and that it arrives as it was written."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.data.csv_tables import read_table
from intacct_sf_pipeline.sandbox.data.csv_values import iso_moment
from intacct_sf_pipeline.sandbox.data.seed import load_world
from intacct_sf_pipeline.sandbox.data.world import WorldOptions, generate_world
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)


def state(org: SalesforceOrg, company: IntacctCompany) -> dict[str, list[dict[str, object]]]:
    """Every row of both systems."""
    found: dict[str, list[dict[str, object]]] = {}
    for name in ("Account", "Contact", "Product2", "Pricebook2", "PricebookEntry", "Note", "ContentNote"):
        found[name] = [dict(row) for row in org.db.table(name).live()]
    for name, table in company.store.tables.items():
        found[name] = [dict(row) for row in table.rows.values()]
    return found


def test_a_world_written_as_csv_loads_as_the_world_itself(exports: Any) -> None:
    world = generate_world(WorldOptions(accounts=120, contacts=150, items=60))
    exports.write_world(world)
    org, company = exports.empty_systems()
    load_world(world, org, company)
    from_csv, company_from_csv, report = exports.loaded()
    ours, theirs = state(from_csv, company_from_csv), state(org, company)
    assert ours.keys() == theirs.keys()
    for name, rows in theirs.items():
        assert ours[name] == rows, name
    assert report.loaded["Account"] == 120
    assert report.loaded["accounts-receivable/customer"] == 120


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(CELL, CELL), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig"]),
    line_end=st.sampled_from(["\r\n", "\n"]),
)
def test_any_text_survives_quoting(exports: Any, rows: list[tuple[str, str]], encoding: str, line_end: str) -> None:
    written = [{"Name": first, "Description": second} for first, second in rows]
    everything = [{"Name": "first", "Description": None}, *written]
    file = exports.write("Account.csv", everything, encoding=encoding, line_end=line_end)
    findings: list[str] = []
    table = read_table(file, findings)
    assert findings == []
    assert table.rows[1:] == [[first or None, second or None] for first, second in rows]


def test_the_line_of_a_record_is_where_it_starts_even_after_quoted_line_breaks(exports: Any) -> None:
    text = 'Name,Description\r\n"A","one\r\ntwo\nthree"\r\n\r\nB,\r\n"C\n","x"\n'
    file = exports.write_text("Account.csv", text)
    table = read_table(file, [])
    assert list(zip(table.lines, table.rows, strict=True)) == [
        (2, ["A", "one\r\ntwo\nthree"]),
        (6, ["B", None]),
        (7, ["C\n", "x"]),
    ]


def test_salesforce_exports_as_the_tools_write_them(exports: Any) -> None:
    exports.write_text(
        "salesforce/Account.csv",
        "\ufeffID,NAME,TYPE,BILLINGCITY,CREATEDDATE,SYSTEMMODSTAMP,OWNERID,RecordTypeId,CleanStatus,Owner.Name,"
        "Parent.Name,Region__c,BillingAddress\n"
        '0015g00000XyZ12,"Née & ""Sons""\nLtd",Customer - Direct,Zürich,2024-01-02T03:04:05.000Z,2024-02-01 00:00:00,'
        "0055g00000AbCdE,0125g00000AbCdE,Pending,Someone,,North,ignored\n"
        ",Branch,Prospect,,,,,,,,Hub,,\n"
        ",Hub,Prospect,,6/30/2025 5:04 PM,,,,,,,South,\n",
    )
    exports.write_text(
        "salesforce/Contact.csv",
        "LastName,Account.Name,AccountId,HasOptedOutOfEmail,CreatedBy.Name\n"
        "Ray,Hub,,TRUE,x\nHolt,Nowhere at all,0015g00000XyZ12,0,x\n",
    )
    org, _, report = exports.loaded()
    rows = {str(row["Name"]): row for row in org.db.table("Account").live()}
    first = rows['Née & "Sons"\nLtd']
    assert first["Id"] == to_long("0015g00000XyZ12")
    assert (first["CreatedDate"], first["SystemModstamp"]) == (
        "2024-01-02T03:04:05.000+0000",
        "2024-02-01T00:00:00.000+0000",
    )
    assert first["OwnerId"] == org.integration_user.id, "a user nobody knows becomes the default user"
    assert (first["Region__c"], rows["Branch"]["Region__c"]) == ("North", None)
    assert rows["Branch"]["ParentId"] == rows["Hub"]["Id"]
    assert rows["Hub"]["CreatedDate"] == "2025-06-30T17:04:00.000+0000"
    contacts = {row["LastName"]: row for row in org.db.table("Contact").live()}
    assert contacts["Ray"]["AccountId"] == rows["Hub"]["Id"]
    assert contacts["Holt"]["AccountId"] == first["Id"], "the id column wins over a dotted one"
    assert (contacts["Ray"]["HasOptedOutOfEmail"], contacts["Holt"]["HasOptedOutOfEmail"]) == (True, False)
    passed = report.passed_over[str(exports.directory / "salesforce" / "Account.csv")]
    assert passed == ["RecordTypeId", "CleanStatus", "Owner.Name", "BillingAddress"]


def test_intacct_exports_as_the_query_service_writes_them(exports: Any) -> None:
    exports.write_text(
        "intacct/customer.csv",
        "key,id,name,href,parent.id,contacts.default.phone1,contacts.default.mailingAddress.city,isOnHold,totalDue,"
        "audit.modifiedDateTime,nsp::JOB\n"
        "90,C-2,Child,/objects/x,C-1,555-0100,Köln,TRUE,12.50,2026-01-02T03:04:05Z,job 7\n"
        "71,C-1,Parent,/objects/y,,,,false,0,01/31/2026,\n",
    )
    exports.write_text("intacct/item.csv", "id,name,itemType,costMethod\nP-1,Pump,Inventory,average\n")
    exports.write_text("intacct/warehouse.csv", "id,name,location.id\nW-1,North hall,PHX--Phoenix\n")
    exports.write_text("intacct/item_warehouse_inventory.csv", "item.id,warehouse.id,onHand,allocated\nP-1,W-1,12,3\n")
    org, company, _ = exports.loaded()
    child = company.read("customer", "C-2", "key", "parent.id", "contacts.default.phone1", "isOnHold", "nsp::JOB")
    assert child == {
        "key": "90",
        "parent.id": "C-1",
        "contacts.default.phone1": "555-0100",
        "isOnHold": True,
        "nsp::JOB": "job 7",
    }
    assert company.read("customer", "C-1", "audit.modifiedDateTime") == {
        "audit.modifiedDateTime": "2026-01-31T00:00:00Z"
    }
    assert company.read("item", "P-1", "quantityOnHand", "quantityAllocated") == {
        "quantityOnHand": "12",
        "quantityAllocated": "3",
    }
    assert org.count("Account") == 0, "a side without a folder is empty"


def test_an_exported_standard_price_book_takes_the_place_of_the_orgs_own(exports: Any) -> None:
    book, channel = "01s5g00000AAAAA", "01s5g00000BBBBB"
    exports.write("salesforce/Product2.csv", [{"Id": "01t5g00000AAAAA", "Name": "Pump", "IsActive": "true"}])
    exports.write(
        "salesforce/Pricebook2.csv",
        [
            {"Id": channel, "Name": "Channel", "IsStandard": "false", "IsActive": "1"},
            {"Id": book, "Name": "Standard", "IsStandard": "true", "IsActive": "1"},
        ],
    )
    price = {"Product2Id": "01t5g00000AAAAA", "IsActive": "true"}
    exports.write(
        "salesforce/PricebookEntry.csv",
        [{**price, "Pricebook2Id": channel, "UnitPrice": "80"}, {**price, "Pricebook2Id": book, "UnitPrice": "99.50"}],
    )
    org, _, _ = exports.loaded()
    assert org.standard_pricebook_id == to_long(book)
    assert (org.count("Pricebook2"), org.count("PricebookEntry")) == (2, 2)


def test_the_standard_price_book_can_be_named_by_its_flag(exports: Any) -> None:
    exports.write("salesforce/Product2.csv", [{"Name": "Pump", "ProductCode": "P-1", "IsActive": "true"}])
    exports.write(
        "salesforce/PricebookEntry.csv",
        [{"Product2.ProductCode": "P-1", "Pricebook2.IsStandard": "TRUE", "UnitPrice": "12.5", "IsActive": "1"}],
    )
    org, _, _ = exports.loaded()
    (entry,) = org.db.table("PricebookEntry").live()
    assert (entry["Pricebook2Id"], str(entry["UnitPrice"])) == (org.standard_pricebook_id, "12.500000")


def test_known_users_stay_owners_and_inactive_ones_give_way(exports: Any) -> None:
    active, gone = "0055g00000AAAAA", "0055g00000BBBBB"
    users = [
        {
            "Id": active,
            "Username": "a@x.example",
            "LastName": "A",
            "Email": "a@x.example",
            "IsActive": "true",
            "Any": 1,
        },
        {"Id": gone, "Username": "b@x.example", "LastName": "B", "Email": "b@x.example", "IsActive": "false", "Any": 1},
    ]
    exports.write("salesforce/User.csv", users)
    exports.write(
        "salesforce/Account.csv",
        [{"Name": "A", "OwnerId": active, "CreatedById": gone}, {"Name": "B", "OwnerId": gone, "CreatedById": active}],
    )
    org, _, _ = exports.loaded()
    rows = {row["Name"]: (row["OwnerId"], row["CreatedById"]) for row in org.db.table("Account").live()}
    assert rows == {
        "A": (to_long(active), to_long(gone)),
        "B": (org.integration_user.id, to_long(active)),
    }


def test_custom_columns_become_custom_fields_as_long_as_their_data(exports: Any) -> None:
    row = {"Name": "A", "ns__Short__c": "x", "Long__c": "y" * 300, "SyncStatus__c": "ok"}
    exports.write("salesforce/Account.csv", [row])
    org, _, _ = exports.loaded()
    (account,) = org.db.table("Account").live()
    assert {name: account[name] for name in row} == row
    fields = org.schema.find("Account").by_name
    assert (fields["ns__short__c"].type, fields["long__c"].type) == ("string", "textarea")
    assert fields["syncstatus__c"].length == 40, "a field the org has stays as it is"


@pytest.mark.parametrize(
    ("cell", "iso"),
    [
        ("6/30/2026", "2026-06-30"),
        ("06/30/2026 17:04", "2026-06-30T17:04:00Z"),
        ("6/30/2026 5:04 PM", "2026-06-30T17:04:00Z"),
        ("6/30/2026 12:04:09 am", "2026-06-30T00:04:09Z"),
        ("2026-06-30T17:04:00.000+0000", "2026-06-30T17:04:00.000+0000"),
        ("13/31/2026", "13/31/2026"),
    ],
)
def test_slashed_dates_are_month_first(cell: str, iso: str) -> None:
    assert iso_moment(cell) == iso
