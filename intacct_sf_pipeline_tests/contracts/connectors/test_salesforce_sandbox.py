"""What only Salesforce does: deleted rows, parents, external ids, price books, enhanced notes; against the sandbox."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import create, salesforce_feed, update, written
from .conftest import NOON
from .rigs import SalesforceRig

ENTRIES = salesforce_feed("PricebookEntry")
NOTES = salesforce_feed("ContentNote", modified="LastModifiedDate", stamp=None)
NOTE_COLUMNS = ["Title", "Content", "LinkedEntityId"]


def statuses(outcomes: list[WriteOutcome]) -> list[tuple[str, WriteStatus]]:
    return [(outcome.ref, outcome.status) for outcome in outcomes]


def test_deleted_rows_arrive_as_deleted_with_their_stamp_and_nothing_else(salesforce_rig: SalesforceRig) -> None:
    org = salesforce_rig.sandbox.org
    keys = salesforce_rig.seed(["stays", "goes", "loses"])
    salesforce_rig.clock.advance(60)
    org.delete_as(org.person, "Account", keys[1])
    org.merge(keys[0], keys[2])
    read = {
        r.key: r
        for p in salesforce_rig.connector().read(
            salesforce_rig.feed, ["Name"], Window(start=NOON + timedelta(seconds=1))
        )
        for r in p.rows
    }
    assert {key for key, row in read.items() if row.deleted} == set(keys[1:])
    assert (read[keys[1]].values, read[keys[1]].modified) == ({}, NOON + timedelta(minutes=1))
    assert [row.key for row in salesforce_rig.connector().lookup(salesforce_rig.feed, ["Name"], "Id", keys)] == [
        keys[0]
    ]


def test_the_stamp_that_says_who_is_newer_is_not_the_one_polled_by(salesforce_rig: SalesforceRig) -> None:
    (key,) = salesforce_rig.seed(["a"])
    salesforce_rig.clock.advance(300)
    salesforce_rig.sandbox.org.touch("Account", key)
    (row,) = [
        r
        for p in salesforce_rig.connector().read(
            salesforce_rig.feed, ["Name"], Window(start=NOON + timedelta(seconds=1))
        )
        for r in p.rows
    ]
    assert (row.key, row.modified) == (key, NOON)


def test_parents_fields_are_flat_and_a_missing_parent_reads_as_none(salesforce_rig: SalesforceRig) -> None:
    (account,) = salesforce_rig.seed(["Parent & Co"])
    org = salesforce_rig.sandbox.org
    org.load("Contact", [{"LastName": "With", "AccountId": account}, {"LastName": "Without"}])
    connector = salesforce_rig.connector()
    feed = salesforce_feed("Contact")
    columns = ["LastName", "Account.Name", "Account.Owner.Name", "Account.Nowhere__c"]
    read = {row.values["LastName"]: row.values for p in connector.read(feed, columns, Window()) for row in p.rows}
    assert read["With"]["Account.Name"] == "Parent & Co"
    assert read["Without"] == {"LastName": "Without", "Account.Name": None, "Account.Owner.Name": None}
    assert connector.missing_columns(feed, columns) == ("Account.Nowhere__c",)


def test_reading_costs_one_call_whether_or_not_the_object_was_described(salesforce_rig: SalesforceRig) -> None:
    connector = salesforce_rig.connector()
    feed = salesforce_feed("Contact")
    for _ in range(2):
        before = connector.spend()
        list(connector.read(feed, ["LastName", "Account.Name"], Window()))
        assert (connector.spend() - before).billed == 1
        connector.describe("Contact")


def test_an_existing_external_id_is_adopted_not_doubled(salesforce_rig: SalesforceRig) -> None:
    (key,) = salesforce_rig.sandbox.org.load("Account", [{"Name": "There", "IntacctID__c": "N-1"}])
    (outcome,) = written(salesforce_rig.connector(), [salesforce_rig.create("1", "There anew")])
    assert (outcome.status, outcome.key, salesforce_rig.count()) == (WriteStatus.WRITTEN, key, 1)


def test_two_new_records_with_one_external_id_do_not_overwrite_each_other(salesforce_rig: SalesforceRig) -> None:
    first = salesforce_rig.create("1", "First")
    second = create("Account", "2", {"Name": "Second", "IntacctID__c": "n-1"}, "n-1")
    outcomes = written(salesforce_rig.connector(), [first, second])
    assert statuses(outcomes) == [("1", WriteStatus.WRITTEN), ("2", WriteStatus.REJECTED)]
    assert (salesforce_rig.count(), salesforce_rig.stored(str(outcomes[0].key), "name")) == (1, "First")


def test_types_are_written_as_the_org_keeps_them(salesforce_rig: SalesforceRig) -> None:
    (key,) = salesforce_rig.sandbox.org.load("Product2", [{"Name": "Pump"}])
    moment = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
    values = {"OnHand__c": Decimal("12.3456"), "IsActive": True, "StockAsOf__c": moment}
    assert statuses(written(salesforce_rig.connector(), [update("Product2", "a", key, values)])) == [
        ("a", WriteStatus.WRITTEN)
    ]
    (row,) = salesforce_rig.connector().lookup(salesforce_feed("Product2"), list(values), "Id", [key])
    assert row.values["OnHand__c"] == Decimal("12.3456")
    assert row.values["IsActive"] is True
    assert str(row.values["StockAsOf__c"]).startswith("2026-03-01T09:30:00")


def test_describe_tells_what_writing_depends_on(salesforce_rig: SalesforceRig) -> None:
    connector = salesforce_rig.connector()
    account, product = connector.describe("Account"), connector.describe("Product2")
    assert (account.columns["IntacctID__c"].external_id, account.columns["IntacctID__c"].unique) == (True, True)
    assert (account.columns["AccountNumber"].max_length, account.columns["Name"].required) == (40, True)
    assert not product.columns["ProductClass"].creatable
    assert {
        capabilities.CREATE,
        capabilities.UPDATE,
        capabilities.MODIFIED_STAMP,
        capabilities.DELETED_ROWS,
    } <= account.capabilities
    assert capabilities.MODIFIED_STAMP not in connector.describe("ContentNote").capabilities
    before = connector.spend()
    connector.describe("Account")
    assert connector.spend() == before


def test_an_object_the_org_lacks_is_not_found(salesforce_rig: SalesforceRig) -> None:
    with pytest.raises(errors.RecordNotFoundError):
        salesforce_rig.connector().describe("Nowhere__c")


@pytest.fixture
def products(salesforce_rig: SalesforceRig) -> list[str]:
    salesforce_rig.sandbox.org.load("Pricebook2", [{"Name": "Wholesale", "IsActive": True}])
    return salesforce_rig.sandbox.org.load("Product2", [{"Name": f"Pump {n}", "IsActive": True} for n in range(3)])


def price(ref: str, product: str, book: str, amount: str) -> WriteRequest:
    values = {"Product2Id": product, "Pricebook2.Name": book, "UnitPrice": Decimal(amount), "IsActive": True}
    return create("PricebookEntry", ref, values)


def prices(rig: SalesforceRig) -> dict[tuple[object, object], object]:
    columns = ["Product2Id", "Pricebook2.Name", "UnitPrice"]
    found = [row.values for p in rig.connector().read(ENTRIES, columns, Window()) for row in p.rows]
    return {(v["Product2Id"], v["Pricebook2.Name"]): v["UnitPrice"] for v in found}


def test_prices_of_other_books_wait_for_the_standard_ones_and_books_are_asked_for_once(
    salesforce_rig: SalesforceRig, products: list[str]
) -> None:
    one, two, three = products
    requests = [
        price("w1", one, "Wholesale", "9.10"),
        price("s1", one, "standard", "10"),
        price("x", two, "Nowhere", "1"),
        price("s2", two, "Standard", "0.10"),
    ]
    connector = salesforce_rig.connector()
    outcomes = written(connector, requests)
    assert statuses(outcomes) == [
        ("w1", WriteStatus.WRITTEN),
        ("s1", WriteStatus.WRITTEN),
        ("x", WriteStatus.REJECTED),
        ("s2", WriteStatus.WRITTEN),
    ]
    assert outcomes[2].error
    assert "price book" in outcomes[2].error.message
    found = prices(salesforce_rig)
    assert found[one, "Wholesale"] == Decimal("9.10")
    assert {amount for (_, book), amount in found.items() if book != "Wholesale"} == {Decimal(10), Decimal("0.1")}
    before = connector.spend()
    assert statuses(written(connector, [price("s3", three, "standard", "3")])) == [("s3", WriteStatus.WRITTEN)]
    assert (connector.spend() - before).billed == 1


def test_a_price_that_exists_is_a_duplicate_and_its_neighbours_go_through(
    salesforce_rig: SalesforceRig, products: list[str]
) -> None:
    connector = salesforce_rig.connector()
    written(connector, [price("1", products[0], "standard", "1")])
    outcomes = written(connector, [price("2", products[0], "standard", "2"), price("3", products[1], "standard", "3")])
    assert [(o.ref, o.status, o.duplicate) for o in outcomes] == [
        ("2", WriteStatus.REJECTED, True),
        ("3", WriteStatus.WRITTEN, False),
    ]
    assert set(prices(salesforce_rig).values()) == {Decimal(1), Decimal(3)}


@pytest.mark.parametrize("told", [True, False], ids=["caller knows", "caller does not know"])
def test_a_copied_price_is_freed_before_it_is_changed(
    salesforce_rig: SalesforceRig, products: list[str], told: bool
) -> None:
    org = salesforce_rig.sandbox.org
    connector = salesforce_rig.connector()
    written(connector, [price(str(n), product, "standard", "5") for n, product in enumerate(products)])
    book = next(
        str(r.values["Pricebook2Id"])
        for p in connector.read(salesforce_feed("PricebookEntry"), ["Pricebook2Id"], Window())
        for r in p.rows
    )
    assert book == org.standard_pricebook_id
    wholesale = next(
        row.key for row in connector.lookup(salesforce_feed("Pricebook2"), ["Name"], "Name", ["Wholesale"])
    )
    copied, own = org.load(
        "PricebookEntry",
        [
            {
                "Product2Id": products[0],
                "Pricebook2Id": wholesale,
                "UseStandardPrice": True,
                "UnitPrice": 5,
                "IsActive": True,
            },
            {"Product2Id": products[1], "Pricebook2Id": wholesale, "UnitPrice": 4, "IsActive": True},
        ],
    )
    current = {"UseStandardPrice": True} if told else {}
    values = {"UnitPrice": Decimal("7.25"), "Product2Id": products[0]}
    outcomes = written(
        connector,
        [
            update("PricebookEntry", "a", copied, values, current),
            update("PricebookEntry", "b", own, {"UnitPrice": Decimal("8")}),
        ],
    )
    assert statuses(outcomes) == [("a", WriteStatus.WRITTEN), ("b", WriteStatus.WRITTEN)]
    assert [amount for (_, name), amount in prices(salesforce_rig).items() if name == "Wholesale"] in (
        [Decimal("7.25"), Decimal(8)],
        [Decimal(8), Decimal("7.25")],
    )


def note(rig: SalesforceRig, title: str, body: str, accounts: list[str]) -> str:
    org = rig.sandbox.org
    encoded = base64.b64encode(body.encode()).decode()
    key = org.create_as(org.person, "ContentNote", {"Title": title, "Content": encoded})
    for account in accounts:
        org.create_as(
            org.person, "ContentDocumentLink", {"ContentDocumentId": key, "LinkedEntityId": account, "ShareType": "V"}
        )
    return key


def test_notes_are_one_row_per_account_in_plain_text(salesforce_rig: SalesforceRig) -> None:
    accounts = salesforce_rig.seed(["a", "b"])
    shared = note(salesforce_rig, "Terms", "<p>Net 30 &amp; no discount</p>", accounts)
    note(salesforce_rig, "Private", "nobody's account", [])
    read = [row for p in salesforce_rig.connector().read(NOTES, NOTE_COLUMNS, Window()) for row in p.rows]
    assert {row.key: dict(row.values) for row in read} == {
        f"{shared}|{account}": {"Title": "Terms", "Content": "Net 30 & no discount", "LinkedEntityId": account}
        for account in accounts
    }
    (found,) = salesforce_rig.connector().lookup(NOTES, NOTE_COLUMNS, "LinkedEntityId", [accounts[1]])
    assert found.key == f"{shared}|{accounts[1]}"
    (by_key,) = salesforce_rig.connector().lookup(NOTES, NOTE_COLUMNS, "Id", [found.key, "069000000000000AAA|001x"])
    assert by_key == found


def test_changed_and_deleted_notes_are_told_of_and_others_cost_nothing(salesforce_rig: SalesforceRig) -> None:
    org = salesforce_rig.sandbox.org
    (account,) = salesforce_rig.seed(["a"])
    kept, gone, quiet = (note(salesforce_rig, title, title, [account]) for title in ("kept", "gone", "quiet"))
    salesforce_rig.clock.advance(120)
    org.write_as(org.person, "ContentNote", kept, {"Content": base64.b64encode(b"anew").decode()})
    org.delete_as(org.person, "ContentNote", gone)
    connector = salesforce_rig.connector()
    read = [
        row for p in connector.read(NOTES, NOTE_COLUMNS, Window(start=NOON + timedelta(seconds=60))) for row in p.rows
    ]
    assert [(row.key, row.deleted, row.values.get("Content")) for row in read if not row.deleted] == [
        (f"{kept}|{account}", False, "anew")
    ]
    assert [(row.key, dict(row.values)) for row in read if row.deleted] == [(gone, {})]
    assert quiet not in {row.key.partition("|")[0] for row in read}
    assert connector.spend().billed == 2  # notes, links; the body is short enough for its preview
