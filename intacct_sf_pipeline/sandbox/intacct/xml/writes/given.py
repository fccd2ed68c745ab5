"""What a write says about one record, as plain values: field texts, the contact list, the warehouses of an item.

Both the generic functions (`from_element`) and the legacy ones end up here; nothing is checked against rules yet.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeAlias
from xml.etree.ElementTree import Element

ListEntry: TypeAlias = tuple[str, str]
"""(category, contact name) of one entry of a customer's contact list."""

_LISTS = ("CONTACT_LIST_INFO", "CUSTOMERCONTACTS")
_WAREHOUSES = "WAREHOUSEINFO"


@dataclass
class Given:
    """One record of a write.

    Attributes:
        fields: XML field name -> text; the empty text is an empty element.
        contacts: entries of the contact list; None when it is not mentioned, empty when it is to be emptied.
        warehouses: field texts of each ITEMWAREHOUSEINFO.
        display_exists: the display contact named is one that exists already (legacy functions only).
    """

    fields: dict[str, str] = field(default_factory=dict)
    contacts: list[ListEntry] | None = None
    warehouses: list[dict[str, str]] = field(default_factory=list)
    display_exists: bool = False

    def text(self, name: str) -> str:
        """A field's text without blanks around it; empty when it is not given."""
        return self.fields.get(name, "").strip()


def from_element(record: Element) -> Given:
    """What an object's element of `create` or `update` says; the order of children is free.

    Source: the XML reference, 5 and 7.1.1 (of the two spellings of the contact list the second wins).
    """
    given = Given()
    for spelling in _LISTS:
        found = record.findall(spelling)
        if found:
            given.contacts = [entry for element in found for entry in _list_entries(element)]
    for element in record.findall(f"{_WAREHOUSES}/ITEMWAREHOUSEINFO"):
        given.warehouses.append(dict(_leaves(element)))
    for child in record:
        if child.tag not in (*_LISTS, _WAREHOUSES):
            given.fields.update(_leaves(child, child.tag))
    return given


def _leaves(element: Element, path: str = "") -> Iterator[tuple[str, str]]:
    """Every element without children below one (itself included when it has a path), under its dotted name."""
    if path and not len(element):
        yield path, element.text or ""
    for child in element:
        yield from _leaves(child, f"{path}.{child.tag}" if path else child.tag)


def _list_entries(element: Element) -> Iterator[ListEntry]:
    entries = element.findall("CUSTOMERENTITYCONTACTS") if element.tag == "CUSTOMERCONTACTS" else [element]
    for entry in entries:
        name = (entry.findtext("CONTACT/NAME") or "").strip()
        category = (entry.findtext("CATEGORYNAME") or "").strip()
        if name or category:
            yield category, name
