"""The mapped fields as the reference model knows them: where each stands on either side, and its kind of value."""

from __future__ import annotations

from dataclasses import dataclass

ADDRESS = "contacts.default.mailingAddress."
CUSTOMER, CONTACT, ITEM = "accounts-receivable/customer", "company-config/contact", "inventory-control/item"
ENTRY, STOCK = "accounts-receivable/customer-contact", "inventory-control/item-warehouse-inventory"
SOBJECTS = {"accounts": "Account", "contacts": "Contact", "products": "Product2"}
OBJECTS = {"accounts": CUSTOMER, "contacts": CONTACT, "products": ITEM}


@dataclass(frozen=True)
class Field:
    """One field that both sides hold and either may change. `intacct` names several columns for an address' lines."""

    name: str
    kind: str
    salesforce: str
    intacct: tuple[str, ...]

    @property
    def on_the_list(self) -> bool:
        """Whether Intacct keeps it on the customer's contact list, not on the contact."""
        return self.intacct == ("categoryName",)


ACCOUNT_FIELDS = (
    Field("name", "name", "Name", ("name",)),
    Field("phone", "phone", "Phone", ("contacts.default.phone1",)),
    Field("street", "street", "BillingStreet", tuple(f"{ADDRESS}addressLine{n}" for n in (1, 2, 3))),
    Field("city", "city", "BillingCity", (f"{ADDRESS}city",)),
    Field("state", "state", "BillingState", (f"{ADDRESS}state",)),
    Field("postal_code", "postal_code", "BillingPostalCode", (f"{ADDRESS}postCode",)),
    Field("country", "country", "BillingCountry", (f"{ADDRESS}isoCountryCode",)),
)
CONTACT_FIELDS = (
    Field("salutation", "salutation", "Salutation", ("prefix",)),
    Field("first_name", "first_name", "FirstName", ("firstName",)),
    Field("last_name", "person", "LastName", ("lastName",)),
    Field("title", "title", "Title", ("categoryName",)),
    Field("phone", "phone", "Phone", ("phone1",)),
    Field("mobile", "phone", "MobilePhone", ("mobile",)),
    Field("email", "email", "Email", ("email1",)),
)
FIELDS = {"accounts": ACCOUNT_FIELDS, "contacts": CONTACT_FIELDS}


def intacct_values(field: Field, value: str | None) -> dict[str, str | None]:
    """The value as Intacct's columns take it."""
    if len(field.intacct) == 1:
        return {field.intacct[0]: value}
    lines = (value or "").split("\n")
    return {column: (lines[n] if n < len(lines) else None) or None for n, column in enumerate(field.intacct)}
