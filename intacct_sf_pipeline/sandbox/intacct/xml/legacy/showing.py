"""A record as the legacy lists show it: lower-case elements, split dates, contacts and custom fields inside.

Source: the vendor's 2.1 response DTD; the XML reference, 4.5.
"""

from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row, Value, whole
from intacct_sf_pipeline.sandbox.intacct.xml.calls import FunctionCall
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.legacy import models
from intacct_sf_pipeline.sandbox.intacct.xml.legacy.models import Part
from intacct_sf_pipeline.sandbox.intacct.xml.reading_rows import View
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import Getter
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import render
from intacct_sf_pipeline.sandbox.intacct.xml.writes.contact_list import named_entries


class Shower:
    """Shows the records of one list."""

    def __init__(self, call: FunctionCall, view: View, parts: Sequence[Part]) -> None:
        """Args: who asks, the object, the elements of a record."""
        self._call = call
        self._view = view
        self._parts = parts
        self._readers: dict[str, tuple[XmlField, Getter] | None] = {}

    def element(self, name: str, row: Row) -> Element:
        """One record."""
        return branch(name, [shown for part in self._parts for shown in self._show(part, row, "")])

    def _show(self, part: Part, row: Row, prefix: str) -> Iterator[Element]:
        name = f"{prefix}{part.field}"
        if part.kind == models.CONTACT_LIST:
            entries = named_entries(self._call.company.store, str(row["key"]))
            items = [branch("contactitem", [leaf("category", kind), leaf("contactname", who)]) for kind, who in entries]
            yield branch(part.tag, items)
        elif part.kind == models.QUANTITY:
            yield leaf(part.tag, str(whole(row.get(part.field))))
        elif part.kind == models.CUSTOM:
            yield branch(part.tag, self._custom(row))
        elif part.kind == models.CONTACT_REF:
            yield branch(part.tag, self._contact(row, name))
        elif part.kind == models.ADDRESS:
            inside = [shown for inner in models.ADDRESS_PARTS for shown in self._show(inner, row, f"{name}.")]
            yield branch(part.tag, inside)
        elif part.kind == models.FILES:
            yield branch(part.tag, [_file(line) for line in self._text(name, row).splitlines()])
        elif part.kind == models.DATE:
            yield branch(part.tag, _split(self._value(name, row)))
        else:
            yield leaf(part.tag, self._text(name, row) if part.field else "")

    def _contact(self, row: Row, prefix: str) -> list[Element]:
        if not self._text(f"{prefix}.CONTACTNAME", row):
            return []
        parts = models.INLINE_CONTACT
        inside = [shown for part in parts for shown in self._show(part, row, f"{prefix}.")]
        return [branch("contact", inside)]

    def _custom(self, row: Row) -> Iterator[Element]:
        for field in self._view.entry.readable:
            if field.custom:
                pair = leaf("customfieldname", field.name), leaf("customfieldvalue", self._text(field.name, row))
                yield branch("customfield", pair)

    def _reader(self, name: str) -> tuple[XmlField, Getter] | None:
        if name not in self._readers:
            self._readers[name] = self._view.lookup(name) if self._view.knows(name) else None
        return self._readers[name]

    def _value(self, name: str, row: Row) -> Value:
        reader = self._reader(name)
        return None if reader is None else reader[1](row)

    def _text(self, name: str, row: Row) -> str:
        reader = self._reader(name)
        return "" if reader is None else render(reader[0], reader[1](row), self._call.formats)


def _file(line: str) -> Element:
    """One line of `content.files_text` as its element."""
    return branch(
        "attachment", [leaf(part.tag, text) for part, text in zip(models.FILE, line.split("\t"), strict=True)]
    )


def _split(value: Value) -> list[Element]:
    """A stored date as year, month and day; nothing for null."""
    if not value:
        return []
    return [leaf(name, part) for name, part in zip(("year", "month", "day"), str(value).split("-"), strict=True)]
