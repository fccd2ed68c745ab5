"""A row is the same whichever interface read it: every column of the tables, all values, any format of the user."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.connectors.intacct.xml.columns import XmlObject
from intacct_sf_pipeline.connectors.intacct.xml.fields import OBJECTS
from intacct_sf_pipeline.model.mapping import FeedSpec, ReadMode
from intacct_sf_pipeline.model.records import SourceRow
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions

from .builders import intacct_feed
from .conftest import NOON
from .rigs import IntacctRig, IntacctXmlRig, Sandbox

WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), max_size=30).map(str.strip)
LINES = st.lists(WORDS, max_size=3).map("\r\n".join)
EMPTY = st.none()
CUSTOMERS = st.fixed_dictionaries(
    {"name": WORDS.filter(bool)},
    optional={
        "status": st.sampled_from(["active", "activeNonPosting", "inactive"]),
        "notes": EMPTY | LINES,
        "taxId": EMPTY | WORDS,
        "creditLimit": EMPTY | st.integers(0, 9999) | st.decimals("0.01", "9999", places=2).map(float),
        "discountPercent": EMPTY | st.sampled_from(["3.25", "10"]),
        "isOnHold": st.booleans(),
        "deliveryOptions": st.sampled_from(["print", "email", "both"]),
        "customerRestriction": st.sampled_from(["unrestricted", "rootOnly", "restricted"]),
        "advanceBillByType": st.sampled_from(["", "days", "months"]),
        "contacts.default.phone1": EMPTY | WORDS,
        "contacts.default.firstName": EMPTY | WORDS,
        "contacts.default.mailingAddress.addressLine1": EMPTY | WORDS,
        "contacts.default.mailingAddress.isoCountryCode": EMPTY | st.sampled_from(["DE", "US", "GB"]),
    },
)


def both(
    sandbox: Sandbox, clock: OffsetClock, feed: FeedSpec, window: Window, **options: object
) -> list[list[SourceRow]]:
    """All rows of a feed with every column the tables name and REST has, by REST and by XML."""
    rest, xml = IntacctRig(sandbox, clock).connector(), IntacctXmlRig(sandbox, clock).connector(**options)
    known = rest.describe(feed.object).columns
    columns = [name for name in columns_of(OBJECTS[feed.object]) if name in known]
    assert xml.missing_columns(feed, columns) == ()
    return [[row for page in one.read(feed, columns, window) for row in page.rows] for one in (rest, xml)]


def differences(rest: list[SourceRow], xml: list[SourceRow]) -> list[object]:
    """Where the two differ, row by row and column by column."""
    assert [(row.key, row.modified) for row in rest] == [(row.key, row.modified) for row in xml]
    pairs = zip(rest, xml, strict=True)
    return [(a.key, n, a.values[n], b.values[n]) for a, b in pairs for n in a.values if a.values[n] != b.values[n]]


def columns_of(entry: XmlObject) -> list[str]:
    return [column.name for column in entry.columns]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(CUSTOMERS, max_size=4))
def test_customers(sandbox: Sandbox, clock: OffsetClock, rows: list[dict[str, object]]) -> None:
    start = sandbox.company.count("customer")
    sandbox.company.load("customer", [{"id": f"C-{start + n}", **row} for n, row in enumerate(rows)])
    rest, xml = both(sandbox, clock, intacct_feed(), Window())
    assert len(rest) == start + len(rows)
    assert differences(rest, xml) == []


CASES = {
    "company-config/contact": [
        {
            "id": "Ada (1)",
            "printAs": "Ada",
            "firstName": "Ada",
            "email1": "ada@example.example",
            "tax.isTaxable": False,
        },
        {"id": "Bo <&> 'q'", "printAs": "Bo", "mobile": "+49 1", "status": "inactive", "mailingAddress.city": "Köln"},
    ],
    "inventory-control/item": [
        {"id": "I-1", "name": "Pump", "itemType": "inventory", "costMethod": "average", "sales.basePrice": "12.5"},
        {"id": "I-2", "name": "Hour", "itemType": "nonInventory", "costMethod": "null", "notes": "a\r\nb"},
        {"id": "I-3", "name": "Set", "itemType": "stockableKit", "costMethod": "FIFO", "status": "inactive"},
    ],
    "inventory-control/warehouse": [{"id": "W-1", "name": "Here", "location.id": "100"}],
}


@pytest.mark.parametrize("object_name", list(CASES))
def test_other_objects(sandbox: Sandbox, clock: OffsetClock, object_name: str) -> None:
    sandbox.company.load(object_name, CASES[object_name])
    clock.advance(90)
    for window in (Window(), Window(start=NOON - timedelta(hours=1)), Window(start=NOON + timedelta(minutes=1))):
        rest, xml = both(sandbox, clock, intacct_feed(object_name), window)
        assert differences(rest, xml) == []


def stocked(sandbox: Sandbox) -> FeedSpec:
    """Two items with stock in two warehouses, one without any, and the feed of the rows."""
    company = sandbox.company
    company.load("inventory-control/item", CASES["inventory-control/item"])
    company.load(
        "inventory-control/warehouse", [{"id": f"W-{n}", "name": f"W {n}", "location.id": "100"} for n in (1, 2)]
    )
    company.move_stock("I-1", "W-1", 10, 2, 3, allocated=4)
    company.move_stock("I-1", "W-2", 5)
    company.move_stock("I-3", "W-2", 1, in_transit=7, reserved=1)
    return intacct_feed("inventory-control/item-warehouse-inventory", modified=None, read=ReadMode.ALL)


def test_contact_lists_and_stock_and_totals(sandbox: Sandbox, clock: OffsetClock) -> None:
    feed = stocked(sandbox)
    contact, other = sandbox.company.load("contact", CASES["company-config/contact"])
    (customer,) = sandbox.company.load("customer", [{"id": "C-1", "name": "One"}])
    entries = [{"categoryName": "Boss", "contact": {"key": contact}}, {"contact": {"key": other}}]
    sandbox.company.edit("customer", customer, {"contactList": entries})  # type: ignore[dict-item]
    for one in (feed, intacct_feed("inventory-control/item"), intacct_feed("accounts-receivable/customer-contact")):
        rest, xml = both(sandbox, clock, one, Window())
        assert rest
        assert differences(rest, xml) == []


class TestNoQuantities:
    """A company whose ITEMWAREHOUSEINFO has no quantities: the ledger has them."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), stock_quantities=False))

    def test_stock_comes_from_the_ledger(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        feed = stocked(sandbox)
        columns = ["item.id", "warehouse.id", "onHand", "onHold", "onOrder"]
        made = IntacctRig(sandbox, clock).connector(), IntacctXmlRig(sandbox, clock).connector()
        rest, xml = ([row for page in one.read(feed, columns, Window()) for row in page.rows] for one in made)
        assert [row.values["onHand"] for row in rest] == [10, 5, 1]
        assert differences(rest, xml) == []
        assert made[1].missing_columns(feed, ["onHand", "allocated"]) == ("allocated",)


class TestFewTotals:
    """A company whose items have the well-known totals only, and no quantities per warehouse but in the ledger."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), stock_quantities=False, item_totals=False))

    def test_a_total_that_nothing_holds_is_missing_and_not_nought(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        stocked(sandbox)
        items, connector = intacct_feed("inventory-control/item"), IntacctXmlRig(sandbox, clock).connector()
        columns = ["id", "quantityOnHand", "quantityOnHold", "quantityAllocated"]
        assert connector.missing_columns(items, columns) == ("quantityAllocated",)
        rows = [row for page in connector.read(items, columns, Window()) for row in page.rows]
        assert {row.values["quantityOnHold"] for row in rows if row.values["id"] == "I-1"} == {"2"}
        assert all(row.values.get("quantityAllocated") is None for row in rows)


class TestNoLedger:
    """A company that has quantities neither there nor in a ledger: the legacy call has them."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), stock_quantities=False, stock_ledger=False))

    def test_stock_comes_from_the_legacy_call(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        feed = stocked(sandbox)
        columns = ["item.id", "warehouse.id", "onHand", "onHold", "onOrder"]
        made = IntacctRig(sandbox, clock).connector(), IntacctXmlRig(sandbox, clock).connector()
        rest, xml = ([row for page in one.read(feed, columns, Window()) for row in page.rows] for one in made)
        assert [row.values["onHand"] for row in xml] == [10, 5, 1]
        assert differences(rest, xml) == []


class TestFarFromGreenwich:
    """A user whose stamps are eight hours off, and who likes his days first."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(
            xml=replace(XmlOptions(), gmt_offset="-08:00", date_format="-dmY", clock="12", format_follows_user=True)
        )

    def test_stamps_are_the_same(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        sandbox.company.load("customer", [{"id": "C-1", "name": "One"}])
        clock.advance(3600 * 9)
        sandbox.company.load("customer", [{"id": "C-2", "name": "Two"}])
        for start in (NOON, NOON + timedelta(hours=1), NOON + timedelta(hours=9), NOON + timedelta(hours=10)):
            rest, xml = both(sandbox, clock, intacct_feed(), Window(start=start), dates="user")
            assert differences(rest, xml) == []


@pytest.mark.parametrize("always_utc", [False, True])
@pytest.mark.parametrize("offset", ["+13:45", "-08:00"])
class TestStampsOfUncertainZone:
    """Stamps follow the user's offset or never do; a window has every row either way."""

    @pytest.fixture
    def switches(self, offset: str, always_utc: bool) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), gmt_offset=offset, always_utc=always_utc))

    def test_no_change_is_missed(self, sandbox: Sandbox, clock: OffsetClock) -> None:
        sandbox.company.load("customer", [{"id": "C-1", "name": "One"}])
        clock.advance(3600)
        window = Window(start=NOON + timedelta(minutes=50), end=NOON + timedelta(minutes=70))
        sandbox.company.load("customer", [{"id": "C-2", "name": "Two"}])
        pages = IntacctXmlRig(sandbox, clock).connector().read(intacct_feed(), ["id"], window)
        assert "C-2" in {row.values["id"] for page in pages for row in page.rows}
