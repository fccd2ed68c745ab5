"""Company-wide objects: entities, users, the audit trail, numbering. Source: the reference, 5.8, 6.5, 7.1."""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import (
    AUDIT,
    ENTITY,
    HREF,
    KEY,
    READ,
    Field,
    Kind,
    ObjectSpec,
    Ref,
    choice,
    identifier,
    text,
)

ENTITY_OBJECT = "company-config/entity"
USER = "company-config/user"
AUDIT_HISTORY = "company-config/audit-history"
SEQUENCE = "company-config/document-sequence"


def entity(_options: CompanyOptions) -> ObjectSpec:
    """A legal entity of the company."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("name"),
        choice("status", "active", "inactive", default="active"),
        *AUDIT,
    )
    return ObjectSpec(ENTITY_OBJECT, members, methods=READ)


def user(_options: CompanyOptions) -> ObjectSpec:
    """A person or a web services user."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("userName"),
        choice("userType", "business", "webServices", default="business"),
        choice("status", "active", "inactive", default="active"),
        *AUDIT,
    )
    return ObjectSpec(USER, members, methods=READ)


def audit_history(_options: CompanyOptions) -> ObjectSpec:
    """One row per action on a record; a modification has one row per changed member."""
    source = ("userInterface", "api", "csvImport", "system", "smartEvent", "importService", "copilot")
    actions = ("access", "create", "delete", "modify", "workflow", "userAction", "activity", "systemAudit")
    members: tuple[Field | Ref, ...] = (
        KEY,
        Field("id", read_only=True, mutable=False),
        HREF,
        text("changeDetails.objectName"),
        text("changeDetails.objectId"),
        text("changeDetails.fieldName"),
        text("changeDetails.previousValue"),
        text("changeDetails.newValue"),
        choice("changeSource.source", *source),
        text("changeSource.completedBy"),
        Field("changeSource.accessDateTime", Kind.DATE_TIME),
        choice("changeSource.actionPerformed", *actions),
        text("changeSource.workflowAction"),
        text("changeSource.clientIPAddress"),
        text("changeSource.senderId"),
        text("changeSource.clientId"),
        text("notes"),
    )
    return ObjectSpec(AUDIT_HISTORY, members, methods=READ, id_is_key=True)


def document_sequence(_options: CompanyOptions) -> ObjectSpec:
    """A number range, such as the one that numbers customers."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("name"),
        text("prefix"),
        Field("nextNumber", Kind.INTEGER, default=1),
        choice("status", "active", "inactive", default="active"),
        *AUDIT,
    )
    return ObjectSpec(SEQUENCE, members, methods=READ)


SETUP_LISTS = (
    "accounts-payable/vendor",
    "accounts-receivable/account-label",
    "accounts-receivable/customer-account-group",
    "accounts-receivable/customer-message",
    "accounts-receivable/customer-type",
    "accounts-receivable/shipping-method",
    "accounts-receivable/term",
    "accounts-receivable/territory",
    "company-config/class",
    "company-config/department",
    "company-config/employee",
    "company-config/location",
    "general-ledger/account",
    "inventory-control/item-gl-group",
    "inventory-control/product-line",
    "inventory-control/unit-of-measure-group",
    "order-entry/price-list",
    "order-entry/price-schedule",
    "projects/project",
    "tax/contact-tax-group",
    "tax/item-tax-group",
)
"""Objects this sandbox keeps only so that references to them can be checked and shown."""


def setup_list(name: str) -> ObjectSpec:
    """A small read-only list with `id` and `name`."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(),
        HREF,
        text("name"),
        choice("status", "active", "inactive", default="active"),
        ENTITY,
        *AUDIT,
    )
    return ObjectSpec(name, members, methods=READ, setup=True)
