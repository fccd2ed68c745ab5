"""Classic notes and enhanced notes with the document rows behind them.

An enhanced note is one ContentDocument (same id as its ContentNote row), one ContentVersion per saved body, and one
ContentDocumentLink per record or user it is shown on. Source: Object Ref, Note, ContentNote, ContentDocument,
ContentDocumentLink and ContentVersion.
"""

from intacct_sf_pipeline.sandbox.salesforce.schema.fields import (
    READ_ONLY,
    base64,
    boolean,
    integer,
    long_area,
    lookup,
    moment,
    own_id,
    owner,
    picklist,
    system_fields,
    text,
)
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType

NOTE_PARENTS = ("Account", "Contact", "Product2")
LINKED = ("Account", "Contact", "Product2", "User", "Organization")


def note() -> SObjectType:
    """The classic Note."""
    fields = (
        own_id(),
        boolean("IsPrivate", "Private"),
        lookup(
            "ParentId",
            "Parent ID",
            NOTE_PARENTS,
            nillable=False,
            updateable=False,
            child_relationship="Notes",
            cascade=True,
        ),
        text("Title", "Title", 80, nillable=False, name_field=True),
        long_area("Body", "Body", 32_000),
        owner(),
        *system_fields(),
    )
    return SObjectType("Note", "Note", "Notes", "002", fields)


def content_note() -> SObjectType:
    """The enhanced note; it has no SystemModstamp."""
    fields = (
        own_id(),
        text("Title", "Title", 255, nillable=False, name_field=True),
        text("FileType", "File Type", 20, **READ_ONLY),
        text("FileExtension", "File Extension", 40, **READ_ONLY),
        base64("Content", "Content"),
        integer("ContentSize", "Content Size", **READ_ONLY),
        moment("ContentModifiedDate", "Content Modified Date", **READ_ONLY),
        text("TextPreview", "Text Preview", 255, filterable=False, sortable=False, **READ_ONLY),
        lookup("LatestPublishedVersionId", "Latest Published Version ID", "ContentVersion", **READ_ONLY),
        boolean("IsReadOnly", "Is Read Only", **READ_ONLY),
        picklist("SharingPrivacy", "File Privacy on Records", ("N", "P"), restricted=True, default="N"),
        owner(),
        moment("LastViewedDate", "Last Viewed Date", **READ_ONLY),
        *system_fields(stamp=False),
    )
    return SObjectType("ContentNote", "Note", "Notes", "069", fields, replicateable=False)


def content_document() -> SObjectType:
    """The document behind a note."""
    fields = (
        own_id(),
        text("Title", "Title", 255, nillable=False, name_field=True),
        text("FileType", "File Type", 20, **READ_ONLY),
        text("FileExtension", "File Extension", 40, **READ_ONLY),
        integer("ContentSize", "Size", **READ_ONLY),
        moment("ContentModifiedDate", "Content Modified Date", **READ_ONLY),
        text("Description", "Description", 1_000),
        text("PublishStatus", "Publish Status", 40, **READ_ONLY),
        lookup("LatestPublishedVersionId", "Latest Published Version ID", "ContentVersion", **READ_ONLY),
        boolean("IsArchived", "Is Archived", **READ_ONLY),
        owner(),
        *system_fields(viewed=True),
    )
    return SObjectType("ContentDocument", "Content Document", "Content Documents", "069", fields, createable=False)


def content_version() -> SObjectType:
    """One saved body of a document."""
    fields = (
        own_id(),
        lookup(
            "ContentDocumentId",
            "ContentDocument ID",
            "ContentDocument",
            child_relationship="ContentVersions",
            cascade=True,
            **READ_ONLY,
        ),
        boolean("IsLatest", "Is Latest", **READ_ONLY),
        text("VersionNumber", "Version Number", 20, **READ_ONLY),
        text("Title", "Title", 255, nillable=False, name_field=True, **READ_ONLY),
        text("PathOnClient", "Path On Client", 500, **READ_ONLY),
        text("FileType", "File Type", 20, **READ_ONLY),
        text("FileExtension", "File Extension", 40, **READ_ONLY),
        base64("VersionData", "Version Data", **READ_ONLY),
        integer("ContentSize", "Size", **READ_ONLY),
        long_area("TextPreview", "Text Preview", 255, **READ_ONLY),
        owner(),
        *system_fields(),
    )
    return SObjectType(
        "ContentVersion",
        "Content Version",
        "Content Versions",
        "068",
        fields,
        createable=False,
        updateable=False,
        deletable=False,
    )


def content_document_link() -> SObjectType:
    """Where a document is shown."""
    fields = (
        own_id(),
        lookup(
            "LinkedEntityId",
            "Linked Entity ID",
            LINKED,
            nillable=False,
            updateable=False,
            cascade=True,
            child_relationship="ContentDocumentLinks",
        ),
        lookup(
            "ContentDocumentId",
            "ContentDocument ID",
            "ContentDocument",
            nillable=False,
            updateable=False,
            cascade=True,
            child_relationship="ContentDocumentLinks",
        ),
        picklist(
            "ShareType",
            "Share Type",
            ("V", "C", "I"),
            nillable=False,
            restricted=True,
            defaulted_on_create=True,
            default="V",
        ),
        picklist(
            "Visibility",
            "Visibility",
            ("AllUsers", "InternalUsers", "SharedUsers"),
            restricted=True,
            default="AllUsers",
        ),
        *system_fields(),
    )
    return SObjectType("ContentDocumentLink", "Content Document Link", "Content Document Links", "06A", fields)
