"""Attachments and their folders: read by REST, written by the XML door. Files themselves only the XML door knows.

Source: the reference, 5.6 (`attachment`); the vendor's page on attachments (XML).
"""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import (
    AUDIT,
    HREF,
    KEY,
    READ,
    Field,
    ObjectSpec,
    Ref,
    choice,
    identifier,
    text,
)

ATTACHMENT = "company-config/attachment"
FOLDER = "company-config/folder"


def attachment(_options: CompanyOptions) -> ObjectSpec:
    """Files that belong together, in a folder; loading a row that refers to a missing one creates it."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("name"),
        text("description"),
        Ref("folder", FOLDER, indexed=True),
        choice("status", "active", "inactive", default="active"),
        *AUDIT,
    )
    return ObjectSpec(ATTACHMENT, members, methods=READ, setup=True)


def folder(_options: CompanyOptions) -> ObjectSpec:
    """A folder of attachments, perhaps in another."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("description"),
        Ref("parent", FOLDER, indexed=True),
        choice("status", "active", "inactive", default="active"),
        *AUDIT,
    )
    return ObjectSpec(FOLDER, members, methods=READ)
