"""Classic notes, enhanced notes and the documents behind them. Source: Object Ref, Note and ContentNote."""

import base64

from hypothesis import given
from hypothesis import strategies as st

from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rules.documents import text_preview

from .support import Api, Clock, error_of


def packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_classic_note_hangs_on_its_parent(api: Api) -> None:
    account = api.create("Account", Name="Acme")
    note = api.create("Note", ParentId=account, Title="Call", Body="Rückruf\nmorgen")
    assert note[:3] == "002"
    (record,) = api.query(
        f"SELECT Id, Title, Body, IsPrivate, Parent.Name, Parent.Type FROM Note WHERE ParentId = '{account}'"
    )
    assert (record["Body"], record["IsPrivate"]) == ("Rückruf\nmorgen", False)
    assert (record["Parent"]["Name"], record["Parent"]["Type"]) == ("Acme", "Account")
    assert record["Parent"]["attributes"]["type"] == "Account"
    assert (
        error_of(api.patch(f"sobjects/Note/{note}", {"ParentId": account}))["errorCode"]
        == "INVALID_FIELD_FOR_INSERT_UPDATE"
    )
    assert (
        error_of(api.post("sobjects/Note", {"ParentId": account, "Title": "x" * 81}))["errorCode"] == "STRING_TOO_LONG"
    )


def test_an_enhanced_note_is_a_document_with_versions(api: Api, org: SalesforceOrg, clock: Clock) -> None:
    note = api.create("ContentNote", Title="Visit", Content=packed("<p>Tea &amp; cake</p><p>Äpfel</p>"))
    assert note[:3] == "069"
    row = api.get(f"sobjects/ContentNote/{note}").json()
    assert (row["TextPreview"], row["FileType"], row["ContentSize"]) == ("Tea & cake Äpfel", "SNOTE", 34)
    assert row["Content"] == f"/services/data/v59.0/sobjects/ContentNote/{note}/Content"
    assert api.http.get(row["Content"]).content.decode() == "<p>Tea &amp; cake</p><p>Äpfel</p>"
    assert api.column(f"SELECT Title FROM ContentDocument WHERE Id = '{note}'") == ["Visit"]

    clock.advance(minutes=1)
    assert api.patch(f"sobjects/ContentNote/{note}", {"Content": packed("new")}).status_code == 204
    after = api.get(f"sobjects/ContentNote/{note}").json()
    assert after["LastModifiedDate"] == "2026-01-05T10:01:00.000+0000"
    assert after["LatestPublishedVersionId"] != row["LatestPublishedVersionId"]
    versions = api.query(
        f"SELECT Id, VersionData, VersionNumber, IsLatest FROM ContentVersion WHERE ContentDocumentId = '{note}' "
        "ORDER BY VersionNumber"
    )
    assert [(v["VersionNumber"], v["IsLatest"]) for v in versions] == [("1", False), ("2", True)]
    assert [api.http.get(v["VersionData"]).content for v in versions][1] == b"new"
    assert after["LatestPublishedVersionId"] == versions[1]["Id"]
    clock.advance(minutes=1)
    api.patch(f"sobjects/ContentNote/{note}", {"Title": "Renamed"})
    assert api.column("SELECT Title FROM ContentVersion WHERE IsLatest = true") == ["Renamed"]
    assert len(api.query(f"SELECT Id FROM ContentVersion WHERE ContentDocumentId = '{note}'")) == 2


def test_links_show_a_note_on_a_record(api: Api, org: SalesforceOrg) -> None:
    account = api.create("Account", Name="Acme")
    note = api.create("ContentNote", Title="Visit", Content=packed("x"))
    link = {"ContentDocumentId": note, "LinkedEntityId": account, "ShareType": "V"}
    assert api.post("sobjects/ContentDocumentLink", link).status_code == 201
    again = error_of(api.post("sobjects/ContentDocumentLink", link))
    assert (again["errorCode"], "is already linked with the entity" in again["message"]) == ("DUPLICATE_VALUE", True)

    columns = "ContentDocumentId, LinkedEntityId, LinkedEntity.Type"
    by_record = f"SELECT {columns} FROM ContentDocumentLink WHERE LinkedEntityId = '{account}'"
    (record,) = api.query(by_record)
    assert (record["ContentDocumentId"], record["LinkedEntity"]["Type"]) == (note, "Account")
    linked = api.column(f"SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId IN ('{note}')")
    assert sorted(linked) == sorted([account, org.integration_user.id])
    by_semi_join = "SELECT ContentDocumentId FROM ContentDocumentLink WHERE LinkedEntityId IN (SELECT Id FROM Account)"
    assert api.column(by_semi_join) == [note]
    children = api.query("SELECT Name, (SELECT ContentDocumentId FROM ContentDocumentLinks) FROM Account")
    assert children[0]["ContentDocumentLinks"]["records"][0]["ContentDocumentId"] == note

    assert api.delete(f"sobjects/ContentNote/{note}").status_code == 204
    assert api.query(by_record) == []
    assert api.query("SELECT Id FROM ContentDocument") == []
    assert org.count("ContentVersion") == 0


def test_content_must_be_base64(api: Api, org: SalesforceOrg) -> None:
    reply = api.post("sobjects/ContentNote", {"Title": "x", "Content": "not base64!"})
    assert reply.status_code == 400
    assert org.count("ContentNote") == 0


@given(st.text(max_size=600))
def test_a_preview_is_short_plain_text_on_one_line(text: str) -> None:
    preview = text_preview(text.encode("utf-8", errors="replace"))
    assert preview is None or (0 < len(preview) <= 255 and preview == " ".join(preview.split()))
