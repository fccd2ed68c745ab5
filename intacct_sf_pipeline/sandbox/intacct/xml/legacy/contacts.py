"""Contacts inside a legacy customer: inline ones are written first, then the customer refers to them by name.

Source: request schema 3.0: `primary`, `billto`, `shipto` and `contactinfo` (the display contact) hold a `contactname`
or a whole `contact`.
"""

from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import Given
from intacct_sf_pipeline.sandbox.intacct.xml.writes.writer import XmlWriter

_OTHERS = ("CONTACTINFO", "BILLTO", "SHIPTO")
_DISPLAY = "DISPLAYCONTACT."


def settle_contacts(writer: XmlWriter, call: FunctionCall, entry: XmlObject, given: Given) -> None:
    """Writes the inline contacts of a customer and leaves their names in `given`; other objects have none.

    Raises:
        XmlFault: a contact was refused.
    """
    if entry.name != "CUSTOMER":
        return
    for prefix in _OTHERS:
        inline = _take(given, f"{prefix}.")
        name = inline.get("CONTACTNAME", "")
        if len(inline) > 1:
            contact, parts = call.state.schema["CONTACT"], Given(inline)
            known = writer.by_id(contact, name.strip())
            if known is None:
                writer.create(contact, parts)
            else:
                writer.update(contact, parts, known)
        if inline:
            given.fields[f"{prefix}.CONTACTNAME"] = name
    _settle_display(given)


def _settle_display(given: Given) -> None:
    """A display contact by name alone is one that exists; without any, the service makes one after the customer."""
    display = [name for name in given.fields if name.startswith(_DISPLAY)]
    if display == [f"{_DISPLAY}CONTACTNAME"]:
        given.display_exists = True
    elif not display and "NAME" in given.fields and "CUSTOMERID" in given.fields:
        given.fields[f"{_DISPLAY}PRINTAS"] = given.fields["NAME"]


def _take(given: Given, prefix: str) -> dict[str, str]:
    """Takes the fields of a prefix out of a record, under their own names."""
    taken = {name: text for name, text in given.fields.items() if name.startswith(prefix)}
    for name in taken:
        del given.fields[name]
    return {name.removeprefix(prefix): text for name, text in taken.items()}
