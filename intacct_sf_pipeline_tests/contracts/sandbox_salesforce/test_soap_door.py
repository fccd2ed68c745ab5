"""The SOAP door, as an outside script uses it: merge, undelete, delete; and what it refuses."""

from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .support import Api, Clock

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


def envelope(operation: str, *, token: str, header: str = "", name: str = "partner", before: str = "") -> str:
    session = f"<n:SessionHeader><n:sessionId>{token}</n:sessionId></n:SessionHeader>{header}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<e:Envelope xmlns:e="{SOAP}" '
        f'xmlns:n="urn:{name}.soap.sforce.com" xmlns:s="urn:sobject.{name}.soap.sforce.com">'
        f"<e:Header>{session}</e:Header><e:Body>{operation}</e:Body></e:Envelope>"
    )


class Door:
    """Posts envelopes with the session of a logged-in client."""

    def __init__(self, api: Api, path: str = "/services/Soap/u/59.0", name: str = "partner") -> None:
        self.http, self.path, self.name = api.http, path, name
        self.token = str(api.http.headers["Authorization"]).removeprefix("Bearer ")

    def post(self, content: str | bytes) -> Any:
        headers = {"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'}
        return self.http.post(self.path, content=content, headers=headers)

    def call(self, operation: str, header: str = "") -> list[dict[str, list[str]]]:
        """The results: each a mapping from member to its values."""
        reply = self.post(envelope(operation, token=self.token, header=header, name=self.name))
        assert reply.status_code == 200, reply.text
        tree = ElementTree.fromstring(reply.content)
        found = []
        for result in tree.iter(f"{{urn:{self.name}.soap.sforce.com}}result"):
            members: dict[str, list[str]] = {}
            for member in result.iter():
                members.setdefault(member.tag.rpartition("}")[2], []).append(member.text or "")
            found.append(members)
        return found

    def fault(self, content: str | bytes) -> str:
        reply = self.post(content)
        assert reply.status_code == 500
        fault = ElementTree.fromstring(reply.content).find(f".//{{{SOAP}}}Fault/faultcode")
        assert fault is not None
        return fault.text or ""


def merging(winner: str, *losers: str, more: str = "") -> str:
    ids = "".join(f"<n:recordToMergeIds>{loser}</n:recordToMergeIds>" for loser in losers)
    record = f"<n:masterRecord><s:type>Account</s:type><s:Id>{winner}</s:Id>{more}</n:masterRecord>"
    return f"<n:merge><n:request>{record}{ids}</n:request></n:merge>"


def by_id(operation: str, *ids: str) -> str:
    return f"<n:{operation}>{''.join(f'<n:ids>{one}</n:ids>' for one in ids)}</n:{operation}>"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/services/Soap/u/59.0", "partner"),
        ("/services/Soap/u/64.0/00D000000000001", "partner"),
        ("/services/Soap/c/59.0", "enterprise"),
    ],
)
def test_a_merge_moves_children_and_names_the_master(api: Api, clock: Clock, path: str, name: str) -> None:
    winner, loser, third = (api.create("Account", Name=text, Phone="1") for text in "wlt")
    contacts = [api.create("Contact", LastName="Ash", AccountId=parent) for parent in (winner, loser, third)]
    clock.advance(minutes=1)
    more = "<s:Name>Ümlaut &amp; Co</s:Name><s:NumberOfEmployees>7</s:NumberOfEmployees>"
    more += "<s:fieldsToNull>Phone</s:fieldsToNull>"
    [result] = Door(api, path, name).call(merging(winner, loser[:15], third, more=more))
    assert (result["success"], result["id"], result["mergedRecordIds"]) == (["true"], [winner], [loser, third])
    assert result["updatedRelatedIds"] == contacts[1:]
    assert {row["AccountId"] for row in api.query("SELECT AccountId FROM Contact")} == {winner}
    stamps = {row["Id"]: row["SystemModstamp"] for row in api.query("SELECT Id, SystemModstamp FROM Contact")}
    assert stamps[contacts[0]] < stamps[contacts[1]] == stamps[contacts[2]]
    row = api.get(f"sobjects/Account/{winner}").json()
    assert (row["Name"], row["NumberOfEmployees"], row["Phone"]) == ("Ümlaut & Co", 7, None)
    soql = f"SELECT Id FROM Account WHERE MasterRecordId = '{winner}'"
    assert api.query(soql) == []
    gone = api.get("queryAll", params={"q": soql + " ORDER BY Id"}).json()["records"]
    assert [record["Id"] for record in gone] == sorted([loser, third])


def test_undelete_brings_back_a_row_with_what_went_with_it(api: Api, clock: Clock) -> None:
    account = api.create("Account", Name="a", IntacctID__c="C-1")
    kept, gone = (api.create("Contact", LastName=name, AccountId=account) for name in ("Kept", "Gone"))
    api.delete(f"sobjects/Contact/{gone}")
    door = Door(api)
    assert door.call(by_id("delete", account))[0]["success"] == ["true"]
    clock.advance(minutes=1)
    assert door.call(by_id("undelete", kept))[0]["statusCode"] == ["UNDELETE_FAILED"]
    assert door.call(by_id("undelete", account))[0] == {"result": [""], "id": [account], "success": ["true"]}
    assert api.column("SELECT LastName FROM Contact") == ["Kept"]
    [row] = api.query("SELECT IntacctID__c, SystemModstamp FROM Account")
    assert (row["IntacctID__c"], row["SystemModstamp"]) == ("C-1", "2026-01-05T10:01:00.000+0000")
    assert door.call(by_id("undelete", account))[0]["statusCode"] == ["UNDELETE_FAILED"]


def test_a_merged_row_comes_back_without_its_children(api: Api, org: SalesforceOrg) -> None:
    winner, loser = api.create("Account", Name="w"), api.create("Account", Name="l")
    contact = api.create("Contact", LastName="Ash", AccountId=loser)
    org.merge(winner, [loser])
    org.undelete(loser)
    assert api.get(f"sobjects/Account/{loser}").json()["MasterRecordId"] is None
    assert api.get(f"sobjects/Contact/{contact}").json()["AccountId"] == winner


def test_a_row_cannot_come_back_to_a_key_that_was_given_away(api: Api) -> None:
    first = api.create("Account", Name="a", IntacctID__c="C-1")
    api.delete(f"sobjects/Account/{first}")
    api.create("Account", Name="b", IntacctID__c="C-1")
    [result] = Door(api).call(by_id("undelete", first))
    assert result["statusCode"] == ["DUPLICATE_VALUE"]
    assert api.column("SELECT Name FROM Account") == ["b"]


def test_one_failure_takes_all_back_when_asked(api: Api) -> None:
    account = api.create("Account", Name="a")
    header = "<n:AllOrNoneHeader><n:allOrNone>true</n:allOrNone></n:AllOrNoneHeader>"
    results = Door(api).call(by_id("delete", account, "001000000000009AAA"), header)
    codes = [result["statusCode"] for result in results]
    assert codes == [["ALL_OR_NONE_OPERATION_ROLLED_BACK"], ["INVALID_CROSS_REFERENCE_KEY"]]
    assert api.column("SELECT Id FROM Account") == [account]


def test_merges_that_make_no_sense_are_refused_and_change_nothing(api: Api, org: SalesforceOrg) -> None:
    accounts = [api.create("Account", Name=name) for name in "abcd"]
    contact = api.create("Contact", LastName="Ash")
    product = api.create("Product2", Name="p")
    before = api.query("SELECT Id, SystemModstamp FROM Account ORDER BY Id")
    door = Door(api)
    for winner, losers, code in (
        (accounts[0], [accounts[0]], "MERGE_FAILED"),
        (accounts[0], [], "MERGE_FAILED"),
        (accounts[0], accounts[1:], "MERGE_FAILED"),
        (accounts[0], [contact], "INVALID_CROSS_REFERENCE_KEY"),
        (product, [accounts[0]], "INVALID_TYPE_FOR_OPERATION"),
        ("001", [accounts[0]], "MALFORMED_ID"),
    ):
        assert door.call(merging(winner, *losers))[0]["statusCode"] == [code]
    bad = door.call(merging(accounts[0], accounts[1], more="<s:Nmae>x</s:Nmae>"))
    assert bad[0]["statusCode"] == ["INVALID_FIELD"]
    assert api.query("SELECT Id, SystemModstamp FROM Account ORDER BY Id") == before


def test_faults_are_worded_as_the_service_does(api: Api, org: SalesforceOrg) -> None:
    door = Door(api)
    assert door.fault(envelope(by_id("delete", "x"), token="wrong")) == "sf:INVALID_SESSION_ID"
    assert door.fault(envelope("<n:describe/>", token=door.token)) == "soapenv:Client"
    assert door.fault("<not xml") == "soapenv:Client"
    many = by_id("delete", *["001000000000009AAA"] * 201)
    assert door.fault(envelope(many, token=door.token)) == "sf:EXCEEDED_ID_LIMIT"
    old = Door(api, "/services/Soap/u/20.0")
    assert old.fault(envelope(by_id("delete", "x"), token=door.token)) == "sf:UNSUPPORTED_API_VERSION"


def test_document_types_and_entities_are_refused(api: Api) -> None:
    account = api.create("Account", Name="a")
    door = Door(api)
    with_entity = envelope(by_id("delete", account), token=door.token, before=BOMB)
    reply = door.post(with_entity)
    assert (reply.status_code, "document type declaration" in reply.text) == (500, True)
    assert door.fault(envelope("<x>" * 10_000, token=door.token)) == "soapenv:Client"
    assert api.column("SELECT Id FROM Account") == [account]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=40), body=st.binary(max_size=200))
def test_whatever_is_sent_is_answered_in_readable_xml(api: Api, text: str, body: bytes) -> None:
    door = Door(api)
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").encode("utf-8", "surrogatepass")
    operation = envelope(by_id("delete", "%"), token=door.token).encode().replace(b"%", escaped)
    for content in (operation, body):
        reply = door.post(content)
        assert reply.status_code in (200, 500)
        ElementTree.fromstring(reply.content)


def test_the_call_is_billed_and_logged(api: Api, org: SalesforceOrg) -> None:
    before = org.api_calls
    Door(api).call(by_id("delete", api.create("Account", Name="a")))
    assert org.api_calls == before + 2
    assert (org.requests[-1].path, org.requests[-1].api_calls) == ("/services/Soap/u/59.0", 1)
