"""What XML Web Services bring or ask for beyond REST: deletions by the audit trail, renewed contact lists, the user's
time zone, and the change from one interface to the other on the same staging database. Call counts are promises too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, text

from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import open_runtime
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.server import SandboxOptions
from intacct_sf_pipeline.staging.queries import open_holds

from .doors import VARIABLE
from .loop import Loop, connectors, running_loop

CUSTOMER = "accounts-receivable/customer"
SMALL = SandboxOptions(accounts=12, contacts=16, items=8, seed=5)


@pytest.fixture(autouse=True)
def _through_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "xml")


@contextmanager
def synced(folder: Path, **xml: object) -> Iterator[Loop]:
    company = CompanyOptions(xml=replace(XmlOptions(), **xml))  # type: ignore[arg-type] # named by the test
    with running_loop(folder, replace(SMALL, company=company)) as loop:
        loop.sync()
        assert loop.sync().total() == 0
        yield loop


def functions(loop: Loop) -> Counter[str]:
    """XML functions asked for so far; a request of writes counts each of its functions."""
    return Counter(name for request in loop.sandbox.company.requests for name in request.functions)


def since(loop: Loop, before: Counter[str]) -> Counter[str]:
    return functions(loop) - before


def lonely(loop: Loop) -> str:
    """A customer and its account, linked; its Intacct key."""
    account = loop.new("Account", Name="Ephemeral Ltd", Type="Customer - Direct", BillingCity="Bath")
    loop.sync()
    loop.sync()
    return loop.partner("accounts", "salesforce", account)


def held(loop: Loop, key: str) -> list[str]:
    return [hold["reason"] for hold in open_holds(loop.runtime.store.database) if hold["key"] == key]


def is_known_gone(loop: Loop, key: str) -> bool:
    mapping = loop.runtime.config.mapping
    return key in loop.runtime.store.gone(mapping.entity("accounts"), mapping.feeds[0].side, [key])


def test_a_deleted_customer_is_noticed_by_the_next_tick(tmp_path: Path) -> None:
    with synced(tmp_path) as loop:
        key = lonely(loop)
        loop.sandbox.company.delete(CUSTOMER, key)
        loop.sync()
        assert is_known_gone(loop, key)


def test_a_customer_that_is_created_again_within_the_look_back_is_not_taken_for_deleted(tmp_path: Path) -> None:
    with synced(tmp_path) as loop:
        key = lonely(loop)
        again = loop.sandbox.company.recreate(CUSTOMER, key)
        loop.sync()
        loop.sync()
        assert is_known_gone(loop, key)
        assert not is_known_gone(loop, again)
        assert loop.partner("accounts", "intacct", again)
        assert loop.sync().total() == 0


def test_without_the_right_to_the_trail_full_reads_find_what_was_deleted(tmp_path: Path) -> None:
    with synced(tmp_path, audit_permission=False) as loop:
        key = lonely(loop)
        loop.sandbox.company.delete(CUSTOMER, key)
        loop.sync()
        assert not is_known_gone(loop, key)
        loop.sync(full=True)
        assert is_known_gone(loop, key)


def test_titles_of_one_list_survive_its_renewal_and_later_edits_are_seen(tmp_path: Path) -> None:
    """A title changes in Salesforce, so the list is emptied and filled again; then a colleague's changes in Intacct."""
    with synced(tmp_path) as loop:
        account = loop.new("Account", Name="Listed Ltd", Type="Customer - Direct", BillingCity="Bath")
        people = {
            name: loop.new("Contact", LastName=name, FirstName="Pat", Title="Clerk", AccountId=account)
            for name in ("Ash", "Birch", "Cedar")
        }
        loop.sync()
        assert loop.sync().total() == 0
        loop.as_person("Contact", people["Ash"], Title="Head")
        loop.sync()
        assert loop.sync().total() == 0
        customer = loop.partner("accounts", "salesforce", account)
        birch = loop.partner("contacts", "salesforce", people["Birch"])
        company = loop.sandbox.company
        entries = company.store["accounts-receivable/customer-contact"]
        titles = [entries.rows[key]["categoryName"] for key in entries.referring("customer.key", customer)]
        assert sorted(map(str, titles)) == ["Clerk", "Clerk", "Head"]
        (entry,) = entries.referring("contact.key", birch)
        company.edit(CUSTOMER, customer, {"contactList": [{"key": entry, "categoryName": "Director"}]})  # type: ignore[dict-item]
        loop.sync()
        row = loop.sandbox.org.row("Contact", people["Birch"])
        assert row is not None
        assert row["Title"] == "Director"
        assert loop.sync().total() == 0
        assert loop.disagreements() == {}


@pytest.mark.parametrize(("always_utc", "format_follows_user"), [(False, False), (False, True)])
def test_changes_are_seen_whatever_the_users_offset(
    tmp_path: Path, always_utc: bool, format_follows_user: bool
) -> None:
    offset = {"gmt_offset": "-08:00", "always_utc": always_utc, "format_follows_user": format_follows_user}
    with synced(tmp_path, **offset) as loop:
        key = lonely(loop)
        loop.sandbox.company.edit(CUSTOMER, key, {"contacts.default.phone1": "+1 212-555-0144"})
        loop.sync()
        assert loop.account(loop.partner("accounts", "intacct", key))["Phone"] == "+1 212-555-0144"
        assert loop.sync().total() == 0


@pytest.mark.parametrize("first", ["rest", "xml"])
def test_changing_the_interface_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str) -> None:
    monkeypatch.setenv(VARIABLE, first)
    with running_loop(tmp_path, SandboxOptions(accounts=30, contacts=50, items=16, seed=21)) as loop:
        loop.sync()
        assert loop.sync().total() == 0
        other = replace(loop.sandbox, intacct_api="xml" if first == "rest" else "rest")
        rows = landed(loop)
        settings, config = loop.runtime.settings, loop.runtime.config
        with open_runtime(settings, config=config, connectors=connectors(other), clock=loop.clock) as runtime:
            switched = replace_runtime(loop, other, runtime)
            for full in (False, True):
                tick = switched.sync(full=full)
                assert tick.total() == 0
                assert {name: count for plan in tick.planned.values() for name, count in plan.items() if count} == {}
                assert landed(switched) == rows
            assert switched.disagreements() == {}


def replace_runtime(loop: Loop, sandbox: object, runtime: object) -> Loop:
    return replace(loop, sandbox=sandbox, runtime=runtime)  # type: ignore[arg-type] # a sandbox and a runtime


def landed(loop: Loop) -> dict[str, list[tuple[object, ...]]]:
    """Key and content digest of every landed Intacct row."""
    engine = loop.runtime.store.database.engine
    found = {}
    with engine.connect() as connection:
        for feed in loop.runtime.config.mapping.feeds:
            if feed.side.value == "intacct":
                query = f"select record_key, content_hash, is_deleted from {feed.table} order by record_key"
                found[feed.name] = [tuple(row) for row in connection.exec_driver_sql(query)]
    return found


def test_an_idle_tick_asks_once_per_object_and_for_deletions(tmp_path: Path) -> None:
    with synced(tmp_path) as loop:
        loop.clock.advance(4 * 3600)
        loop.sync()
        before, billed = functions(loop), loop.sandbox.company.transactions.total
        assert loop.sync().total() == 0
        # customers, contacts, contact lists, items, stock; deletions of customers and of contacts.
        assert since(loop, before) == Counter({"query": 7})
        assert loop.sandbox.company.transactions.total - billed == 7


@pytest.mark.parametrize("changed", [1, 7])
def test_changes_cost_one_transaction_per_record_written(tmp_path: Path, changed: int) -> None:
    with synced(tmp_path) as loop:
        pairs = [
            case.link
            for cases in loop.runtime.store.pairs(loop.runtime.config.mapping.entity("accounts"), size=50)
            for case in cases
        ]
        loop.clock.advance(4 * 3600)
        loop.sync()
        for number, link in enumerate(pairs[:changed]):
            assert link is not None
            loop.as_person("Account", link.salesforce_id, Phone=f"+1 212-555-01{number:02}")
        before, written = functions(loop), loop.sandbox.company.transactions.records_written
        loop.sync()
        asked = since(loop, before)
        assert loop.sandbox.company.transactions.records_written - written == changed
        assert asked["update"] == changed
        assert asked["query"] <= 7 + 2


def test_where_list_entries_cannot_be_queried_contacts_come_with_their_customers(tmp_path: Path) -> None:
    """Contacts arrive, edits on both sides travel, a removal is noticed, nothing is doubled, the cost is counted."""
    with synced(tmp_path, contact_entries=False) as loop:
        company, entries = loop.sandbox.company, loop.sandbox.company.store["accounts-receivable/customer-contact"]
        everybody = loop.sandbox.company.count("company-config/contact")
        account = loop.new("Account", Name="Listed Ltd", Type="Customer - Direct", BillingCity="Bath")
        people = {
            name: loop.new("Contact", LastName=name, FirstName="Pat", Title="Clerk", AccountId=account)
            for name in ("Ash", "Birch", "Cedar")
        }
        loop.sync()
        customer = loop.partner("accounts", "salesforce", account)
        assert loop.sync().total() == 0
        keys = {name: loop.partner("contacts", "salesforce", record) for name, record in people.items()}
        loop.as_person("Contact", people["Ash"], Title="Head")
        loop.sync()
        (entry,) = entries.referring("contact.key", keys["Birch"])
        company.edit(CUSTOMER, customer, {"contactList": [{"key": entry, "categoryName": "Director"}]})  # type: ignore[dict-item]
        (gone,) = entries.referring("contact.key", keys["Cedar"])
        loop.sync()
        assert title(loop, people["Birch"]) == "Director"
        company.edit(CUSTOMER, customer, {"contactList": [{"key": gone, "ia::operation": "delete"}]})  # type: ignore[dict-item]
        loop.sync()
        assert listed_contacts(loop, customer) == {keys["Ash"], keys["Birch"]}
        assert loop.sync().total() == 0
        assert sorted(
            str(entries.rows[key]["categoryName"]) for key in entries.referring("customer.key", customer)
        ) == [
            "Director",
            "Head",
        ]
        # The account's own contact and three people; nobody twice.
        assert company.count("company-config/contact") == everybody + 4
        assert loop.disagreements() == {}
        spent = loop.runtime.connectors[Side.INTACCT].spend().billed
        assert spent == company.transactions.total


def title(loop: Loop, contact: str) -> object:
    return (loop.sandbox.org.row("Contact", contact) or {}).get("Title")


def listed_contacts(loop: Loop, customer: str) -> set[str]:
    """The contacts that are landed as being on a customer's list."""
    return {str(row.contact_key) for row in live_entries(loop) if row.customer_key == customer}


def test_lists_read_with_their_customers_cost_nothing_while_no_customer_changes(tmp_path: Path) -> None:
    with synced(tmp_path, contact_entries=False) as loop:
        loop.clock.advance(4 * 3600)
        loop.sync()
        before, billed = functions(loop), loop.sandbox.company.transactions.total
        assert loop.sync().total() == 0
        # As where entries can be queried: the lists' customers stand for the entries.
        assert since(loop, before) == Counter({"query": 7})
        assert loop.sandbox.company.transactions.total - billed == 7


def test_a_company_that_passes_over_empty_elements_holds_what_was_to_be_emptied(tmp_path: Path) -> None:
    """The person's deletion in Salesforce is neither lost nor undone: it is held until Intacct's field is emptied."""
    with synced(tmp_path, empty_clears=False) as loop:
        key = lonely(loop)
        account = loop.partner("accounts", "intacct", key)
        loop.as_person("Account", account, Phone="+1 212-555-0144")
        loop.sync()
        loop.as_person("Account", account, Phone=None, BillingCity="Wells")
        loop.sync()
        assert loop.customer(key, "contacts.default.mailingAddress.city") == {
            "contacts.default.mailingAddress.city": "Wells"
        }
        assert held(loop, account) == ["rejected"]
        for _ in range(2):
            loop.sync()
            assert loop.account(account)["Phone"] is None
        assert loop.disagreements() == {}
        loop.sandbox.company.edit(CUSTOMER, key, {"contacts.default.phone1": None})
        loop.sync()
        assert held(loop, account) == []
        assert loop.sync().total() == 0
        assert loop.disagreements() == {}


def test_whether_fields_are_emptied_is_asked_once_a_run(tmp_path: Path) -> None:
    with synced(tmp_path) as loop:
        accounts = [loop.partner("accounts", "intacct", lonely(loop)), *linked(loop, 3)]
        for account in accounts:
            loop.as_person("Account", account, Phone="+1 212-555-0144")
        loop.sync()
        costs = []
        for account in accounts:
            loop.clock.advance(4 * 3600)
            loop.sync()
            before = functions(loop)
            loop.as_person("Account", account, Phone=None)
            loop.sync()
            asked = since(loop, before)
            assert asked["update"] == 1
            costs.append(asked["query"])
        assert costs[0] == costs[1] + 1 == costs[2] + 1
        assert loop.disagreements() == {}


def linked(loop: Loop, many: int) -> list[str]:
    """Accounts that have a partner."""
    pairs = loop.runtime.store.pairs(loop.runtime.config.mapping.entity("accounts"), size=50)
    return [case.link.salesforce_id for cases in pairs for case in cases if case.link is not None][:many]


@pytest.mark.parametrize("first", ["rest", "xml"])
def test_changing_to_or_from_lists_read_with_their_customers_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """Entries have other keys then; contacts stay where they are, at once and after a full read, and can be edited."""
    monkeypatch.setenv(VARIABLE, first)
    company = CompanyOptions(xml=replace(XmlOptions(), contact_entries=False))
    with running_loop(tmp_path, replace(SMALL, company=company)) as loop:
        loop.sync()
        assert loop.sync().total() == 0
        people = loop.runtime.store.pairs(loop.runtime.config.mapping.entity("contacts"), size=50)
        contact = next(case.link.salesforce_id for cases in people for case in cases if case.link is not None)
        other = replace(loop.sandbox, intacct_api="xml" if first == "rest" else "rest")
        settings, config = loop.runtime.settings, loop.runtime.config
        with open_runtime(settings, config=config, connectors=connectors(other), clock=loop.clock) as runtime:
            switched = replace_runtime(loop, other, runtime)
            for full in (False, True):
                assert switched.sync(full=full).total() == 0
            switched.as_person("Contact", contact, Title="Head of Keys")
            switched.sync()
            assert switched.sync().total() == 0
            assert switched.disagreements() == {}
            entries = loop.sandbox.company.store["accounts-receivable/customer-contact"].rows
            assert len(live_entries(switched)) == len(entries)


def live_entries(loop: Loop) -> list[Row[Any]]:
    """The landed entries of contact lists that are not gone."""
    query = text("select record_key, contact_key, customer_key, is_deleted from landing_intacct_customer_contacts")
    with loop.runtime.store.database.read() as connection:
        return [row for row in connection.execute(query) if not row.is_deleted]
