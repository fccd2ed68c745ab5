"""What only the XML interface does, against the sandbox: repeats, control ids, renewed lists, deletions told by id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from intacct_sf_pipeline.connectors.intacct.contact_list import CATEGORY, CUSTOMER
from intacct_sf_pipeline.model.errors import ThrottledError
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.results import Extent, Page, WriteStatus
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions

from .builders import CONTACT, LIST, create, intacct_feed, update, written
from .builders import CUSTOMER as CUSTOMER_OBJECT
from .conftest import NOON
from .rigs import IntacctXmlRig
from .test_intacct_sandbox import entry_of, keys_of, lists, person

SINCE = Window(start=NOON - timedelta(minutes=10))
ENTRY = ("customer.key", "contact.key", "categoryName")


@pytest.fixture
def manner() -> Literal["error", "stored", "silent"]:
    return "error"


@pytest.fixture
def switches(manner: Literal["error", "stored", "silent"]) -> CompanyOptions:
    return CompanyOptions(xml=replace(XmlOptions(), repeated_control_id=manner))


@pytest.mark.parametrize("manner", ["error", "stored", "silent"])
def test_a_repeated_create_finds_what_the_first_one_made(xml_rig: IntacctXmlRig) -> None:
    """Whatever the gateway says to a control id it knows, nothing is doubled and the record is known."""
    request = xml_rig.create("1", "One")
    (first,) = written(xml_rig.connector(), [request])
    (second,) = written(xml_rig.connector(), [request])
    assert (second.status, second.key, xml_rig.count()) == (WriteStatus.WRITTEN, first.key, 1)


@pytest.mark.parametrize(("manner", "status"), [("error", WriteStatus.UNKNOWN), ("stored", WriteStatus.WRITTEN)])
def test_a_repeated_create_without_an_id_is_not_guessed_at(xml_rig: IntacctXmlRig, status: WriteStatus) -> None:
    request = create(CONTACT, "1", {"id": "Ada", "printAs": "Ada"})
    written(xml_rig.connector(), [request])
    (again,) = written(xml_rig.connector(), [request])
    assert again.status is status


def test_a_failed_function_may_be_sent_again_under_its_control_id(xml_rig: IntacctXmlRig) -> None:
    (refused,) = written(xml_rig.connector(), [xml_rig.create("1", "One", xml_rig.too_long)])
    assert refused.status is WriteStatus.REJECTED
    (mended,) = written(xml_rig.connector(), [xml_rig.create("1", "One")])
    assert mended.status is WriteStatus.WRITTEN


def test_one_request_holds_many_records_and_each_has_its_own_outcome(xml_rig: IntacctXmlRig) -> None:
    connector = xml_rig.connector()
    requests = [xml_rig.create(str(n), f"Name {n}", xml_rig.too_long if n == 2 else None) for n in range(5)]
    outcomes = written(connector, requests)
    assert [o.status is WriteStatus.WRITTEN for o in outcomes] == [n != 2 for n in range(5)]
    writes = [r for r in xml_rig.sandbox.company.requests if "create" in r.functions]
    assert [len(r.functions) for r in writes] == [5]
    assert connector.spend().billed == xml_rig.billed() == 4


def test_a_renewed_list_keeps_what_else_is_on_it_and_costs_two(xml_rig: IntacctXmlRig) -> None:
    (one,) = xml_rig.seed(["One"])
    connector = xml_rig.connector()
    a, b, c = keys_of(written(connector, [person(ref, one, "Boss") for ref in "abc"]))
    before = connector.spend().billed
    now = entry_of(xml_rig, b)
    keys_of(written(connector, [update(CONTACT, "b", b, {CATEGORY: "Chief"}, now, idempotency="new")]))
    assert lists(xml_rig) == {(one, a, "Boss"), (one, b, "Chief"), (one, c, "Boss")}
    assert connector.spend().billed - before == 1 + 2
    # The entry has a new key by now; a second change that knows only the old one still finds it by its contact.
    keys_of(written(connector, [update(CONTACT, "b2", b, {CATEGORY: "Owner"}, now, idempotency="newer")]))
    assert (one, b, "Owner") in lists(xml_rig)


def test_what_a_refused_renewal_asked_for_is_tried_one_by_one(xml_rig: IntacctXmlRig) -> None:
    """A contact that is not there cannot be listed; its neighbour's title changes all the same, nobody is dropped."""
    (one,) = xml_rig.seed(["One"])
    connector = xml_rig.connector()
    a, b = keys_of(written(connector, [person(ref, one, "Boss") for ref in "ab"]))
    requests = [
        update(CONTACT, "a", a, {CATEGORY: "Chief"}, entry_of(xml_rig, a), idempotency="new"),
        update(CONTACT, "z", "999", {CUSTOMER: one, CATEGORY: "Ghost"}, idempotency="other"),
    ]
    outcomes = written(connector, requests)
    assert [o.status for o in outcomes] == [WriteStatus.WRITTEN, WriteStatus.REJECTED]
    assert lists(xml_rig) == {(one, a, "Chief"), (one, b, "Boss")}


def entry_change(rig: IntacctXmlRig, contact: str, category: str) -> dict[str, object]:
    """A person's new category for a contact's entry."""
    table = rig.sandbox.company.store[LIST]
    (key,) = table.referring("contact.key", contact)
    return {"key": key, "categoryName": category}


def removals(rig: IntacctXmlRig, customer: str) -> list[dict[str, object]]:
    """A person takes everybody off a customer's list."""
    table = rig.sandbox.company.store[LIST]
    return [{"key": key, "ia::operation": "delete"} for key in table.referring("customer.key", customer)]


def told(rig: IntacctXmlRig, feed: FeedSpec, window: Window = SINCE, **options: object) -> list[Page]:
    pages = rig.connector(**options).read(
        feed, ["id", "name"] if feed.object == CUSTOMER_OBJECT else ["customer.key"], window
    )
    return [page for page in pages if page.all_of]


def test_deleted_records_are_told_of_by_id_and_those_created_again_are_shown(xml_rig: IntacctXmlRig) -> None:
    gone, back, *_ = xml_rig.seed(["Gone", "Back", "Stays"])
    xml_rig.sandbox.company.delete("customer", gone)
    again = xml_rig.sandbox.company.recreate("customer", back)
    (page,) = told(xml_rig, xml_rig.feed)
    assert page.all_of == Extent("id", frozenset({"S-0", "S-1"}))
    assert [row.key for row in page.rows] == [again]


def test_deletions_are_asked_for_behind_the_window_but_not_for_ever(xml_rig: IntacctXmlRig) -> None:
    (gone,) = xml_rig.seed(["Gone"])
    xml_rig.sandbox.company.delete("customer", gone)
    for hours, expected in ((2, 1), (4, 0)):
        assert len(told(xml_rig, xml_rig.feed, Window(start=NOON + timedelta(hours=hours)))) == expected
    assert told(xml_rig, xml_rig.feed, audit_trail=False) == []
    assert told(xml_rig, xml_rig.feed, Window()) == []


def test_the_whole_list_is_shown_when_one_of_its_entries_changed(xml_rig: IntacctXmlRig) -> None:
    (one,) = xml_rig.seed(["One"])
    keys_of(written(xml_rig.connector(), [person(ref, one, "Boss") for ref in "ab"]))
    (page,) = told(xml_rig, intacct_feed(LIST))
    assert page.all_of == Extent("customer.key", frozenset({one}))
    assert len(page.rows) == 2


class TestListsOfCustomers:
    """A company that does not offer the entries of contact lists as an object: they are read with their customers."""

    @pytest.fixture(params=["CONTACT_LIST_INFO", "CUSTOMERCONTACTS"])
    def switches(self, request: pytest.FixtureRequest) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), contact_entries=False, contact_list=request.param))

    def test_a_full_read_shows_every_entry_and_costs_what_is_billed(
        self, xml_rig: IntacctXmlRig, caplog: pytest.LogCaptureFixture
    ) -> None:
        keys = xml_rig.seed([f"N{n}" for n in range(101)])
        connector = xml_rig.connector()
        a, b = keys_of(written(connector, [person("a", keys[0], "Boss"), person("b", keys[100], None)]))
        before, metered = connector.spend().billed, xml_rig.billed()
        for _ in range(2):
            rows = [row for page in connector.read(intacct_feed(LIST), ENTRY, Window()) for row in page.rows]
            assert {tuple(row.values.values()) for row in rows} == {(keys[0], a, "Boss"), (keys[100], b, None)}
            assert all(row.modified is not None for row in rows)
        # Each time a page of customers, two reads of at most a hundred of them, and the contacts by name.
        assert connector.spend().billed - before == xml_rig.billed() - metered == 2 * (1 + 2 + 1)
        assert sum("cannot be queried" in record.message for record in caplog.records) == 1

    def test_a_window_shows_the_lists_that_changed_whole_and_those_that_were_emptied(
        self, xml_rig: IntacctXmlRig
    ) -> None:
        one, two, three = xml_rig.seed(["One", "Two", "Three"])
        connector = xml_rig.connector()
        a, b, _ = keys_of(written(connector, [person("a", one, "A"), person("b", one, "B"), person("c", two, "C")]))
        xml_rig.clock.advance(3600)
        since = Window(start=xml_rig.clock() - timedelta(minutes=10))
        assert [(page.rows, page.all_of) for page in connector.read(intacct_feed(LIST), ENTRY, since)] == [
            ((), Extent("customer.key", frozenset()))
        ]  # nobody changed
        xml_rig.sandbox.company.edit(CUSTOMER_OBJECT, one, {"contactList": [entry_change(xml_rig, a, "Chief")]})
        xml_rig.sandbox.company.edit(CUSTOMER_OBJECT, two, {"contactList": removals(xml_rig, two)})
        (page,) = connector.read(intacct_feed(LIST), ENTRY, since)
        assert {tuple(row.values.values()) for row in page.rows} == {(one, a, "Chief"), (one, b, "B")}
        assert page.all_of == Extent("customer.key", frozenset({one, two}))
        assert three not in page.all_of.values

    def test_entries_are_found_by_key_customer_and_contact(self, xml_rig: IntacctXmlRig) -> None:
        one, two = xml_rig.seed(["One", "Two"])
        a, b = keys_of(written(xml_rig.connector(), [person("a", one, "A"), person("b", two, "B")]))
        feed = intacct_feed(LIST)
        for connector in (xml_rig.connector(), xml_rig.connector(lookup_chunk=1)):
            (by_contact,) = connector.lookup(feed, ENTRY, "contact.key", {a})
            (by_customer,) = connector.lookup(feed, ENTRY, "customer.key", {two})
            (by_key,) = connector.lookup(feed, ENTRY, "key", {by_contact.key})
            assert by_key.key == by_contact.key != by_customer.key
            assert by_customer.values["contact.key"] == b
            assert connector.lookup(feed, ENTRY, "contact.key", {"999"}) == []

    @pytest.mark.parametrize("name", [" Ada Byron ", "Byron, Ada", "Ada  Byron", "Ada \u2013 Byron"])
    def test_a_contact_is_known_by_its_name_to_the_letter(self, xml_rig: IntacctXmlRig, name: str) -> None:
        (one,) = xml_rig.seed(["One"])
        company = xml_rig.sandbox.company
        (ada,) = company.load("contact", [{"id": name, "printAs": name}])
        company.edit(CUSTOMER_OBJECT, one, {"contactList": [{"contact": {"key": ada}}]})
        (page,) = xml_rig.connector().read(intacct_feed(LIST), ENTRY, Window())
        assert [row.values["contact.key"] for row in page.rows] == [ada]

    def test_lists_are_renewed_as_ever(self, xml_rig: IntacctXmlRig) -> None:
        (one,) = xml_rig.seed(["One"])
        connector = xml_rig.connector()
        a, b = keys_of(written(connector, [person(ref, one, "Boss") for ref in "ab"]))
        (entry,) = connector.lookup(intacct_feed(LIST), ENTRY, "contact.key", {b})
        now = {"customer-contact.key": entry.key, CUSTOMER: one, CATEGORY: "Boss"}
        keys_of(written(connector, [update(CONTACT, "b", b, {CATEGORY: "Chief"}, now, idempotency="new")]))
        assert lists(xml_rig) == {(one, a, "Boss"), (one, b, "Chief")}

    def test_the_model_the_newest_stamp_and_a_probe_are_those_of_the_customers(self, xml_rig: IntacctXmlRig) -> None:
        (one,) = xml_rig.seed(["One"])
        connector, feed = xml_rig.connector(), intacct_feed(LIST)
        assert connector.missing_columns(feed, ENTRY) == ()
        assert connector.newest(feed) == connector.newest(xml_rig.feed) is not None
        assert connector.probe(LIST, "key").key == one


class TestListsNowhere:
    """A company whose `read` shows no contact lists either: nothing may be taken for removed."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), contact_entries=False, contact_list=""))

    def test_no_list_is_taken_for_emptied(self, xml_rig: IntacctXmlRig, caplog: pytest.LogCaptureFixture) -> None:
        (one,) = xml_rig.seed(["One"])
        connector = xml_rig.connector()
        keys_of(written(connector, [person("a", one, "Boss")]))
        for window in (SINCE, SINCE):
            (page,) = connector.read(intacct_feed(LIST), ENTRY, window)
            assert (page.rows, page.all_of) == ((), Extent("customer.key", frozenset()))
        assert sum("INTACCT_API=rest" in record.message for record in caplog.records) == 1
        list(connector.read(intacct_feed(LIST), ENTRY, Window()))
        assert sum("INTACCT_API=rest" in record.message for record in caplog.records) == 2


class TestThrottled:
    """A company that serves no request at all: what a limit looks like from outside."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), concurrency=0))

    def test_the_refusal_names_settings_and_what_follows(self, xml_rig: IntacctXmlRig) -> None:
        with pytest.raises(ThrottledError, match=r"`schedule`.+INTACCT_CONCURRENCY") as refused:
            xml_rig.connector().ping()
        assert "the next run goes on" in str(refused.value)


class TestNoTrail:
    """A user who may not view the audit trail."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), audit_permission=False))

    def test_it_is_asked_once_and_never_again(self, xml_rig: IntacctXmlRig) -> None:
        xml_rig.seed(["One"])
        connector = xml_rig.connector()
        for _ in range(3):
            assert [p.all_of for p in connector.read(xml_rig.feed, ["id"], SINCE)] == [None]
        assert sum(r.object_name == "AUDITHISTORY" for r in xml_rig.sandbox.company.requests) == 1
