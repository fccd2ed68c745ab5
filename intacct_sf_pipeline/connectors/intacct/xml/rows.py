"""Rows of a reply: record elements flattened to dotted XML names, then turned into columns of the mapping. Pure.

Source: the reference, 3.2 and 3.3: related fields come under dotted names from `query` and nested from `read`; the case
of record elements differs between functions, that of fields does not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.connectors.intacct.xml.columns import Column
from intacct_sf_pipeline.connectors.intacct.xml.formats import Formats
from intacct_sf_pipeline.connectors.intacct.xml.literals import read_value
from intacct_sf_pipeline.model.records import Scalar

Texts = Mapping[str, str]


@dataclass(frozen=True)
class Counts:
    """What `data` tells of the whole result; None: not told."""

    total: int | None = None
    remaining: int | None = None


def records(data: Element | None) -> Iterator[Texts]:
    """The records of a `data` element, each as dotted name -> text."""
    for record in [] if data is None else data:
        yield dict(_flat(record, ""))


def _flat(node: Element, prefix: str) -> Iterator[tuple[str, str]]:
    for child in node:
        name = f"{prefix}{child.tag}"
        if len(child):
            yield from _flat(child, f"{name}.")
        else:
            yield name, child.text or ""


def counts(data: Element | None) -> Counts:
    """The counts in the attributes of `data`."""
    return Counts() if data is None else Counts(_number(data.get("totalcount")), _number(data.get("numremaining")))


def to_row(texts: Texts, columns: Sequence[Column], formats: Formats) -> dict[str, Scalar]:
    """A record in the mapping's columns, as REST would give it."""
    return {column.name: read_value(column, texts.get(column.xml[0]), formats) for column in columns}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and text.isascii() and text.isdigit() else None
