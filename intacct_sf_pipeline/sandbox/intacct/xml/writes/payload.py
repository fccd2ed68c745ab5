"""From field texts to what the store's own writes take: nested members, and the members only XML knows.

Source: the XML reference, 5 (patch semantics, empty elements), 7.1 (display contact, country codes), 7.6 (unknown
elements).
"""

import re
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.intacct.company import nest
from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.results import ErrorEntry
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XML_ONLY, XmlField, XmlObject, XmlType
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import MANY, read_text
from intacct_sf_pipeline.sandbox.intacct.xml.writes.chains import bad_format, missing_field, rule
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import Given

DISPLAY = "contacts.default."
_HIDE = "HIDEDISPLAYCONTACT"
_EMAIL = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+(\s*[,;]\s*[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+)*")
_GROUP_NAMES = frozenset({"DISPLAYCONTACT", "CONTACTINFO", "BILLTO", "SHIPTO", "MAILADDRESS", "TAXGROUP", "LOC"})
_ALIASES = {"TAXGROUP": "TAXGROUP.NAME"}
"""Spellings writes take besides the field's own: the vendor's SDKs send an item's tax group as text."""


@dataclass
class Payload:
    """What one record's texts come to.

    Attributes:
        members: dotted stored members -> JSON values.
        extras: members only XML knows, of the record itself.
        contact_extras: the same of its display contact.
        faults: texts that do not fit their fields, of the record itself.
        contact_faults: the same of its display contact.
    """

    members: dict[str, object] = field(default_factory=dict)
    extras: Row = field(default_factory=dict)
    contact_extras: Row = field(default_factory=dict)
    faults: list[ErrorEntry] = field(default_factory=list)
    contact_faults: list[ErrorEntry] = field(default_factory=list)

    def nested(self) -> dict[str, object]:
        """The members as the store's writes take them."""
        return nest(self.members)


def build(entry: XmlObject, given: Given, formats: Formats, options: XmlOptions, *, creating: bool) -> Payload:
    """Reads every text; what does not fit is collected in `faults`."""
    payload = Payload()
    for name, text in given.fields.items():
        known = _field(entry, name, options)
        if known is None:
            _unknown(payload, entry, name, text, options)
        elif known.read_only or (not creating and name == entry.key):
            if known.read_only and name != "RECORDNO" and options.unknown_elements == "error":
                payload.faults.append(rule(f"The field {name} is read-only."))
        elif text:
            _put(payload, entry, known, text.strip() if known.type is not XmlType.TEXT else text, formats)
        elif options.empty_clears and (not creating or known.nullable):
            _clear(payload, entry, known, formats)
    return payload


def _clear(payload: Payload, entry: XmlObject, known: XmlField, formats: Formats) -> None:
    """An empty element: clears what may be empty, a new record's default too; a choice or a switch keeps what it is."""
    if known.nullable:
        _put(payload, entry, known, "", formats)
    elif known.required or known.name.endswith("PRINTAS"):
        payload.faults.append(missing_field(known.label))


def _field(entry: XmlObject, name: str, options: XmlOptions) -> XmlField | None:
    iso = name.rpartition(".")[2]
    if entry.name == "CUSTOMER" and iso in ("COUNTRYCODE", "ISOCOUNTRYCODE") and "." in name:
        if options.iso_country not in ("both", iso):
            return None
        name = name.removesuffix(iso) + "COUNTRYCODE"
    alias = _ALIASES.get(name, name)
    return entry.fields.get(name) or entry.fields.get(alias)


def _unknown(payload: Payload, entry: XmlObject, name: str, text: str, options: XmlOptions) -> None:
    if options.unknown_elements == "error" and (text or name.rpartition(".")[2] not in _GROUP_NAMES):
        payload.faults.append(rule(f"{name} is not a field of {entry.name}."))


def _put(payload: Payload, entry: XmlObject, known: XmlField, text: str, formats: Formats) -> None:
    inside = known.path.startswith(DISPLAY) and entry.name == "CUSTOMER"
    faults = payload.contact_faults if inside else payload.faults
    noun = "Contactversion" if inside or entry.name == "CONTACT" else entry.label
    try:
        value = read_text(known, text, formats)
    except ValueError as error:
        faults.append(bad_format(noun, known.label, str(error)))
        return
    if known.path.endswith(("email1", "email2")) and text and not _EMAIL.fullmatch(text.strip()):
        which = "Primary" if known.path.endswith("1") else "Secondary"
        faults.append(bad_format(noun, f"{which} Email Address", f"{text!r}."))
    elif known.name == _HIDE:
        if value is not None:
            payload.members[DISPLAY + "showInContactList"] = not value
    elif inside and known.path.startswith(DISPLAY + XML_ONLY):
        payload.contact_extras[known.path.removeprefix(DISPLAY)] = _plain(value)
    elif known.path.startswith(XML_ONLY):
        payload.extras[known.path] = _plain(value)
    else:
        payload.members[known.path] = value


def _plain(value: object) -> str | bool | None:
    if value is None or isinstance(value, str | bool):
        return value
    return MANY.join(str(part) for part in value) if isinstance(value, list) else str(value)
