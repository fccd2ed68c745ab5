"""Single rows by id and by external id: statuses, bodies, conversions. Source: salesforce.md sections 3.1 to 3.4."""

from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import text

from .support import Api, Clock, error_of, make_org


def test_create_read_update_delete(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    made = api.post("sobjects/Account/", {"Name": "Acme", "attributes": {"type": "Account"}})
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "success": True, "errors": []}
    record_id = made.json()["id"]
    assert record_id[:3] == "001"
    assert to_long(record_id) == record_id
    assert made.headers["location"] == f"/services/data/v59.0/sobjects/Account/{record_id}"

    clock.advance(minutes=5, milliseconds=700)
    changed = api.patch(f"sobjects/Account/{record_id[:15]}", {"Phone": " (415) 555-0100 ", "Website": ""})
    assert (changed.status_code, changed.content) == (204, b"")

    row = api.get(f"sobjects/Account/{record_id}").json()
    assert row["attributes"] == {"type": "Account", "url": f"/services/data/v59.0/sobjects/Account/{record_id}"}
    assert (row["Name"], row["Phone"], row["Website"]) == ("Acme", "(415) 555-0100", None)
    assert row["CreatedDate"] == "2026-01-05T10:00:00.000+0000"
    assert row["LastModifiedDate"] == row["SystemModstamp"] == "2026-01-05T10:05:00.000+0000"
    assert row["OwnerId"] == row["CreatedById"] == row["LastModifiedById"] == org.integration_user.id
    assert set(api.get(f"sobjects/Account/{record_id}?fields=name,Id").json()) == {"attributes", "Name", "Id"}

    assert api.delete(f"sobjects/Account/{record_id}").status_code == 204
    for call in (api.get, api.delete, lambda path: api.patch(path, {"Name": "x"})):
        gone = call(f"sobjects/Account/{record_id}")
        assert (gone.status_code, error_of(gone)["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_rows_that_never_were(api: Api) -> None:
    for call in (api.get, lambda path: api.patch(path, {"Name": "x"})):
        reply = call("sobjects/Account/001000000000009AAA")
        assert reply.status_code == 404
        assert error_of(reply) == {"message": "The requested resource does not exist", "errorCode": "NOT_FOUND"}
    reply = api.delete("sobjects/Account/001000000000009AAA")
    assert (reply.status_code, error_of(reply)["errorCode"]) == (404, "INVALID_CROSS_REFERENCE_KEY")
    assert api.get("sobjects/Account/nonsense").status_code == 404
    reply = api.get("sobjects/Account/001000000000009aAB")
    assert (reply.status_code, error_of(reply)["errorCode"]) == (400, "MALFORMED_ID")


def test_upsert_by_external_id_creates_updates_and_reports(api: Api) -> None:
    path = f"sobjects/Account/IntacctID__c/{quote('C/1 %?#ü', safe='')}"
    made = api.patch(path, {"Name": "Acme"})
    assert made.status_code == 201
    assert made.json() == {"id": made.json()["id"], "success": True, "errors": [], "created": True}
    again = api.patch(path, {"Phone": "1"})
    assert again.status_code == 200
    assert again.json() == {"id": made.json()["id"], "success": True, "errors": [], "created": False}
    assert api.get(path).json()["IntacctID__c"] == "C/1 %?#ü"
    assert api.patch("sobjects/Account/IntacctID__c/c%2f1%20%25%3f%23%C3%9C", {"Fax": "2"}).json()["created"] is False
    assert api.delete(path).status_code == 204
    assert api.get(path).status_code == 404


def test_old_versions_answer_an_update_without_a_body(org: SalesforceOrg) -> None:
    old = Api(org, version="45.0")
    made = old.patch("sobjects/Account/IntacctID__c/1", {"Name": "x"})
    assert made.status_code == 201
    assert "created" not in made.json()
    assert old.patch("sobjects/Account/IntacctID__c/1", {"Name": "y"}).status_code == 204


def test_update_only_never_inserts(api: Api, org: SalesforceOrg) -> None:
    assert api.patch("sobjects/Account/IntacctID__c/1?updateOnly=true", {"Name": "x"}).status_code == 404
    assert org.count("Account") == 0


def test_two_rows_with_one_external_id_answer_300(clock: Clock) -> None:
    loose = text("Legacy__c", "Legacy", 20, external=True)
    org = make_org(clock, OrgFeatures(extra_fields={"Account": (loose,)}))
    api = Api(org)
    ids = org.load("Account", [{"Name": "a", "Legacy__c": "7"}, {"Name": "b", "Legacy__c": "7"}])
    for reply in (api.patch("sobjects/Account/Legacy__c/7", {"Name": "c"}), api.get("sobjects/Account/Legacy__c/7")):
        assert reply.status_code == 300
        assert reply.json() == [f"/services/data/v59.0/sobjects/Account/{i}" for i in ids]
    assert api.column("SELECT Name FROM Account ORDER BY Name") == ["a", "b"]


def test_fields_that_are_no_keys_are_not_found(api: Api) -> None:
    for field in ("Name", "AccountNumber", "Nothing__c"):
        reply = api.patch(f"sobjects/Account/{field}/x", {"Phone": "1"})
        assert (reply.status_code, error_of(reply)["errorCode"]) == (404, "NOT_FOUND")


def test_the_key_field_may_not_stand_in_the_body(api: Api) -> None:
    reply = api.patch("sobjects/Account/IntacctID__c/1", {"Name": "x", "IntacctID__c": "1"})
    assert error_of(reply) == {
        "message": "The IntacctID__c field should not be specified in the sobject data.",
        "errorCode": "INVALID_FIELD",
    }
    assert api.post("sobjects/Account", {"Name": "x", "Id": "001000000000001AAA"}).status_code == 400


def test_posting_to_id_inserts(api: Api, org: SalesforceOrg) -> None:
    assert api.post("sobjects/Account/Id", {"Name": "x"}).status_code == 201
    assert org.count("Account") == 1


def test_parents_by_external_id(api: Api) -> None:
    account = api.create("Account", Name="Acme", IntacctID__c="C-1")
    contact = api.create("Contact", LastName="Ash", Account={"IntacctID__c": "c-1"})
    assert api.get(f"sobjects/Contact/{contact}").json()["AccountId"] == account
    product = api.create("Product2", Name="Bolt", IntacctID__c="I-1")
    stock = api.create("WarehouseStock__c", IntacctID__c="I-1|W", Product__r={"IntacctID__c": "I-1"})
    assert api.get(f"sobjects/WarehouseStock__c/{stock}").json()["Product__c"] == product
    reply = api.post("sobjects/Contact", {"LastName": "Ash", "Account": {"IntacctID__c": "C-9"}})
    assert error_of(reply) == {
        "message": "Foreign key external ID: C-9 not found for field IntacctID__c in entity Account",
        "errorCode": "INVALID_FIELD",
    }


def test_deleting_an_account_takes_its_contacts_and_notes_along(api: Api, clock: Clock) -> None:
    account = api.create("Account", Name="Acme")
    child = api.create("Account", Name="Sub", ParentId=account)
    api.create("Contact", LastName="Ash", AccountId=account)
    api.create("Note", Title="n", ParentId=account)
    clock.advance(seconds=30)
    assert api.delete(f"sobjects/Account/{account}").status_code == 204
    assert api.query("SELECT Id FROM Contact") == api.query("SELECT Id FROM Note") == []
    assert api.get(f"sobjects/Account/{child}").json()["ParentId"] is None
    gone = api.get("queryAll", params={"q": "SELECT SystemModstamp FROM Contact WHERE IsDeleted = true"}).json()[
        "records"
    ]
    assert [r["SystemModstamp"] for r in gone] == ["2026-01-05T10:00:30.000+0000"]


def test_external_ids_of_deleted_rows_are_free(api: Api) -> None:
    api.delete(f"sobjects/Account/{api.create('Account', Name='a', IntacctID__c='1')}")
    assert api.patch("sobjects/Account/IntacctID__c/1", {"Name": "b"}).status_code == 201


def test_a_merge_names_the_master(api: Api, org: SalesforceOrg) -> None:
    winner, loser = api.create("Account", Name="w"), api.create("Account", Name="l")
    contact = api.create("Contact", LastName="Ash", AccountId=loser)
    org.merge(winner, loser)
    assert api.get(f"sobjects/Contact/{contact}").json()["AccountId"] == winner
    soql = "SELECT Id, MasterRecordId FROM Account WHERE IsDeleted = true"
    assert [(r["Id"], r["MasterRecordId"]) for r in api.get("queryAll", params={"q": soql}).json()["records"]] == [
        (loser, winner)
    ]


def test_a_persons_edit_and_a_platform_touch(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    account = api.create("Account", Name="Acme")
    clock.advance(seconds=1)
    org.write_as(org.person, "Account", account, {"Phone": "1"})
    row = api.get(f"sobjects/Account/{account}").json()
    assert (row["Phone"], row["LastModifiedById"]) == ("1", org.person.id)
    clock.advance(seconds=1)
    org.touch("Account", account)
    after = api.get(f"sobjects/Account/{account}").json()
    assert after["SystemModstamp"] == "2026-01-05T10:00:02.000+0000"
    assert after["LastModifiedDate"] == row["LastModifiedDate"] == "2026-01-05T10:00:01.000+0000"


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06.000+0000"),
        ("2026-02-03T04:05:06.789+0200", "2026-02-03T02:05:06.789+0000"),
        ("2026-02-03T04:05:06-05:00", "2026-02-03T09:05:06.000+0000"),
        (None, None),
    ],
)
def test_moments_are_stored_in_utc(api: Api, sent: str | None, stored: str | None) -> None:
    product = api.create("Product2", Name="Bolt", StockAsOf__c=sent)
    assert api.get(f"sobjects/Product2/{product}").json()["StockAsOf__c"] == stored


def test_numbers_are_rounded_to_the_fields_scale(api: Api) -> None:
    product = api.create("Product2", Name="Bolt", OnHand__c=1.23456, Available__c="-2.00005", Quantity__c=7)
    row = api.get(f"sobjects/Product2/{product}").json()
    assert (row["OnHand__c"], row["Available__c"], row["Quantity__c"]) == (1.2346, -2.0001, 7.0)
    assert row["IsActive"] is False


@settings(max_examples=40, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_text_is_trimmed_and_otherwise_kept(text_sent: str) -> None:
    api = Api(make_org(Clock()))
    record_id = api.create("Account", Name="x", Site=text_sent)
    assert api.get(f"sobjects/Account/{record_id}").json()["Site"] == (text_sent.strip(" \t\r\n\x0b\x0c") or None)


def test_conditional_requests(api: Api, clock: Clock) -> None:
    account = api.create("Account", Name="Acme")
    path = f"sobjects/Account/{account}"
    first = api.get(path)
    tag, modified = first.headers["etag"], first.headers["last-modified"]
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 304
    assert api.get(path, headers={"If-Modified-Since": modified}).status_code == 304
    assert api.patch(path, {"Phone": "1"}, headers={"If-Match": '"other"'}).status_code == 412
    assert api.patch(path, {"Phone": "1"}, headers={"If-Match": "nonsense"}).status_code == 400
    clock.advance(seconds=5)
    assert (
        api.patch(path, {"Phone": "1"}, headers={"If-Match": tag, "If-Unmodified-Since": modified}).status_code == 204
    )
    late = api.patch(path, {"Phone": "2"}, headers={"If-Unmodified-Since": modified})
    assert (late.status_code, error_of(late)["errorCode"]) == (412, "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE")
    assert api.get(path, headers={"If-None-Match": tag}).status_code == 200
    assert api.get(path, headers={"If-Modified-Since": modified}).status_code == 200
    contact = api.create("Contact", LastName="Ash")
    assert "etag" not in api.get(f"sobjects/Contact/{contact}").headers
