"""`company-config/contact`. Source: the reference, 5.7 (lengths from the integration vendor's field lists)."""

from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import (
    AUDIT,
    ENTITY,
    HREF,
    KEY,
    Field,
    ObjectSpec,
    Ref,
    choice,
    flag,
    identifier,
    text,
)

ADDRESS = "mailingAddress."


def contact(options: CompanyOptions) -> ObjectSpec:
    """A person or address book entry, shared by the whole company; its `id` is the contact name."""
    members: tuple[Field | Ref, ...] = (
        KEY,
        identifier(options.contact_id_max),
        HREF,
        text("prefix"),
        text("firstName", 40),
        text("middleName", 40),
        text("lastName", 40),
        text("companyName", 100),
        Field("printAs", required=True, nullable=False),
        text("email1", 200),
        text("email2", 200),
        text("phone1", 30),
        text("phone2", 30),
        text("mobile", 30),
        text("pager", 30),
        text("fax", 30),
        text("URL1"),
        text("URL2"),
        flag("showInContactList", default=True),
        choice("status", "active", "inactive", default="active"),
        text(ADDRESS + "addressLine1", 255),
        text(ADDRESS + "addressLine2", 255),
        text(ADDRESS + "addressLine3", 255),
        text(ADDRESS + "city", 80),
        text(ADDRESS + "state"),
        text(ADDRESS + "postCode"),
        Field(ADDRESS + "country", max_length=60, deprecated=True, computed="country"),
        Field(ADDRESS + "isoCountryCode", max_length=2, default="US"),
        flag("tax.isTaxable", default=True),
        text("tax.taxId"),
        Ref("tax.group", "tax/contact-tax-group", shows=("key", "id")),
        text("internationalTaxId"),
        text("discount"),
        Ref("priceList", "order-entry/price-list", shows=("key", "id")),
        Ref("priceSchedule", "order-entry/price-schedule", shows=("key", "id")),
        text("entityUseCode"),
        ENTITY,
    )
    return ObjectSpec("company-config/contact", members + (AUDIT if options.contact_audit else ()))
