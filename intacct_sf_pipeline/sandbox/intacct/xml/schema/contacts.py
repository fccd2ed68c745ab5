"""CONTACT, and the contact fields other objects show under a prefix. Source: the XML reference, 7.1 and 7.2."""

from intacct_sf_pipeline.sandbox.intacct.xml.schema import further
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    AUDIT,
    FULL,
    OWNERSHIP,
    RECORDNO,
    Blueprint,
    Column,
    Relationship,
    XmlType,
    record_url,
    status,
)

_ADDRESS = "mailingAddress."
PERSON: tuple[Column, ...] = (
    Column("CONTACTNAME", "id", "Contact name"),
    Column("COMPANYNAME", "companyName", "Company name"),
    Column("PREFIX", "prefix", "Mr./Ms./Mrs."),
    Column("FIRSTNAME", "firstName", "First name"),
    Column("LASTNAME", "lastName", "Last name"),
    Column("INITIAL", "middleName", "Middle name"),
    Column("PRINTAS", "printAs", "Print as"),
    Column("TAXABLE", "tax.isTaxable", "Taxable"),
    Column("TAXGROUP", "tax.group.id", "Contact tax group"),
    Column("TAXSOLUTIONID", "xml.TAXSOLUTIONID", "Tax solution"),
    Column("TAXSCHEDULE", "xml.TAXSCHEDULE", "Tax schedule"),
    Column("TAXID", "tax.taxId", "Tax ID"),
    Column("PHONE1", "phone1", "Phone number"),
    Column("PHONE2", "phone2", "Secondary phone"),
    Column("CELLPHONE", "mobile", "Mobile phone"),
    Column("PAGER", "pager", "Pager"),
    Column("FAX", "fax", "Fax number"),
    Column("EMAIL1", "email1", "Email address"),
    Column("EMAIL2", "email2", "Secondary email"),
    Column("URL1", "URL1", "URL"),
    Column("URL2", "URL2", "Secondary URL"),
    Column("VISIBLE", "showInContactList", "Visible"),
    Column("MAILADDRESS.ADDRESS1", _ADDRESS + "addressLine1", "Address line 1"),
    Column("MAILADDRESS.ADDRESS2", _ADDRESS + "addressLine2", "Address line 2"),
    Column("MAILADDRESS.ADDRESS3", _ADDRESS + "addressLine3", "Address line 3"),
    Column("MAILADDRESS.CITY", _ADDRESS + "city", "City"),
    Column("MAILADDRESS.STATE", _ADDRESS + "state", "State or territory"),
    Column("MAILADDRESS.ZIP", _ADDRESS + "postCode", "Zip or postal code"),
    Column("MAILADDRESS.COUNTRY", _ADDRESS + "country", "Country"),
    Column("MAILADDRESS.COUNTRYCODE", _ADDRESS + "isoCountryCode", "Country code"),
)
"""What a contact has wherever it is shown."""

PLACE: tuple[Column, ...] = (
    Column("MAILADDRESS.LATITUDE", "xml.LATITUDE", "Latitude", XmlType.DECIMAL),
    Column("MAILADDRESS.LONGITUDE", "xml.LONGITUDE", "Longitude", XmlType.DECIMAL),
)
ISO_ALIAS = Column("MAILADDRESS.ISOCOUNTRYCODE", _ADDRESS + "isoCountryCode", "ISO country code", write_only=True)
"""The other spelling of the country code, for writes."""


def shown_as(prefix: str, ref: str, *, display: bool = False) -> tuple[Column, ...]:
    """The contact fields of another object under `PREFIX.`; `display` adds status and coordinates."""
    shown = (*PERSON, *further.PERSON, status(), *PLACE) if display else PERSON
    return tuple(
        Column(
            f"{prefix}.{column.name}",
            f"{ref}.{column.path}",
            column.label,
            column.type,
            column.words,
            required=False,
            read_only=column.read_only or (not display and column.name != "CONTACTNAME"),
        )
        for column in shown
    )


CONTACT = Blueprint(
    name="CONTACT",
    label="Contact",
    store_name="company-config/contact",
    key="CONTACTNAME",
    columns=(
        RECORDNO,
        *PERSON,
        *further.PERSON,
        status(),
        *PLACE,
        ISO_ALIAS,
        Column("PRICELIST", "priceList.id", "Price list"),
        Column("PRICESCHEDULE", "priceSchedule.id", "Price schedule"),
        Column("DISCOUNT", "discount", "Discount"),
        *AUDIT,
        *OWNERSHIP,
        record_url("CONTACT"),
    ),
    relationships=(
        Relationship("MELOCATION", "LOCATIONENTITY", "entity", "MEGAENTITYID", "Created at - Entity"),
        Relationship("CREATEDBYUSER", "USERINFO", "audit.createdByUser", "CREATEDBY", "Created by"),
    ),
    writes=FULL,
)
