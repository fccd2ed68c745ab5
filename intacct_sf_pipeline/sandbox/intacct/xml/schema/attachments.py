"""Attachments and their folders, which only legacy functions offer. Source: the vendor's page on attachments."""

from intacct_sf_pipeline.sandbox.intacct.schema.attachments import ATTACHMENT, FOLDER
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import AUDIT, RECORDNO, Blueprint, Column

SUPDOC = Blueprint(
    name="SUPDOC",
    label="Attachment",
    store_name=ATTACHMENT,
    key="SUPDOCID",
    columns=(
        RECORDNO,
        Column("SUPDOCID", "id", "Attachment ID"),
        Column("SUPDOCNAME", "name", "Attachment name"),
        Column("SUPDOCFOLDERNAME", "folder.id", "Attachment folder", required=True),
        Column("SUPDOCDESCRIPTION", "description", "Description"),
        Column("ATTACHMENTS", "xml.ATTACHMENTS", "Files"),
        *AUDIT,
    ),
    hidden=True,
)
SUPDOC_FOLDER = Blueprint(
    name="SUPDOCFOLDER",
    label="Attachment folder",
    store_name=FOLDER,
    key="SUPDOCFOLDERNAME",
    columns=(
        RECORDNO,
        Column("SUPDOCFOLDERNAME", "id", "Attachment folder"),
        Column("SUPDOCFOLDERDESCRIPTION", "description", "Description"),
        Column("SUPDOCPARENTFOLDERNAME", "parent.id", "Parent folder"),
        *AUDIT,
    ),
    hidden=True,
)
