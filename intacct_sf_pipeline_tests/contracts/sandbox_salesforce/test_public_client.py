"""A public client, simple-salesforce, unchanged, over a real loopback socket. Source: salesforce.md section 1."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
from simple_salesforce import Salesforce, format_soql
from simple_salesforce.exceptions import (
    SalesforceAuthenticationFailed,
    SalesforceGeneralError,
    SalesforceMalformedRequest,
    SalesforceResourceNotFound,
)

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import CLIENT_ID, CLIENT_SECRET, START, Clock, loopback_session


def login(base_url: str, secret: str = CLIENT_SECRET) -> Salesforce:
    return Salesforce(
        consumer_key=CLIENT_ID,
        consumer_secret=secret,
        domain="acme.my",
        version="59.0",
        session=loopback_session(base_url),
    )


@pytest.fixture
def sf(base_url: str) -> Iterator[Salesforce]:
    client = login(base_url)
    yield client
    client.session.close()


def test_login_uses_the_token_endpoint_of_my_domain(sf: Salesforce, org: SalesforceOrg, base_url: str) -> None:
    assert sf.auth_type == "client-credentials"
    assert sf.sf_instance == base_url.removeprefix("http://")
    assert org.requests[0].host == "acme.my.salesforce.com"


def test_a_wrong_secret_fails_as_the_client_expects(base_url: str) -> None:
    with pytest.raises(SalesforceAuthenticationFailed) as refusal:
        login(base_url, "wrong")
    assert refusal.value.code == "invalid_client"


def test_rows_queries_and_usage(sf: Salesforce, org: SalesforceOrg) -> None:
    made = sf.Account.create({"Name": "O'Neill & Söhne", "IntacctID__c": "C/1"})
    assert made["success"] is True
    assert sf.Account.update(made["id"], {"Phone": "1"}) == 204
    assert sf.Account.upsert("IntacctID__c/C%2F1", {"Fax": "2"}) == 200
    assert sf.Account.get(made["id"])["Fax"] == "2"
    assert sf.Account.get_by_custom_id("IntacctID__c", "C/1")["Id"] == made["id"]
    found = sf.query(format_soql("SELECT Id, Name FROM Account WHERE Name = {}", "O'Neill & Söhne"))
    assert [r["Id"] for r in found["records"]] == [made["id"]]
    assert sf.api_usage["api-usage"].used == org.api_calls
    assert sf.Account.delete(made["id"]) == 204
    with pytest.raises(SalesforceResourceNotFound):
        sf.Account.get(made["id"])
    assert sf.query_all("SELECT Id FROM Account", include_deleted=True)["totalSize"] == 1


def test_paging_through_everything(sf: Salesforce, org: SalesforceOrg) -> None:
    ids = org.load("Contact", [{"LastName": f"Person {i}"} for i in range(4_500)])
    read = [r["Id"] for r in sf.query_all_iter("SELECT Id FROM Contact ORDER BY Id")]
    assert read == sorted(ids)
    calls = org.api_calls
    hinted = sf.query("SELECT Id FROM Contact", headers={"Sforce-Query-Options": "batchSize=500"})
    assert len(hinted["records"]) == 500
    assert org.api_calls == calls + 1


def test_moments_quoted_by_the_client_are_understood(sf: Salesforce, org: SalesforceOrg, clock: Clock) -> None:
    org.load("Account", [{"Name": "old", "SystemModstamp": START - timedelta(days=1)}, {"Name": "new"}])
    found = sf.query(
        format_soql("SELECT Name FROM Account WHERE SystemModstamp >= {} ORDER BY SystemModstamp, Id", START)
    )
    assert [r["Name"] for r in found["records"]] == ["new"]


def test_discovery_and_feeds(sf: Salesforce, clock: Clock) -> None:
    assert "Account" in [o["name"] for o in sf.describe()["sobjects"]]
    assert sf.limits()["DailyApiRequests"]["Max"] == 100_000
    assert sf.Account.metadata()["objectDescribe"]["name"] == "Account"
    made = sf.Account.create({"Name": "x"})["id"]
    clock.advance(seconds=10)
    assert sf.Account.updated(START, START + timedelta(minutes=1))["ids"] == [made]
    sf.Account.delete(made)
    assert sf.Account.deleted(START, START + timedelta(minutes=1))["deletedRecords"][0]["id"] == made


def test_collections_through_restful(sf: Salesforce) -> None:
    records = [{"attributes": {"type": "Account"}, "IntacctID__c": f"C-{i}", "Name": f"n{i}"} for i in range(200)]
    body = {"allOrNone": False, "records": records}
    items = sf.restful("composite/sobjects/Account/IntacctID__c", method="PATCH", json=body)
    assert all(i["success"] and i["created"] for i in items)
    gone = sf.restful("composite/sobjects", method="DELETE", params={"ids": items[0]["id"], "allOrNone": "false"})
    assert gone[0]["success"] is True


def test_errors_carry_the_services_body(sf: Salesforce) -> None:
    with pytest.raises(SalesforceMalformedRequest) as refusal:
        sf.query("SELECT Nope FROM Account")
    assert refusal.value.content[0]["errorCode"] == "INVALID_FIELD"
    with pytest.raises(SalesforceMalformedRequest) as refusal:
        sf.Contact.create({"FirstName": "x"})
    assert refusal.value.content[0]["message"] == "Required fields are missing: [LastName]"


def test_an_expired_session_is_renewed_by_the_client(sf: Salesforce, org: SalesforceOrg) -> None:
    first = sf.session_id
    org.expire_tokens()
    assert sf.query("SELECT Id FROM Account")["totalSize"] == 0
    assert sf.session_id != first


def test_long_addresses_reach_the_service_and_are_refused_there(sf: Salesforce, base_url: str) -> None:
    ids = ["001000000000001AAA"] * 900
    with pytest.raises(SalesforceGeneralError) as refusal:
        sf.query(format_soql("SELECT Id FROM Account WHERE Id IN {}", ids))
    assert refusal.value.status == 414


def test_encoded_slashes_and_dots_in_keys_survive_the_socket(sf: Salesforce, base_url: str) -> None:
    with requests.Session() as plain:
        plain.trust_env = False
        headers = {"Authorization": f"Bearer {sf.session_id}"}
        for key in ("a%2Fb", "1.2.3", "50%25", "%C3%A4", "a+b", "a%20b"):
            url = f"{base_url}/services/data/v59.0/sobjects/Account/IntacctID__c/{key}"
            assert plain.patch(url, json={"Name": "x"}, headers=headers, timeout=10).status_code == 201
    stored = sf.query("SELECT IntacctID__c FROM Account")["records"]
    assert sorted(r["IntacctID__c"] for r in stored) == sorted(["a/b", "1.2.3", "50%", "ä", "a+b", "a b"])
