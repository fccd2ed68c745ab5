"""From a legacy element to field texts, so that the writer of the generic functions can take it.

Source: the XML reference, 5: custom fields as name and value, dates split into year, month and day.
"""

from collections.abc import Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.xml.formats import Formats
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.writes.given import Given


def read_parts(element: Element, parts: Sequence[Part], formats: Formats) -> Given:
    """What an element says, under the names of the XML fields.

    Contacts inside the element come as fields of their prefix (`DISPLAYCONTACT.EMAIL1`); a contact by name only as
    `PREFIX.CONTACTNAME`.
    """
    given = Given()
    _fill(given, element, parts, formats, "")
    return given


def _fill(given: Given, element: Element, parts: Sequence[Part], formats: Formats, prefix: str) -> None:
    known = {part.tag: part for part in parts}
    for child in element:
        part = known.get(child.tag)
        if part is None:
            continue
        name = f"{prefix}{part.field}"
        if part.kind == models.CUSTOM:
            given.fields.update(_custom_fields(child))
        elif part.kind == models.CONTACT_LIST:
            given.contacts = [
                ((item.findtext("category") or "").strip(), (item.findtext("contactname") or "").strip())
                for item in child.findall("contactitem")
            ]
        elif part.kind == models.WAREHOUSES:
            lines = child.findall("whslineitem")
            given.warehouses = [{"WAREHOUSEID": (line.findtext("whsid") or "").strip()} for line in lines]
        elif part.kind == models.ADDRESS:
            _fill(given, child, models.ADDRESS_PARTS, formats, f"{name}.")
        elif part.kind == models.CONTACT_REF:
            contact = child.find("contact")
            inside = models.INLINE_CONTACT if contact is not None else (Part("contactname", "CONTACTNAME"),)
            _fill(given, child if contact is None else contact, inside, formats, f"{name}.")
        elif part.kind == models.FILES:
            given.fields[name] = files_text(child)
        elif part.field:
            given.fields[name] = _text(child, part.kind, formats)


def _text(child: Element, kind: str, formats: Formats) -> str:
    if kind == models.DATE:
        return joined_date(child, formats)
    if kind == models.TAX_GROUP:
        return (child.findtext("name") or "").strip()
    return child.text or ""


def joined_date(element: Element, formats: Formats) -> str:
    """A split date as the user's dates are written; empty when nothing is given, as it stands when it is none."""
    parts = [(element.findtext(name) or "").strip() for name in ("year", "month", "day")]
    if not any(parts):
        return ""
    year, month, day = parts
    stored = f"{year.zfill(4)}-{month.zfill(2)}-{day.zfill(2)}"
    return formats.show_date(stored)


def files_text(element: Element) -> str:
    """The files of an `attachments` element, each a line of name, type and base64 data, so that lines can be added."""
    lines = []
    for file in element.findall("attachment"):
        data = "".join((file.findtext("attachmentdata") or "").split())
        lines.append("\t".join([_word(file, "attachmentname"), _word(file, "attachmenttype"), data]))
    return "\n".join(lines)


def _word(file: Element, tag: str) -> str:
    return " ".join((file.findtext(tag) or "").split())


def _custom_fields(element: Element) -> dict[str, str]:
    return {
        (field.findtext("customfieldname") or "").strip(): field.findtext("customfieldvalue") or ""
        for field in element.findall("customfield")
    }
