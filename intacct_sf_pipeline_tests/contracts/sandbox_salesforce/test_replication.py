"""getUpdated, getDeleted and what late commits do to readers. Source: salesforce.md sections 3.8 and 7."""

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock, error_of


def feed(api: Api, kind: str, start: str, end: str, sobject: str = "Account") -> dict[str, Any]:
    reply = api.get(f"sobjects/{sobject}/{kind}/", params={"start": start, "end": end})
    assert reply.status_code == 200, reply.text
    body: dict[str, Any] = reply.json()
    return body


def test_updated_lists_each_changed_row_once(api: Api, clock: Clock) -> None:
    first = api.create("Account", Name="a")
    clock.advance(minutes=10)
    second, third = api.create("Account", Name="b"), api.create("Account", Name="c")
    clock.advance(minutes=10)
    api.patch(f"sobjects/Account/{second}", {"Phone": "1"})
    api.delete(f"sobjects/Account/{third}")
    assert feed(api, "updated", "2026-01-05T10:00:00Z", "2026-01-05T10:05:00+00:00") == {
        "ids": [first],
        "latestDateCovered": "2026-01-05T10:05:00.000+0000",
    }
    assert feed(api, "updated", "2026-01-05T10:00:00Z", "2026-01-05T11:00:00Z") == {
        "ids": [first, second],
        "latestDateCovered": "2026-01-05T10:20:00.000+0000",
    }
    assert feed(api, "updated", "2026-01-05T10:10:00Z", "2026-01-05T10:20:00Z")["ids"] == []


def test_deleted_lists_deleted_and_merged_rows(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    ids = [api.create("Account", Name=n) for n in "abc"]
    clock.advance(minutes=1)
    api.delete(f"sobjects/Account/{ids[0]}")
    org.merge(ids[1], ids[2])
    body = feed(api, "deleted", "2026-01-05T10:00:00Z", "2026-01-05T10:02:00Z")
    stamp = "2026-01-05T10:01:00.000+0000"
    assert sorted(r["id"] for r in body["deletedRecords"]) == sorted([ids[0], ids[2]])
    assert {r["deletedDate"] for r in body["deletedRecords"]} == {stamp}
    assert body["latestDateCovered"] == stamp
    assert body["earliestDateAvailable"] == "2025-12-21T10:01:00.000+0000"


@pytest.mark.parametrize(
    ("kind", "start", "end"),
    [
        ("updated", "2026-01-05T10:00:00Z", "2026-01-05T09:00:00Z"),
        ("updated", "2025-12-01T00:00:00Z", "2026-01-05T09:00:00Z"),
        ("deleted", "2025-12-20T00:00:00Z", "2026-01-05T09:00:00Z"),
        ("updated", "yesterday", "2026-01-05T09:00:00Z"),
        ("updated", "2026-01-05T09:59:00Z", "2026-01-05T09:59:59Z"),
        ("deleted", "2026-01-05T09:58:59Z", "2026-01-05T09:58:59Z"),
    ],
)
def test_bad_ranges_are_refused(api: Api, kind: str, start: str, end: str) -> None:
    reply = api.get(f"sobjects/Account/{kind}/", params={"start": start, "end": end})
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_seconds_of_a_window_are_ignored(api: Api, clock: Clock) -> None:
    clock.advance(seconds=30)
    made = api.create("Account", Name="a")
    clock.advance(minutes=5)
    assert feed(api, "updated", "2026-01-05T10:00:59Z", "2026-01-05T10:01:59Z")["ids"] == [made]
    before = feed(api, "updated", "2026-01-05T09:00:00Z", "2026-01-05T10:00:59Z")
    assert before == {"ids": [], "latestDateCovered": "2026-01-05T10:00:00.000+0000"}


def test_objects_without_a_stamp_cannot_be_replicated(api: Api) -> None:
    window = {"start": "2026-01-05T09:00:00Z", "end": "2026-01-05T10:00:00Z"}
    assert error_of(api.get("sobjects/ContentNote/updated", params=window))["errorCode"] == "INVALID_TYPE_FOR_OPERATION"


def test_a_late_commit_appears_below_what_was_already_read_but_not_below_what_is_covered(
    api: Api, org: SalesforceOrg, clock: Clock
) -> None:
    clock.advance(seconds=5)
    late = org.open_transaction()
    late.create("Account", {"Name": "late"})
    clock.advance(seconds=15)
    api.create("Account", Name="prompt")
    read = api.query("SELECT Name, SystemModstamp FROM Account ORDER BY SystemModstamp")
    assert [r["Name"] for r in read] == ["prompt"]
    covered = feed(api, "updated", "2026-01-05T09:00:00Z", "2026-01-05T10:01:00Z")["latestDateCovered"]
    assert covered == "2026-01-05T10:00:05.000+0000"

    clock.advance(seconds=20)
    (late_id,) = late.commit()
    row = api.get(f"sobjects/Account/{late_id}").json()
    assert row["SystemModstamp"] == "2026-01-05T10:00:05.000+0000" < read[0]["SystemModstamp"]
    assert row["LastModifiedById"] == org.person.id
    again = feed(api, "updated", covered, "2026-01-05T10:01:00Z")
    assert late_id in again["ids"]
    assert again["latestDateCovered"] == "2026-01-05T10:00:40.000+0000"


def test_a_rolled_back_transaction_leaves_nothing_and_holds_nothing_up(
    api: Api, org: SalesforceOrg, clock: Clock
) -> None:
    account = api.create("Account", Name="a")
    pending = org.open_transaction()
    pending.update("Account", account, {"Name": "b"})
    clock.advance(seconds=10)
    pending.rollback()
    assert (
        feed(api, "updated", "2026-01-05T09:00:00Z", "2026-01-05T10:01:00Z")["latestDateCovered"]
        == "2026-01-05T10:00:10.000+0000"
    )
    assert api.column("SELECT Name FROM Account") == ["a"]


def test_a_window_shows_what_the_present_second_has_so_far_and_covers_only_whole_seconds(
    api: Api, clock: Clock
) -> None:
    clock.advance(milliseconds=700)
    account = api.create("Account", Name="a")
    body = feed(api, "updated", "2026-01-05T09:00:00Z", "2026-01-05T10:01:00Z")
    assert body == {"ids": [account], "latestDateCovered": "2026-01-05T10:00:00.000+0000"}
