"""What the integration user has to be allowed: objects and fields of one permission set, derived from the mapping.

A permission set that names a field without field-level security is refused as a whole, so standard fields are named
only where it is known that they have it. Sources: Metadata API Developer Guide (PermissionSet); Help, Field-Level
Security (required fields and parts of a compound address or name have none of their own: the address as a whole has);
Help, View All and Modify All (not for products and price books); jetstreamapp/jetstream 1982 (PricebookEntry has
neither object nor field permissions of its own); profiles and permission sets of public source trees.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.metadata.fields import CustomField, is_custom, is_packaged
from intacct_sf_pipeline.connectors.salesforce.metadata.needed import owner
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import Side

_SF: Final = Side.SALESFORCE
_WITHOUT_OBJECT_ACCESS: Final = frozenset(
    {"PricebookEntry", "Note", "ContentNote", "ContentVersion", "ContentDocument", "ContentDocumentLink", "User",
     "Organization", "RecordType", "CurrencyType"}
)  # fmt: skip
"""Objects whose access follows from others, or from the licence."""
_NO_VIEW_ALL: Final = frozenset({"Product2", "Pricebook2"})
_ADDRESS: Final = re.compile(
    r"(Billing|Shipping|Mailing|Other)(Street|City|State|StateCode|PostalCode|Country|CountryCode)"
)
_SECURED: Final = {
    "Account": "AccountNumber AccountSource AnnualRevenue BillingAddress Description Fax Industry NumberOfEmployees"
    " Ownership ParentId Phone Rating ShippingAddress Sic Site TickerSymbol Type Website",
    "Contact": "AccountId AssistantName AssistantPhone Birthdate Department Description Email Fax HomePhone LeadSource"
    " MailingAddress MobilePhone OtherAddress OtherPhone Phone ReportsToId Title",
    "Product2": "Description DisplayUrl Family ProductCode",
}
"""Standard fields that have field-level security."""


@dataclass(frozen=True, slots=True)
class ObjectAccess:
    """What may be done with an object's records; `view_all`: whoever owns them."""

    object: str
    create: bool
    edit: bool
    view_all: bool


@dataclass(frozen=True, slots=True)
class FieldAccess:
    """What may be done with a field."""

    field: str
    editable: bool


def object_access(mapping: SyncMapping) -> tuple[ObjectAccess, ...]:
    """Access to every object the enabled flows read or write, and to those these depend on."""
    read = {feed.object for feed in mapping.used_feeds() if feed.side is _SF}
    read |= {entity.salesforce.object for entity in mapping.enabled()}
    if "Contact" in read:
        read.add("Account")
    if "PricebookEntry" in read:
        read |= {"Product2", "Pricebook2"}
    created = {entity.salesforce.object for entity in mapping.enabled() if creates(entity)}
    written = {e.salesforce.object for e in mapping.enabled() if e.writes_to(_SF) or e.salesforce.status} | created
    if "PricebookEntry" in written:
        written.add("Pricebook2")
    given = sorted(name for name in read if name not in _WITHOUT_OBJECT_ACCESS)
    return tuple(ObjectAccess(n, n in created, n in written, n not in _NO_VIEW_ALL) for n in given)


def creates(entity: EntityMapping) -> bool:
    """Whether the flow creates Salesforce records."""
    return not entity.links and entity.intacct.creates and entity.writes_to(_SF)


def field_access(mapping: SyncMapping, custom: tuple[CustomField, ...]) -> tuple[FieldAccess, ...]:
    """Access to every custom field, and to the mapped standard fields that have field-level security."""
    found = {field.full_name: field.editable for field in custom}
    for entity in mapping.enabled():
        for name, editable in _standard(mapping, entity):
            found[name] = found.get(name, False) or editable
    return tuple(FieldAccess(name, found[name]) for name in sorted(found))


def _standard(mapping: SyncMapping, entity: EntityMapping) -> Iterator[tuple[str, bool]]:
    spec = entity.salesforce
    for field in entity.fields:
        for column in field.salesforce.columns:
            writes = field.direction.writes(_SF) and field.salesforce.compute is None and "." not in column
            yield from _secured(*owner(mapping, spec, column), editable=writes)
    for column in (*spec.on_create, *spec.deactivate):
        yield from _secured(spec.object, column, editable=True)
    for condition in (*spec.create_when, *spec.in_scope_when):
        yield from _secured(*owner(mapping, spec, condition.column), editable=False)


def _secured(sobject: str, column: str, *, editable: bool) -> Iterator[tuple[str, bool]]:
    if is_custom(column):
        if is_packaged(column) and sobject:
            yield f"{sobject}.{column}", editable
        return
    part = _ADDRESS.fullmatch(column)
    name = f"{part[1]}Address" if part else column
    if name in _SECURED.get(sobject, "").split():
        yield f"{sobject}.{name}", editable
