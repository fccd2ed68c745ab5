"""What only Intacct does: contact lists, contacts without a stamp, addresses, private records; against the sandbox."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.connectors.intacct.contact_list import CATEGORY, CUSTOMER, ENTRY
from intacct_sf_pipeline.model import errors
from intacct_sf_pipeline.model.mapping import ReadMode
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest, WriteStatus
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions

from .builders import CONTACT, LIST, create, intacct_feed, update, written
from .builders import CUSTOMER as CUSTOMER_OBJECT
from .conftest import NOON
from .rigs import IntacctRig, Sandbox

CONTACTS, LISTS = intacct_feed(CONTACT), intacct_feed(LIST)
LIST_COLUMNS = ["key", "categoryName", "customer.key", "contact.key"]
ADDRESS = "contacts.default.mailingAddress."


def person(ref: str, customer: str | None, title: str | None = None) -> WriteRequest:
    values = {"printAs": f"Pat {ref}", "firstName": "Pat", "lastName": ref, CUSTOMER: customer, CATEGORY: title}
    return create(CONTACT, ref, values, f"Pat {ref} (003{ref})")


def lists(rig: IntacctRig) -> set[tuple[object, object, object]]:
    """(customer, contact, category) of every entry."""
    rows = [row.values for p in rig.connector().read(LISTS, LIST_COLUMNS, Window()) for row in p.rows]
    return {(v["customer.key"], v["contact.key"], v["categoryName"]) for v in rows}


def entry_of(rig: IntacctRig, contact: str) -> dict[str, object]:
    (row,) = rig.connector().lookup(LISTS, LIST_COLUMNS, "contact.key", [contact])
    return {ENTRY: row.key, CUSTOMER: row.values["customer.key"], CATEGORY: row.values["categoryName"]}


def keys_of(outcomes: list[WriteOutcome]) -> list[str]:
    assert {o.status for o in outcomes} == {WriteStatus.WRITTEN}
    return [str(o.key) for o in outcomes]


def test_a_new_contact_is_put_on_its_customers_list_with_its_title(intacct_rig: IntacctRig) -> None:
    one, two = intacct_rig.seed(["One", "Two"])
    connector = intacct_rig.connector()
    a, b, c = keys_of(written(connector, [person("a", one, "Boss"), person("b", one), person("c", two, "Buyer")]))
    assert lists(intacct_rig) == {(one, a, "Boss"), (one, b, None), (two, c, "Buyer")}
    assert connector.spend().billed == 3 + 2


def test_a_title_is_changed_and_cleared_and_a_contact_moves(intacct_rig: IntacctRig) -> None:
    one, two = intacct_rig.seed(["One", "Two"])
    connector = intacct_rig.connector()
    a, b, c, d = keys_of(written(connector, [person(ref, one, "Boss") for ref in "abcd"]))
    now = {key: entry_of(intacct_rig, key) for key in (a, b, c, d)}
    requests = [
        update(CONTACT, "a", a, {CATEGORY: "Chief", "phone1": "555-0100"}, now[a]),
        update(CONTACT, "b", b, {CATEGORY: None}, now[b]),
        update(CONTACT, "c", c, {CUSTOMER: two}, now[c]),
        update(CONTACT, "d", d, {CUSTOMER: two, CATEGORY: "Buyer"}, {CUSTOMER: one}),
    ]
    keys_of(written(connector, requests))
    assert lists(intacct_rig) == {(one, a, "Chief"), (one, b, None), (two, c, "Boss"), (two, d, "Buyer")}
    assert intacct_rig.sandbox.company.read("contact", a, "phone1") == {"phone1": "555-0100"}


def test_a_contact_saved_without_its_list_entry_says_so_and_gives_its_key(intacct_rig: IntacctRig) -> None:
    (one,) = intacct_rig.seed(["One"])
    outcomes = written(intacct_rig.connector(), [person("a", "99999", "Boss"), person("b", one, "Boss")])
    assert [o.status for o in outcomes] == [WriteStatus.REJECTED, WriteStatus.WRITTEN]
    assert outcomes[0].key
    assert outcomes[0].error
    assert "was saved, but its entry" in outcomes[0].error.message
    assert intacct_rig.sandbox.company.read("contact", outcomes[0].key, "lastName") == {"lastName": "a"}


def test_a_lost_answer_to_the_list_change_leaves_it_open_with_the_key(intacct_rig: IntacctRig) -> None:
    (one,) = intacct_rig.seed(["One"])
    intacct_rig.fault("reset_after", CUSTOMER_OBJECT)
    (outcome,) = written(intacct_rig.connector(), [person("a", one, "Boss")])
    assert (outcome.status, outcome.key is not None) == (WriteStatus.UNKNOWN, True)
    assert len(lists(intacct_rig)) == 1


@pytest.mark.parametrize(
    ("fault", "raised"),
    [({"kind": "throttle", "retry_after": 1}, errors.ThrottledError), ({"kind": "reset_before"}, None)],
)
def test_a_list_change_that_cannot_be_sent_now_is_no_refusal(
    intacct_rig: IntacctRig, fault: dict[str, Any], raised: type[Exception] | None
) -> None:
    (one,) = intacct_rig.seed(["One"])
    connector = intacct_rig.connector()
    (key,) = keys_of(written(connector, [person("b", one, "Boss")]))
    intacct_rig.fault(path=CUSTOMER_OBJECT, count=None, **fault)
    outcomes: list[WriteOutcome] = []
    moved = update(CONTACT, "b", key, {"phone1": "555-0100", CATEGORY: "Chief"}, entry_of(intacct_rig, key))
    with pytest.raises(raised) if raised else nullcontext():
        for batch in connector.write([person("a", one, "Boss"), moved]):
            outcomes += batch
    assert [o.status for o in outcomes] == [WriteStatus.UNKNOWN, WriteStatus.UNKNOWN]
    assert all(o.key for o in outcomes), "what is half done is looked at by the next run, under its key"


def test_a_contact_that_is_refused_is_put_on_no_list(intacct_rig: IntacctRig) -> None:
    (one,) = intacct_rig.seed(["One"])
    connector = intacct_rig.connector()
    written(connector, [person("a", one, "Boss")])
    (again,) = written(connector, [replace(person("a", one, "Second"), idempotency_key="another attempt")])
    assert (again.status, again.duplicate) == (WriteStatus.REJECTED, True)
    assert len(lists(intacct_rig)) == 1


def test_a_title_without_a_customer_has_no_place(intacct_rig: IntacctRig) -> None:
    (outcome,) = written(
        intacct_rig.connector(),
        [
            update(
                CONTACT,
                "a",
                intacct_rig.sandbox.company.create("contact", {"id": "P", "printAs": "P"}),
                {CATEGORY: "Boss"},
            )
        ],
    )
    assert outcome.status is WriteStatus.REJECTED
    assert outcome.error
    assert outcome.error.code == "notListed"


def test_the_address_is_written_nested_and_read_flat_and_cleared_alone(intacct_rig: IntacctRig) -> None:
    values = {ADDRESS + "city": "Zürich", ADDRESS + "postCode": "8001", "contacts.default.phone1": "+41 44 000 00 00"}
    connector = intacct_rig.connector()
    (key,) = keys_of(written(connector, [intacct_rig.create("1", "Müller & Söhne", values)]))
    keys_of(written(connector, [update(CUSTOMER_OBJECT, "2", key, {ADDRESS + "postCode": None})]))
    (row,) = connector.lookup(intacct_rig.feed, list(values), "id", ["N-1"])
    assert dict(row.values) == {**values, ADDRESS + "postCode": None, "id": "N-1"}


def test_decimals_are_written_as_the_field_wants_them(intacct_rig: IntacctRig) -> None:
    (key,) = intacct_rig.seed(["One"])
    connector = intacct_rig.connector()
    keys_of(
        written(
            connector,
            [update(CUSTOMER_OBJECT, "1", key, {"creditLimit": Decimal("2500.5"), "discountPercent": Decimal("3.25")})],
        )
    )
    (row,) = connector.lookup(intacct_rig.feed, ["creditLimit", "discountPercent"], "key", [key])
    assert row.values["creditLimit"] == Decimal("2500.5")
    assert row.values["discountPercent"] == "3.25"


def test_records_private_to_entities_are_read_too(intacct_rig: IntacctRig) -> None:
    top = intacct_rig.connector()
    inside = intacct_rig.connector(entity_id="E100")
    keys_of(written(inside, [intacct_rig.create("private", "Private")]))
    keys_of(written(top, [intacct_rig.create("shared", "Shared")]))
    assert {row.values["name"] for p in top.read(intacct_rig.feed, ["name"], Window()) for row in p.rows} == {
        "Private",
        "Shared",
    }


def test_a_feed_without_stamp_is_read_in_full_whatever_the_window(intacct_rig: IntacctRig) -> None:
    keys = intacct_rig.seed(["a", "b"])
    later = Window(start=NOON + timedelta(days=1))
    for feed in (intacct_feed(read=ReadMode.ALL), intacct_feed(modified=None)):
        assert {row.key for p in intacct_rig.connector().read(feed, ["name"], later) for row in p.rows} == set(keys)


def test_rows_that_vanish_between_pages_do_not_hide_others(intacct_rig: IntacctRig) -> None:
    keys = intacct_rig.seed([f"n{n}" for n in range(6)])
    pages = intacct_rig.connector(page_size=2).read(intacct_rig.feed, ["name"], Window())
    seen = {row.key for row in next(pages).rows}
    intacct_rig.sandbox.company.delete("customer", keys[0])
    seen |= {row.key for p in pages for row in p.rows}
    assert seen >= set(keys[1:])


def test_rows_deleted_and_created_between_pages_hide_no_others(intacct_rig: IntacctRig) -> None:
    """The total stays the same, so that nothing betrays it."""
    keys = intacct_rig.seed([f"n{n}" for n in range(9)])
    connector = intacct_rig.connector(page_size=3)
    pages = connector.read(intacct_rig.feed, ["name"], Window())
    seen = {row.key for row in next(pages).rows}
    for number, key in enumerate(keys[:3]):
        intacct_rig.sandbox.company.delete("customer", key)
        intacct_rig.sandbox.company.create("customer", {"id": f"S-{number}", "name": f"again {number}"})
    seen |= {row.key for p in pages for row in p.rows}
    assert seen >= set(keys)
    assert len(seen) == 12
    assert connector.spend().billed == 4


def test_describe_tells_what_writing_depends_on(intacct_rig: IntacctRig) -> None:
    connector = intacct_rig.connector()
    schema = connector.describe(CUSTOMER_OBJECT)
    assert (schema.columns["id"].creatable, schema.columns["id"].updatable) == (True, False)
    assert not schema.columns["totalDue"].creatable
    assert schema.columns["name"].required
    assert "inactive" in schema.columns["status"].values
    assert ADDRESS + "city" in schema.columns
    assert {
        capabilities.CREATE,
        capabilities.UPDATE,
        capabilities.MODIFIED_STAMP,
        capabilities.IDEMPOTENCY,
    } <= schema.capabilities


class TestMissingRights:
    """A company whose sync user may neither create customers nor read contacts."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(denied={CUSTOMER_OBJECT: frozenset({"create"}), CONTACT: frozenset({"read"})})

    def test_a_refused_write_is_a_matter_of_rights(self, intacct_rig: IntacctRig) -> None:
        (outcome,) = written(intacct_rig.connector(), [intacct_rig.create("1", "One")])
        assert outcome.status is WriteStatus.REJECTED
        assert outcome.error
        assert outcome.error.status == 403

    def test_a_refused_read_is_a_matter_of_rights(self, intacct_rig: IntacctRig) -> None:
        with pytest.raises(errors.PermissionDeniedError, match="permission"):
            list(intacct_rig.connector().read(CONTACTS, ["printAs"], Window()))


class TestContactsWithoutAudit:
    """A company whose contacts carry no audit group over REST; over XML every object has its stamps."""

    @pytest.fixture
    def intacct_rig(self, sandbox: Sandbox, clock: OffsetClock) -> IntacctRig:
        return IntacctRig(sandbox, clock)

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(contact_audit=False, batch_success_status=False, stray_alias_column=True)

    def test_they_are_read_in_full_and_describe_says_why(
        self, intacct_rig: IntacctRig, caplog: pytest.LogCaptureFixture
    ) -> None:
        key = intacct_rig.sandbox.company.create("contact", {"id": "P", "printAs": "P"})
        connector = intacct_rig.connector()
        read = [
            row for p in connector.read(CONTACTS, ["printAs"], Window(start=NOON + timedelta(days=9))) for row in p.rows
        ]
        assert [(row.key, row.modified) for row in read] == [(key, None)]
        assert capabilities.MODIFIED_STAMP not in connector.describe(CONTACT).capabilities
        assert connector.missing_columns(CONTACTS, ["printAs"]) == ("audit.modifiedDateTime",)
        assert "reading all of them" in caplog.text

    def test_their_newest_stamp_is_unknown(self, intacct_rig: IntacctRig) -> None:
        intacct_rig.sandbox.company.create("contact", {"id": "P", "printAs": "P"})
        connector = intacct_rig.connector()
        assert connector.newest(CONTACTS) is None
        before = connector.spend()
        assert connector.newest(CONTACTS) is None
        assert connector.spend() == before

    def test_successes_without_status_are_successes(self, intacct_rig: IntacctRig) -> None:
        outcomes = written(
            intacct_rig.connector(),
            [intacct_rig.create("1", "One"), intacct_rig.create("2", "Two", intacct_rig.too_long)],
        )
        assert [o.status for o in outcomes] == [WriteStatus.WRITTEN, WriteStatus.REJECTED]


class TestNumberedCompany:
    """A company that numbers its customers itself, and whose expired tokens are answered with 400."""

    @pytest.fixture
    def switches(self) -> CompanyOptions:
        return CompanyOptions(auto_number_customers=True, expired_token_status=400)

    def test_the_given_number_comes_back(self, intacct_rig: IntacctRig) -> None:
        (outcome,) = written(intacct_rig.connector(), [create(CUSTOMER_OBJECT, "1", {"name": "One"})])
        assert outcome.status is WriteStatus.WRITTEN
        assert outcome.id == intacct_rig.stored(str(outcome.key), "id")

    def test_an_expired_token_is_renewed(self, intacct_rig: IntacctRig) -> None:
        connector = intacct_rig.connector()
        connector.ping()
        intacct_rig.expire_tokens()
        connector.ping()
        assert intacct_rig.sandbox.company.transactions.token_calls == 2
