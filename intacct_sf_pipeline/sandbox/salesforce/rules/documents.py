"""Enhanced notes: each save of a ContentNote keeps its document, versions and links in step.

Source: Object Ref, ContentNote and ContentDocumentLink.
"""

import html
import re

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Save
from intacct_sf_pipeline.sandbox.salesforce.values import Row, as_text

PREVIEW_LENGTH = 255
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<(?:br|/p|/div|/li|/h[1-6])\b[^>]*>", re.IGNORECASE)
NOTE_KIND: Row = {"FileType": "SNOTE", "FileExtension": "snote"}


def text_preview(body: bytes) -> str | None:
    """The first 255 characters of a note's body as plain text on one line."""
    text = body.decode("utf-8", errors="replace")
    plain = html.unescape(_TAG.sub("", _BREAK.sub(" ", text)))
    return " ".join(plain.split())[:PREVIEW_LENGTH] or None


class ContentNoteRules(Rules):
    """A note's document has the note's id; each new body makes a version."""

    def before_save(self, save: Save) -> None:
        """Fills what is derived from the body."""
        row = save.row
        body = row["Content"] if isinstance(row["Content"], bytes) else b""
        row.update(NOTE_KIND)
        row.update(Content=body, ContentSize=len(body), TextPreview=text_preview(body))
        if save.creating or "Content" in save.given:
            row["ContentModifiedDate"] = row["LastModifiedDate"]

    def after_save(self, save: Save) -> None:
        """Writes the document, the version and the link to the user who made the note."""
        row = save.row
        note_id = str(row["Id"])
        document: Row = {name: row[name] for name in _SHARED}
        if save.creating:
            save.insert("ContentDocument", {**document, "PublishStatus": "P"}, note_id)
            link: Row = {"ContentDocumentId": note_id, "LinkedEntityId": row["OwnerId"], "ShareType": "I"}
            save.insert("ContentDocumentLink", link)
        else:
            save.amend("ContentDocument", note_id, document)
        version = self._version(save)
        for sobject in ("ContentNote", "ContentDocument"):
            save.amend(sobject, note_id, {"LatestPublishedVersionId": version}, stamp=False)

    def _version(self, save: Save) -> str:
        row = save.row
        versions = save.db.table("ContentVersion").find("ContentDocumentId", row["Id"])
        latest = next((v for v in versions if v["IsLatest"]), None)
        if latest is not None and "Content" not in save.given:
            save.amend("ContentVersion", str(latest["Id"]), {"Title": row["Title"]})
            return str(latest["Id"])
        if latest is not None:
            save.amend("ContentVersion", str(latest["Id"]), {"IsLatest": False})
        values: Row = {
            **NOTE_KIND,
            "ContentDocumentId": row["Id"],
            "IsLatest": True,
            "VersionNumber": str(len(versions) + 1),
            "Title": row["Title"],
            "PathOnClient": f"{as_text(row['Title'])}.snote",
            "VersionData": row["Content"],
            "ContentSize": row["ContentSize"],
            "TextPreview": row["TextPreview"],
            "OwnerId": row["OwnerId"],
        }
        return save.insert("ContentVersion", values)


_SHARED = (
    "Title",
    "FileType",
    "FileExtension",
    "ContentSize",
    "ContentModifiedDate",
    "OwnerId",
    "CreatedDate",
    "CreatedById",
    "LastModifiedDate",
    "LastModifiedById",
    "SystemModstamp",
)


class DocumentLinkRules(Rules):
    """A document is shown once on a record."""

    def before_save(self, save: Save) -> None:
        """Refuses a second link of the same document to the same record."""
        row = save.row
        if not save.creating:
            return
        for other in save.db.table("ContentDocumentLink").find("ContentDocumentId", row["ContentDocumentId"]):
            if other["LinkedEntityId"] == row["LinkedEntityId"] and not other["IsDeleted"]:
                document, entity = as_text(row["ContentDocumentId"]), as_text(row["LinkedEntityId"])
                message = f"Document with ID: {document} is already linked with the entity with ID: {entity}"
                raise ApiError("DUPLICATE_VALUE", message)
