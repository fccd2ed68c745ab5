"""What others do just before a request is answered: mass updates, edits, deletions, re-entries, merges, returns."""

from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.errors import FaultFileError
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CUSTOMER_CONTACT
from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox

from .services import CONTACT, CUSTOMER, ITEM, STAMP, Services

AUDIT = "audit.modifiedDateTime"
SOQL = "SELECT Id, Name, Phone, SystemModstamp FROM Account ORDER BY Id"


def stamped_now(rows: list[dict[str, Any]], column: str) -> list[bool]:
    return [str(row[column]).startswith(STAMP) for row in rows]


def test_a_mass_update_gives_many_records_one_second(services: Services) -> None:
    services.fault("salesforce", "same_second", records=5)
    rows = services.soql(SOQL)["records"]
    assert stamped_now(rows, "SystemModstamp") == [True] * 5 + [False] * (len(rows) - 5)
    services.fault("intacct", "same_second", records=3)
    rows = services.rows(CUSTOMER, AUDIT)
    assert stamped_now(rows, AUDIT) == [True] * 3 + [False] * (len(rows) - 3)


def test_a_mass_update_covers_everything_by_default_and_may_set_a_value(services: Services) -> None:
    services.fault("salesforce", "same_second", field_name="Phone", value="1")
    rows = services.soql(SOQL)["records"]
    assert {(row["Phone"], row["SystemModstamp"][:19]) for row in rows} == {("1", STAMP)}
    services.fault("intacct", "same_second", field_name="contacts.default.phone1", value="2")
    rows = services.rows(CUSTOMER, AUDIT, "contacts.default.phone1")
    assert {(row["contacts.default.phone1"], row[AUDIT][:19]) for row in rows} == {("2", STAMP)}
    modified_by = services.rows(CUSTOMER, "audit.modifiedByUser.id")
    assert {row["audit.modifiedByUser.id"] for row in modified_by} == {"user"}, "a person did it"


def test_rows_are_deleted_before_the_answer_so_that_pages_shift(services: Services) -> None:
    services.sandbox.company.load("customer", [{"id": f"N-{n}", "name": f"New {n}"} for n in range(4)])
    keys = [row["key"] for row in services.rows()]
    page: dict[str, Any] = {"size": 4}
    assert [row["key"] for row in services.rows(**page)] == keys[:4]
    services.fault("intacct", "delete_between", records=2)
    second = services.ask(**page, start=5)
    deleted = set(keys) - set(services.sandbox.company.store[CUSTOMER].rows)
    assert len(deleted) == 2
    assert second["ia::meta"]["totalCount"] == len(keys) - 2
    assert [row["key"] for row in second["ia::result"]] == [key for key in keys if key not in deleted][4:8]


def test_deleting_passes_over_records_in_use(services: Services) -> None:
    services.sandbox.company.load("contact", [{"id": "Free", "printAs": "Free"}])
    services.fault("intacct", "delete_between", records=1, object_name="contact")
    before = set(services.sandbox.company.store[CONTACT].by_id)
    services.rows()
    assert before - set(services.sandbox.company.store[CONTACT].by_id) == {"Free"}


def test_accounts_vanish_lowest_ids_first_or_by_chance_or_by_name(services: Services) -> None:
    ids = services.ids("Account")
    services.fault("salesforce", "delete_between", records=2)
    assert [row["Id"] for row in services.soql(SOQL)["records"]] == ids[2:]
    services.fault("salesforce", "delete_between", records=2, choose="random", seed=4)
    left = [row["Id"] for row in services.soql(SOQL)["records"]]
    assert len(left) == len(ids) - 4
    services.fault("salesforce", "delete_between", record_id=left[1][:15])
    assert [row["Id"] for row in services.soql(SOQL)["records"]] == [left[0], *left[2:]]
    gone = services.soql("SELECT Id FROM Account WHERE IsDeleted = true", "queryAll")
    assert gone["totalSize"] == 5


def test_further_pages_of_a_query_know_their_object(services: Services) -> None:
    services.sandbox.org.page_size = lambda _: 5
    first = services.soql(SOQL)
    services.fault("salesforce", "touch_between", path="query/0r8")
    services.salesforce.get(services.sandbox.salesforce_url + first["nextRecordsUrl"], timeout=5)
    assert stamped_now(services.soql(SOQL)["records"], "SystemModstamp")[0]


def test_rows_are_edited_before_the_answer(services: Services) -> None:
    services.fault("salesforce", "touch_between", records=1, field_name="Name", value="Edited")
    rows = services.soql(SOQL)["records"]
    assert [row["Name"] == "Edited" for row in rows] == stamped_now(rows, "SystemModstamp") == [True] + [False] * 7
    customer = services.customers()[1]
    services.fault("intacct", "touch_between", record_id=str(customer["id"]))
    rows = services.rows(CUSTOMER, AUDIT)
    assert [row["key"] for row in rows if row[AUDIT].startswith(STAMP)] == [customer["key"]]


def test_an_edit_the_service_refuses_does_not_happen(services: Services) -> None:
    services.fault("salesforce", "touch_between", field_name="Name", value="x" * 300)
    services.fault("intacct", "touch_between", field_name="name", value="x" * 300)
    assert not any(stamped_now(services.soql(SOQL)["records"], "SystemModstamp"))
    assert not any(stamped_now(services.rows(CUSTOMER, AUDIT), AUDIT))


def test_a_customer_is_entered_again_under_the_same_id(services: Services) -> None:
    customer = services.customers()[0]
    services.fault("intacct", "recreate", record_id=str(customer["id"]))
    [row] = services.rows(CUSTOMER, "id", "name", AUDIT, filters=[{"$eq": {"id": customer["id"]}}])
    assert (row["name"], int(row["key"]) > int(str(customer["key"]))) == (customer["name"], True)
    assert services.ia("GET", f"objects/{CUSTOMER}/{customer['key']}").status_code == 404
    entries = services.sandbox.company.store[CUSTOMER_CONTACT].rows.values()
    assert str(customer["key"]) not in {entry["customer.key"] for entry in entries}
    trail = services.rows(
        "company-config/audit-history",
        "changeSource.actionPerformed",
        filters=[{"$eq": {"changeDetails.objectId": customer["id"]}}],
    )
    assert sorted(row["changeSource.actionPerformed"] for row in trail) == ["create", "delete"]


def test_some_record_is_entered_again_by_the_seed(services: Services) -> None:
    for name in (CONTACT, ITEM):
        before = {row["id"]: row["key"] for row in services.rows(name, "id")}
        services.fault("intacct", "recreate", seed=3)
        after = {row["id"]: row["key"] for row in services.rows(name, "id")}
        assert after.keys() == before.keys()
        assert len(before.items() - after.items()) == 1
    for table in services.sandbox.company.store.tables.values():
        for ref in table.spec.refs.values():
            targets = services.sandbox.company.store[ref.target].rows
            assert all(row.get(ref.column) in (None, *targets) for row in table.rows.values()), ref.path


def test_an_account_is_entered_again_with_its_external_id(services: Services) -> None:
    account = services.ids("Account")[0]
    services.sandbox.org.write_as(
        services.sandbox.org.person, "Account", account, {"IntacctID__c": "C-9", "Phone": "7"}
    )
    services.fault("salesforce", "recreate", record_id=account)
    soql = "SELECT Id, Phone, Name FROM Account WHERE IntacctID__c = 'C-9'"
    [row] = services.soql(soql)["records"]
    assert row["Id"] != account
    old = services.sandbox.org.row("Account", account)
    assert old is not None
    assert (row["Phone"], row["Name"], old["IsDeleted"]) == ("7", old["Name"], True)


def test_accounts_merge_before_the_answer(services: Services) -> None:
    winner, loser = services.ids("Account")[:2]
    org = services.sandbox.org
    contact = org.create_as(org.person, "Contact", {"LastName": "Ash", "AccountId": loser})
    services.clock.advance(60)
    services.fault("salesforce", "merge", winner=winner, loser=loser)
    soql = f"SELECT Id, AccountId, SystemModstamp FROM Contact WHERE Id = '{contact}'"
    [row] = services.soql(soql)["records"]
    assert (row["AccountId"], row["SystemModstamp"]) == (winner, "2026-09-10T12:01:00.000+0000")
    gone = services.soql("SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true", "queryAll")["records"]
    assert [(one["Id"], one["MasterRecordId"]) for one in gone] == [(loser, winner)]
    services.fault("salesforce", "undelete", record_id=loser)
    assert loser in [one["Id"] for one in services.soql(SOQL)["records"]]


@pytest.mark.parametrize("sobject", ["Account", "Contact"])
def test_merges_and_returns_by_the_seed(services: Services, sobject: str) -> None:
    before = services.ids(sobject)
    services.fault("salesforce", "merge", object_name=sobject, seed=2)
    services.sf("GET", "limits")
    assert len(services.ids(sobject)) == len(before) - 1
    services.fault("salesforce", "undelete", object_name=sobject)
    services.sf("GET", "limits")
    assert services.ids(sobject) == before
    services.fault("salesforce", "undelete", object_name=sobject)
    assert services.sf("GET", "limits").status_code == 200, "nothing is left to bring back"


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("{service: salesforce, fault: undelete, object: Acount}", "object 'Acount' is no Salesforce object"),
        ("{service: salesforce, fault: merge, object: Product2}", "object must be one of Account, Contact"),
        ("{service: salesforce, fault: merge, winner: '1', loser: '2'}", "winner '1' is no Salesforce record id"),
        ("{service: salesforce, fault: recreate, id: 1}", "id '1' is no Salesforce record id"),
        ("{service: salesforce, fault: same_second, field: Phne, value: 1}", "field 'Phne' cannot be written"),
        ("{service: salesforce, fault: touch_between, field: SystemModstamp}", "cannot be written in Salesforce"),
        ("{service: intacct, fault: delete_between, object: custmer}", "object 'custmer' is no Intacct object"),
        ("{service: intacct, fault: touch_between, field: audit.modifiedDateTime}", "cannot be written in Intacct"),
    ],
)
def test_a_rule_that_names_what_is_not_there_stops_the_start(tmp_path: Path, rule: str, words: str) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(f"faults:\n  - {{service: intacct, fault: slow}}\n  - {rule}\n")
    options = SandboxOptions(accounts=1, contacts=1, items=1, warehouses=1, faults=file)
    with pytest.raises(FaultFileError, match=r"faults\.yaml: rule 2 \(\w+\): ") as caught:
        running_sandbox(options).__enter__()
    assert words in str(caught.value)
