"""What `lookup` and `inspect` tell of an object: fields, relations, lengths. Source: queries (lookup), inspect; clients
craibuc/PsIntacct and hotgluexyz/tap-intacct for the shape of their replies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.intacct.xml.document import text_of


@dataclass(frozen=True)
class ListedField:
    """One field as `lookup` lists it; `values` of an enumeration, in XML words."""

    name: str
    data_type: str = "TEXT"
    read_only: bool = False
    required: bool = False
    custom: bool = False
    values: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """An object: exactly what `query` can use (mostly), and the objects its dotted paths lead to."""

    fields: Mapping[str, ListedField]
    relations: Mapping[str, str]


def read_listing(data: Element | None) -> Listing:
    """A `Listing` from the `data` of a `lookup`."""
    found = [] if data is None else list(data.iter("Field"))
    fields = {entry.name: entry for entry in map(_field, found) if entry.name}
    relations = [] if data is None else list(data.iter("Relationship"))
    return Listing(fields, {text_of(r, "OBJECTPATH"): text_of(r, "OBJECTNAME") for r in relations})


def _field(node: Element) -> ListedField:
    return ListedField(
        text_of(node, "ID"),
        text_of(node, "DATATYPE") or "TEXT",
        _is_true(text_of(node, "READONLY")),
        _is_true(text_of(node, "REQUIRED")),
        _is_true(text_of(node, "ISCUSTOM")),
        tuple((value.text or "").strip() for value in node.iter("VALIDVALUE")),
    )


def _is_true(text: str) -> bool:
    return text.lower() in {"true", "t", "1", "yes"}


def read_lengths(data: Element | None) -> dict[str, int]:
    """Longest text by field name from the `data` of an `inspect detail="1"`; zero and nothing mean no limit."""
    lengths: dict[str, int] = {}
    for node in [] if data is None else data.iter("Field"):
        name = text_of(node, "Name") or text_of(node, "id") or node.get("Name", "")
        length = text_of(node, "maxLength") or node.get("maxLength", "")
        if name and length.isascii() and length.isdigit() and int(length) > 0:
            lengths[name] = int(length)
    return lengths
