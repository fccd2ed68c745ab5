"""What every reading function shares: an object as the caller may see it, and rows in the form asked for.

Source: the reference, 3.2, 3.3, 4.1 (forms), 8.4 (refusals), 10 (visibility).
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree.ElementTree import Element, SubElement

import orjson

from intacct_sf_pipeline.sandbox.intacct.query.expression import Predicate
from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.state.visibility import query_visibility
from intacct_sf_pipeline.sandbox.intacct.xml.calls import Data, FunctionCall, FunctionResult, RawBody
from intacct_sf_pipeline.sandbox.intacct.xml.conditions import Manner
from intacct_sf_pipeline.sandbox.intacct.xml.elements import branch, leaf
from intacct_sf_pipeline.sandbox.intacct.xml.schema.catalog import Getter, XmlSchema
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlField, XmlObject, XmlPath
from intacct_sf_pipeline.sandbox.intacct.xml.schema.values import render
from intacct_sf_pipeline.sandbox.intacct.xml.xml_errors import (
    invalid_fields,
    no_audit_permission,
    no_permission,
    unknown_object,
    unknown_query_fields,
)

AUDIT_HISTORY = "AUDITHISTORY"
_CONTENT_TYPES = {"json": "application/json", "csv": "text/csv"}


@dataclass(frozen=True)
class View:
    """One object as one caller may read it.

    Attributes:
        entry: the object.
        manner: how its values are compared and shown.
    """

    call: FunctionCall
    entry: XmlObject
    manner: Manner
    visible: Predicate | None

    @property
    def schema(self) -> XmlSchema:
        """The company's objects."""
        return self.call.state.schema

    @property
    def metered_as(self) -> str:
        """The object's name on the meter: that of the store, so that both doors count alike."""
        return self.entry.store_name or self.entry.name

    def knows(self, text: str) -> bool:
        """Whether a field, dotted or not, can be read."""
        return self.schema.resolve(self.entry, text) is not None

    def lookup(self, text: str) -> tuple[XmlField, Getter]:
        """The field of a dotted path and how to read it.

        Raises:
            XmlFault: there is none.
        """
        path = self.schema.resolve(self.entry, text)
        if path is None:
            raise unknown_query_fields(self.entry.name, [text], self.call.state.support_ids.next())
        return path.field, self.schema.getter(self.entry, path)

    def path(self, text: str) -> XmlPath:
        """The resolved path of a field the object is known to have.

        Raises:
            XmlFault: it has not.
        """
        found = self.schema.resolve(self.entry, text)
        if found is None:
            raise invalid_fields([text])
        return found

    def manner_for(self, *, case_sensitive: bool) -> Manner:
        """The manner of comparing, with the case of texts counted or not."""
        return replace(self.manner, case_sensitive=case_sensitive)

    def rows(self) -> Iterable[Row]:
        """Every record the caller may see."""
        rows = self.schema.rows(self.entry)
        return rows if self.visible is None else filter(self.visible, rows)

    def by_identity(self, field: str, texts: Sequence[str]) -> list[Row] | None:
        """The visible records with these record numbers or natural ids; None where only a search can tell."""
        known = self.entry.fields.get(field)
        if self.entry.source is not None or known is None or known.path not in ("key", "id"):
            return None
        table = self.call.company.store[self.entry.store_name]
        if known.path == "id" and table.spec.id_is_key:
            return None
        found = [table.rows.get(_key(text) if known.path == "key" else table.by_id.get(text, "")) for text in texts]
        unique = {str(row["key"]): row for row in found if row is not None}
        return [row for row in unique.values() if self.visible is None or self.visible(row)]


def open_view(
    call: FunctionCall, name: str, *, show_private: bool, letters: bool = False, hidden: bool = False
) -> View:
    """An object for reading.

    Args:
        call: who asks.
        name: the object, in any case.
        show_private: at the top level, records private to an entity too.
        letters: enumerations and booleans are compared by their letters (`readByQuery`).
        hidden: objects that only legacy functions offer, too.

    Raises:
        XmlFault: no such object, or no right to read it.
    """
    entry = call.state.schema.get(name, hidden=hidden)
    if entry is None:
        raise unknown_object(name)
    company = call.company
    if "read" in company.options.denied.get(entry.store_name, ()):
        raise no_permission(call.name, entry.name)
    if entry.name == AUDIT_HISTORY and not company.options.xml.audit_permission:
        raise no_audit_permission()
    spec = company.store.catalog.get(entry.store_name)
    visible = None
    if spec is not None:
        visible = query_visibility(company.store, spec, call.actor.entity_key, include_private=show_private)
    swapped = entry.name == AUDIT_HISTORY  # ACCESSMODE goes the other way round: the reference, 9

    def by_letter(_field: XmlField) -> bool:
        return letters is not swapped

    return View(call, entry, Manner(call.formats, by_letter, boolean_letters=letters), visible)


def wants_all(fields: str) -> bool:
    """Whether a comma list of fields means every field."""
    return fields in ("", "*")


def asked_fields(view: View, fields: str) -> tuple[XmlPath, ...]:
    """The fields of a comma list, or all of the object's own; relations cannot be followed here.

    Raises:
        XmlFault: unknown names.
    """
    if wants_all(fields):
        return tuple(view.path(field.name) for field in view.entry.readable)
    names = list(dict.fromkeys(name.strip() for name in fields.split(",") if name.strip()))
    unknown = [name for name in names if name not in view.entry.fields or not view.knows(name)]
    if unknown:
        raise invalid_fields(unknown)
    return tuple(view.path(name) for name in names)


def listed(
    call: FunctionCall,
    form: str,
    tag: str,
    told: Mapping[str, str],
    entry: XmlObject,
    paths: Sequence[XmlPath],
    rows: Sequence[Row],
    *,
    nested: bool,
    owned: Callable[[Row], Sequence[Element]] = lambda _row: (),
) -> FunctionResult:
    """Records of the legacy reads in the form asked for.

    Args:
        call: who asks.
        form: `xml`, `json` or `csv`.
        tag: element of a record.
        told: attributes of `data`.
        entry: the object.
        paths: the fields to show.
        rows: the records.
        nested: fields of related records inside elements of their own, else under dotted names.
        owned: elements of what a record owns, in xml only.
    """
    getters = [(path.text, path.field, call.state.schema.getter(entry, path)) for path in paths]
    cells = [[(name, render(field, read(row), call.formats)) for name, field, read in getters] for row in rows]
    if form != "xml":
        return in_form(call, form, tag, told, [path.text for path in paths], cells)
    shape = _nested if nested else _flat
    records = [branch(tag, [*shape(shown), *owned(row)]) for shown, row in zip(cells, rows, strict=True)]
    return call.answer(Data(told, records))


def _flat(cells: Sequence[tuple[str, str]]) -> list[Element]:
    return [leaf(*cell) for cell in cells]


def _nested(cells: Sequence[tuple[str, str]]) -> list[Element]:
    """Dotted names as nested elements, each group where its first member stands."""
    top = Element("top")
    groups: dict[str, Element] = {"": top}
    for name, text in cells:
        group, _, last = name.rpartition(".")
        _group(groups, group).append(leaf(last, text))
    return list(top)


def _group(groups: dict[str, Element], name: str) -> Element:
    if name not in groups:
        outer, _, last = name.rpartition(".")
        groups[name] = SubElement(_group(groups, outer), last)
    return groups[name]


def in_form(
    call: FunctionCall,
    form: str,
    tag: str,
    told: Mapping[str, str],
    names: Sequence[str],
    rows: Sequence[Sequence[tuple[str, str]]],
) -> FunctionResult:
    """Rows of (name, text) as `data` with these attributes, or without any envelope as json or csv (named columns)."""
    if form == "xml":
        return call.answer(Data(told, [branch(tag, [leaf(*cell) for cell in row]) for row in rows]))
    body = _json(rows) if form == "json" else _csv(names, rows)
    return replace(call.answer(Data(told)), raw=RawBody(_CONTENT_TYPES[form], body))


def _json(rows: Sequence[Sequence[tuple[str, str]]]) -> bytes:
    return orjson.dumps([dict(row) for row in rows])


def _csv(names: Sequence[str], rows: Sequence[Sequence[tuple[str, str]]]) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([[text for _, text in row] for row in rows])
    return out.getvalue().encode()


def _key(text: str) -> str:
    """A record number as stored: without blanks and leading zeros."""
    stripped = text.strip()
    return str(int(stripped)) if stripped.isascii() and stripped.isdigit() else stripped
