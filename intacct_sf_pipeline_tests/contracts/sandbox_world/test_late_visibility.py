"""Writes that queries see only after a while, while reads by key see them at once."""

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from intacct_sf_pipeline.sandbox.faults.late import Change, LateChanges
from intacct_sf_pipeline_tests.effort import tries

from .services import CONTACT, CUSTOMER, STAMP, Services

SOQL = "SELECT Id, Name FROM Account ORDER BY Id"
WINDOW = "start=2026-09-10T11:00:00Z&end=2026-09-10T13:00:00Z"


def names(services: Services) -> dict[str, Any]:
    return {row["Id"]: row["Name"] for row in services.soql(SOQL)["records"]}


def test_an_account_appears_late_with_the_stamp_of_its_writing(services: Services) -> None:
    before = names(services)
    services.fault("salesforce", "late", seconds=20, method=("POST",))
    account = services.sf("POST", "sobjects/Account", {"Name": "Late", "IntacctID__c": "L-1"}).json()["id"]
    services.clock.advance(19)
    assert names(services) == before
    assert services.sf("GET", f"sobjects/Account/{account}").json()["Name"] == "Late"
    assert services.sf("GET", "sobjects/Account/IntacctID__c/L-1").json()["Id"] == account
    assert services.sf("PATCH", "sobjects/Account/IntacctID__c/L-1", {}).json()["created"] is False
    services.clock.advance(1)
    assert names(services) == {**before, account: "Late"}
    row = services.soql(f"SELECT CreatedDate FROM Account WHERE Id = '{account}'")["records"][0]
    assert row["CreatedDate"].startswith(STAMP)


def test_an_edit_and_a_deletion_appear_late(services: Services) -> None:
    before = names(services)
    edited, deleted = list(before)[:2]
    services.fault("salesforce", "late", seconds=20, count=None, method=("PATCH", "DELETE"))
    services.sf("PATCH", f"sobjects/Account/{edited}", {"Name": "Edited"})
    services.sf("DELETE", f"sobjects/Account/{deleted}")
    assert names(services) == before
    assert services.soql("SELECT Id FROM Account WHERE Name = 'Edited'")["totalSize"] == 0
    assert services.sf("GET", f"sobjects/Account/{deleted}").status_code == 404
    services.clock.advance(20)
    after = {key: name for key, name in before.items() if key != deleted}
    assert names(services) == {**after, edited: "Edited"}


def test_the_feeds_stand_behind_what_is_not_visible_yet(services: Services) -> None:
    account = services.ids("Account")[0]
    services.clock.advance(5)
    services.fault("salesforce", "late", seconds=30, method=("DELETE",))
    services.sf("DELETE", f"sobjects/Account/{account}")
    services.clock.advance(10)
    feed = services.sf("GET", f"sobjects/Account/deleted?{WINDOW}").json()
    assert (feed["deletedRecords"], feed["latestDateCovered"]) == ([], "2026-09-10T12:00:05.000+0000")
    services.clock.advance(20)
    feed = services.sf("GET", f"sobjects/Account/deleted?{WINDOW}").json()
    assert [row["id"] for row in feed["deletedRecords"]] == [account]
    assert feed["latestDateCovered"] == "2026-09-10T12:00:35.000+0000"


def test_a_later_write_that_shows_at_once_ends_the_wait(services: Services) -> None:
    account = services.ids("Account")[0]
    services.fault("salesforce", "late", seconds=600)
    services.sf("PATCH", f"sobjects/Account/{account}", {"Name": "First", "Phone": "1"})
    services.sandbox.org.write_as(services.sandbox.org.person, "Account", account, {"Name": "Second"})
    assert names(services)[account] == "Second"


def test_a_customer_and_what_belongs_to_it_appear_late(services: Services) -> None:
    customers, contacts = services.rows(), services.rows(CONTACT)
    services.fault("intacct", "late", seconds=20, path="objects")
    body = {"id": "L-1", "name": "Late", "contacts": {"default": {"phone1": "1"}}}
    made = services.ia("POST", f"objects/{CUSTOMER}", body).json()["ia::result"]
    assert services.rows() == customers
    assert services.rows(CONTACT) == contacts
    assert services.rows(filters=[{"$eq": {"id": "L-1"}}]) == []
    assert services.ia("GET", f"objects/{CUSTOMER}/{made['key']}").json()["ia::result"]["name"] == "Late"
    assert "Another record with the value L-1" in services.ia("POST", f"objects/{CUSTOMER}", body).text
    services.clock.advance(20)
    assert len(services.rows(CONTACT)) == len(contacts) + 1
    [row] = services.rows(CUSTOMER, "contacts.default.phone1", filters=[{"$eq": {"id": "L-1"}}])
    assert row["contacts.default.phone1"] == "1"


def test_lists_and_totals_wait_too(services: Services) -> None:
    key = str(services.customers()[-1]["key"])
    services.fault("intacct", "late", seconds=20, method=("PATCH",))
    services.ia("PATCH", f"objects/{CUSTOMER}/{key}", {"status": "inactive"})
    active = {"filters": [{"$eq": {"status": "active"}}]}
    assert key in [row["key"] for row in services.rows(**active)]
    assert services.ia("GET", f"objects/{CUSTOMER}/{key}").json()["ia::result"]["status"] == "inactive"
    services.clock.advance(20)
    assert key not in [row["key"] for row in services.rows(**active)]


class Shelf:
    """A table of numbers."""

    def __init__(self) -> None:
        self.held: dict[str, list[int]] = {}

    def look(self, key: str) -> list[int] | None:
        return self.held.get(key)

    def show(self, key: str, record: list[int] | None) -> None:
        if record is None:
            self.held.pop(key, None)
        else:
            self.held[key] = record


class LateMachine(RuleBasedStateMachine):
    """Late and prompt writes against a model: each record's visible value is that of its last visible write."""

    keys = st.sampled_from("ab")

    def __init__(self) -> None:
        super().__init__()
        self.step = timedelta(seconds=1)
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.shelf = Shelf()
        self.late: LateChanges[list[int]] = LateChanges(lambda: self.now, lambda: self.now)
        self.writes: dict[str, list[tuple[list[int] | None, datetime]]] = {
            "a": [(None, self.now)],
            "b": [(None, self.now)],
        }
        self.count = 0

    @rule(key=keys, seconds=st.integers(0, 5), deleting=st.booleans())
    def write(self, key: str, seconds: int, deleting: bool) -> None:
        self.count += 1
        before, after = self.shelf.look(key), None if deleting else [self.count]
        if before is None and after is None:
            return
        self.shelf.show(key, after)
        if seconds:
            self.late.hide([Change(self.shelf, key, before)], seconds)
            self.writes[key].append((after, self.now + self.step * seconds))
        else:
            self.writes[key] = [(after, self.now)]

    @rule()
    def tick(self) -> None:
        self.now += self.step

    @precondition(lambda self: self.count)
    @invariant()
    def queries_see_every_write_whose_time_has_come(self) -> None:
        stored = dict(self.shelf.held)
        with self.late.drawn():
            seen = dict(self.shelf.held)
        assert self.shelf.held == stored
        for key, writes in self.writes.items():
            waiting = [place for place, (_, due) in enumerate(writes) if due > self.now]
            visible = writes[min(waiting) - 1 if waiting else -1][0]
            assert seen.get(key) == visible


LateMachine.TestCase.settings = settings(
    max_examples=tries(60), stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestLateMachine = LateMachine.TestCase
