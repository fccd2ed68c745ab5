"""What only the XML interface does, against the sandbox: repeats, control ids, renewed lists, deletions told by id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Literal

import pytest

from intacct_sf_pipeline.connectors.intacct.contact_list import CATEGORY, CUSTOMER
from intacct_sf_pipeline.model.errors import RecordNotFoundError
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


class TestNoLists:
    """A company that does not offer contact lists as an object."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(xml=replace(XmlOptions(), contact_entries=False))

    def test_it_is_said_what_to_do(self, xml_rig: IntacctXmlRig) -> None:
        with pytest.raises(RecordNotFoundError, match="INTACCT_API=rest"):
            list(xml_rig.connector().read(intacct_feed(LIST), ["customer.key"], Window()))


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
