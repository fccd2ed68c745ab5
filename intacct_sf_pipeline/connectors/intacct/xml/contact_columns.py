"""CONTACT, its columns where other objects show them, and the entries of contact lists.

Source: contacts and customers pages; names of the entries from a public client's types of `read CUSTOMER`
(CUSTOMERCONTACTS/customerentitycontacts), the object CUSTOMERENTITYCONTACTS from a public list of entities. That it can
be queried, as its REST twin can, is UNCONFIRMED; without it contacts cannot be told from customers that list them.
"""

from __future__ import annotations

from typing import Final

from intacct_sf_pipeline.connectors.intacct.xml.columns import (
    AUDIT,
    KEY,
    OWNER,
    STATUS,
    Column,
    Kind,
    XmlObject,
    of,
    shown,
    text,
)

_ADDRESS = (
    text("mailingAddress.addressLine1", "MAILADDRESS.ADDRESS1"),
    text("mailingAddress.addressLine2", "MAILADDRESS.ADDRESS2"),
    text("mailingAddress.addressLine3", "MAILADDRESS.ADDRESS3"),
    text("mailingAddress.city", "MAILADDRESS.CITY"),
    text("mailingAddress.state", "MAILADDRESS.STATE"),
    text("mailingAddress.postCode", "MAILADDRESS.ZIP"),
    text("mailingAddress.country", "MAILADDRESS.COUNTRY"),
    text("mailingAddress.isoCountryCode", "MAILADDRESS.COUNTRYCODE"),
)
PERSON: Final = (
    text("id", "CONTACTNAME"),
    text("prefix", "PREFIX"),
    text("firstName", "FIRSTNAME"),
    text("middleName", "INITIAL"),
    text("lastName", "LASTNAME"),
    text("companyName", "COMPANYNAME"),
    text("printAs", "PRINTAS"),
    text("email1", "EMAIL1"),
    text("email2", "EMAIL2"),
    text("phone1", "PHONE1"),
    text("phone2", "PHONE2"),
    text("mobile", "CELLPHONE"),
    text("pager", "PAGER"),
    text("fax", "FAX"),
    text("URL1", "URL1"),
    text("URL2", "URL2"),
    *of(Kind.BOOLEAN, ("showInContactList", "VISIBLE"), ("tax.isTaxable", "TAXABLE")),
    text("tax.taxId", "TAXID"),
    text("tax.group.id", "TAXGROUP"),
    *_ADDRESS,
)


def as_shown(name: str, xml: str, key: str, *, inline: bool) -> tuple[Column, ...]:
    """The contact another object refers to: its key in a column of its own, its members under a prefix.

    Only the display contact is written through the customer (`inline`); of the others the name is.
    """
    members = tuple(c.under(name, xml, readable_only=not inline and c.name != "id") for c in PERSON)
    status = (STATUS.under(name, xml),) if inline else ()
    return (shown(f"{name}.key", key), *members, *status)


CONTACT: Final = XmlObject(
    name="company-config/contact",
    xml="CONTACT",
    id="CONTACTNAME",
    columns=(
        KEY,
        *PERSON,
        STATUS,
        text("discount", "DISCOUNT"),
        text("priceList.id", "PRICELIST"),
        text("priceSchedule.id", "PRICESCHEDULE"),
        *AUDIT,
        *OWNER,
    ),
    creates=True,
    required=frozenset({"id", "printAs"}),
    audit_type="contact",
)
CUSTOMER_CONTACT: Final = XmlObject(
    name="accounts-receivable/customer-contact",
    xml="CUSTOMERENTITYCONTACTS",
    columns=(
        KEY,
        shown("id", "RECORDNO"),
        shown("categoryName", "CATEGORYNAME"),
        shown("contact.key", "CONTACT.RECORDNO"),
        shown("contact.id", "CONTACT.CONTACTNAME"),
        shown("customer.key", "CUSTOMER.RECORDNO"),
        shown("customer.id", "CUSTOMER.CUSTOMERID"),
        *AUDIT,
    ),
)
