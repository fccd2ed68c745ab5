"""What the org says of itself: versions, resources, limits, objects, describe. Source: salesforce.md section 3.1."""

from typing import Any

import pytest

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import text

from .support import Api, Clock, error_of, make_org

MEMBERS = [
    "name",
    "label",
    "type",
    "length",
    "precision",
    "scale",
    "digits",
    "nillable",
    "createable",
    "updateable",
    "defaultedOnCreate",
    "calculated",
    "externalId",
    "idLookup",
    "unique",
    "caseSensitive",
    "custom",
    "filterable",
    "sortable",
    "groupable",
    "restrictedPicklist",
    "picklistValues",
    "referenceTo",
    "relationshipName",
    "compoundFieldName",
    "soapType",
]


def described(api: Api, sobject: str) -> dict[str, dict[str, Any]]:
    return {f["name"]: f for f in api.get(f"sobjects/{sobject}/describe").json()["fields"]}


def test_the_versions_list_needs_no_login_and_costs_nothing(api: Api, org: SalesforceOrg) -> None:
    api.http.headers.pop("Authorization")
    for path in ("/services/data", "/services/data/"):
        reply = api.http.get(path)
        versions = reply.json()
        assert versions[0]["version"] == "31.0"
        assert {"label": "Spring '26", "url": "/services/data/v66.0", "version": "66.0"} in versions
        assert {"label": "Winter '26", "url": "/services/data/v65.0", "version": "65.0"} in versions
        assert {"label": "Summer '25", "url": "/services/data/v64.0", "version": "64.0"} in versions
        assert "sforce-limit-info" not in reply.headers
    assert org.api_calls == 0


@pytest.mark.parametrize(
    ("version", "status"),
    [("31.0", 200), ("67.0", 200), ("30.0", 410), ("21.0", 410), ("68.0", 404), ("59.1", 404), ("x", 404)],
)
def test_live_retired_and_unknown_versions(org: SalesforceOrg, version: str, status: int) -> None:
    reply = Api(org, version).get("limits")
    assert reply.status_code == status
    if status == 410:
        assert error_of(reply)["errorCode"] == "UNSUPPORTED_API_VERSION"


def test_resources_objects_and_limits(api: Api) -> None:
    assert api.get("").json()["sobjects"] == "/services/data/v59.0/sobjects"
    everything = api.get("sobjects/").json()
    assert (everything["encoding"], everything["maxBatchSize"]) == ("UTF-8", 200)
    names = [o["name"] for o in everything["sobjects"]]
    assert {
        "Account",
        "Contact",
        "Product2",
        "Pricebook2",
        "PricebookEntry",
        "Note",
        "ContentNote",
        "User",
        "WarehouseStock__c",
    } <= set(names)
    assert api.get("sobjects/Account/").json()["objectDescribe"]["keyPrefix"] == "001"
    before = api.get("limits/").json()["DailyApiRequests"]
    after = api.get("limits").json()["DailyApiRequests"]
    assert before["Max"] == 100_000
    assert before["Remaining"] - after["Remaining"] == 1


def test_describe_tells_what_can_be_written(api: Api) -> None:
    document = api.get("sobjects/account/describe").json()
    assert (document["name"], document["keyPrefix"], document["custom"]) == ("Account", "001", False)
    assert document["recordTypeInfos"][0]["master"] is True
    fields = {f["name"]: f for f in document["fields"]}
    assert all(set(MEMBERS) <= set(f) for f in document["fields"])
    required = {n for n, f in fields.items() if f["createable"] and not f["nillable"] and not f["defaultedOnCreate"]}
    assert required == {"Name"}
    assert (fields["Id"]["createable"], fields["SystemModstamp"]["updateable"]) == (False, False)
    key = fields["IntacctID__c"]
    assert (key["externalId"], key["unique"], key["idLookup"], key["caseSensitive"], key["length"]) == (
        True,
        True,
        True,
        False,
        100,
    )
    assert (fields["Description"]["filterable"], fields["Description"]["length"]) == (False, 32_000)
    assert (fields["OwnerId"]["referenceTo"], fields["OwnerId"]["relationshipName"]) == (["User"], "Owner")
    assert (fields["AnnualRevenue"]["precision"], fields["AnnualRevenue"]["scale"]) == (18, 0)
    assert fields["BillingCity"]["compoundFieldName"] == "BillingAddress"
    assert "Prospect" in [v["value"] for v in fields["Type"]["picklistValues"]]
    children = {c["relationshipName"]: c for c in document["childRelationships"] if c["relationshipName"]}
    assert (children["Contacts"]["childSObject"], children["Contacts"]["cascadeDelete"]) == ("Contact", True)


def test_describe_of_the_fields_that_trap_people(api: Api) -> None:
    product = described(api, "Product2")
    assert (product["ProductClass"]["createable"], product["ProductClass"]["updateable"]) == (False, False)
    assert [v["value"] for v in product["ProductClass"]["picklistValues"]] == [
        "Simple",
        "VariationParent",
        "Variation",
        "Bundle",
        "Set",
    ]
    assert (product["ExternalId"]["externalId"], product["Description"]["filterable"]) == (False, True)
    entry = described(api, "PricebookEntry")
    assert (entry["Product2Id"]["createable"], entry["Product2Id"]["updateable"]) == (True, False)
    assert "CurrencyIsoCode" not in entry
    assert "SystemModstamp" not in described(api, "ContentNote")
    assert "StateCode" not in " ".join(described(api, "Account"))


def test_describe_and_reading_agree_for_every_object(api: Api) -> None:
    for listed in api.get("sobjects").json()["sobjects"]:
        names = [f["name"] for f in api.get(f"sobjects/{listed['name']}/describe").json()["fields"]]
        assert len(names) == len(set(names))
        if listed["name"] != "ContentDocumentLink":
            api.query(f"SELECT {', '.join(names)} FROM {listed['name']}")


def test_an_unprepared_org_and_one_with_fields_of_its_own(clock: Clock) -> None:
    bare = Api(make_org(clock, OrgFeatures(custom_fields=False)))
    assert not [n for n in described(bare, "Account") if n.endswith("__c")]
    assert bare.get("sobjects/WarehouseStock__c/describe").status_code == 404
    region = text("Region__c", "Region", 30)
    org = make_org(clock, OrgFeatures(extra_fields={"Account": (region,)}))
    api = Api(org)
    assert described(api, "Account")["Region__c"]["custom"] is True
    api.create("Account", Name="a", Region__c="North")
    org.add_fields("Account", [text("Tier__c", "Tier", 10, external=True)])
    api.create("Account", Name="b", Tier__c="gold")
    assert api.column("SELECT Tier__c FROM Account ORDER BY Name") == [None, "gold"]
    assert api.patch("sobjects/Account/Tier__c/gold", {"Name": "c"}).json()["created"] is False


def test_describe_honours_if_modified_since(api: Api, clock: Clock) -> None:
    first = api.get("sobjects/Account/describe")
    since = {"If-Modified-Since": first.headers["last-modified"]}
    assert api.get("sobjects/Account/describe", headers=since).status_code == 304
    clock.advance(seconds=5)
    api.org.add_fields("Account", [text("New__c", "New", 10)])
    assert api.get("sobjects/Account/describe", headers=since).status_code == 200
