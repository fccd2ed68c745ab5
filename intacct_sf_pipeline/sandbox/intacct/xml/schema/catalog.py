"""The XML objects of one company: found by name, custom fields included, dotted paths resolved and read.

`XmlSchema` is what every function of the XML door asks; it follows the store's own catalogue, so that a field added
there appears here at once.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import TypeAlias

from intacct_sf_pipeline.sandbox.intacct.options import XmlOptions
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, Kind, ObjectSpec, Ref, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import field_getter
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.writes.customers import DEFAULT_KEY
from intacct_sf_pipeline.sandbox.intacct.xml.schema import (
    attachments,
    company,
    contacts,
    customers,
    further,
    items,
    prices,
    stock,
)
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import (
    Blueprint,
    Column,
    Relationship,
    Word,
    XmlField,
    XmlObject,
    XmlPath,
    XmlType,
)

Getter: TypeAlias = Callable[[Row], Value]
_MAX_HOPS = 4
_TYPES = {
    Kind.STRING: XmlType.TEXT,
    Kind.ENUM: XmlType.ENUM,
    Kind.BOOLEAN: XmlType.BOOLEAN,
    Kind.INTEGER: XmlType.INTEGER,
    Kind.NUMBER: XmlType.DECIMAL,
    Kind.DECIMAL: XmlType.DECIMAL,
    Kind.DATE: XmlType.DATE,
    Kind.DATE_TIME: XmlType.TIMESTAMP,
    Kind.ARRAY: XmlType.TEXT,
}


def blueprints(options: XmlOptions) -> tuple[Blueprint, ...]:
    """Every object, those that only legacy functions offer included."""
    return (
        customers.CUSTOMER,
        replace(customers.CONTACT_ENTRIES, hidden=not options.contact_entries),
        contacts.CONTACT,
        items.ITEM,
        stock.WAREHOUSE,
        stock.ITEM_WAREHOUSE_INFO,
        stock.AVAILABLE_INVENTORY,
        replace(stock.INVENTORY_TOTAL_DETAIL, hidden=not options.stock_ledger),
        *prices.HEADERS,
        *(replace(entry, hidden=not options.price_entries) for entry in prices.ENTRIES),
        company.LOCATION_ENTITY,
        company.LOCATION,
        company.USER_INFO,
        company.AUDIT_HISTORY,
        *company.SETUP_LISTS,
        attachments.SUPDOC,
        attachments.SUPDOC_FOLDER,
    )


class XmlSchema:
    """The XML view of one company's tables."""

    def __init__(self, store: Store) -> None:
        """Args: the tables."""
        self._store = store
        self._options = store.options.xml
        self._blueprints = {entry.name: entry for entry in blueprints(self._options)}
        self._built: dict[str, tuple[ObjectSpec | None, XmlObject]] = {}

    def __iter__(self) -> Iterator[XmlObject]:
        """All objects that are offered, the main ones first."""
        return (self[name] for name, entry in self._blueprints.items() if not entry.hidden)

    def __getitem__(self, name: str) -> XmlObject:
        """The object of that upper-case name.

        Raises:
            KeyError: no such object.
        """
        blueprint = self._blueprints[name]
        spec = self._store.catalog.get(blueprint.store_name)
        found = self._built.get(name)
        if found is None or found[0] is not spec:
            found = self._built[name] = (spec, self._build(blueprint, spec))
        return found[1]

    def get(self, name: str, *, hidden: bool = False) -> XmlObject | None:
        """The object of that name in any case, or None; `hidden` ones only for the legacy functions."""
        upper = name.strip().upper()
        known = upper in self._blueprints and (hidden or not self._blueprints[upper].hidden)
        return self[upper] if known else None

    def resolve(self, owner: XmlObject, text: str) -> XmlPath | None:
        """The readable field a dotted path ends in, following relationships; None if there is none.

        Several relationships may be followed, from an object to itself only one. Source: the XML reference, 4.1.
        """
        own = owner.fields.get(text)
        if own is not None:
            return None if own.write_only else XmlPath(text, (), own, owner)
        return self._through(owner, text, (), text)

    def _through(
        self, owner: XmlObject, rest: str, hops: tuple[Relationship, ...], text: str, *, itself: bool = False
    ) -> XmlPath | None:
        for path, relation in owner.relationships.items():
            if itself or not rest.startswith(path + ".") or len(hops) >= _MAX_HOPS or not self.has(relation.target):
                continue
            target, remaining = self[relation.target], rest[len(path) + 1 :]
            found = target.fields.get(remaining)
            if found is not None and not found.write_only:
                return XmlPath(text, (*hops, relation), found, target)
            deeper = self._through(target, remaining, (*hops, relation), text, itself=target.name == owner.name)
            if deeper is not None:
                return deeper
        return None

    def has(self, name: str) -> bool:
        """Whether this company offers the object of that upper-case name."""
        return name in self._blueprints and not self._blueprints[name].hidden

    def rows(self, entry: XmlObject) -> Iterable[Row]:
        """Every record of an object, private ones included, in no promised order."""
        if entry.source is not None:
            return entry.source(self._store)
        return list(self._store[entry.store_name].rows.values())

    def getter(self, owner: XmlObject, path: XmlPath) -> Getter:
        """The function that reads a resolved path from `owner`'s rows: the stored value, None where there is none."""
        read = self._field(path.owner, path.field)
        holders = [owner, *(self[hop.target] for hop in path.hops)]
        for holder, hop in reversed(list(zip(holders, path.hops, strict=False))):
            spec = self._store.catalog[holder.store_name]
            read = self._follow(spec.refs[hop.ref], read)
        return read

    def _field(self, owner: XmlObject, field: XmlField) -> Getter:
        if field.get is not None:
            return field.get
        return self._member(self._store.catalog.get(owner.store_name), field.path)

    def _member(self, spec: ObjectSpec | None, path: str) -> Getter:
        if spec is not None and path in spec.fields:
            return field_getter(self._store, spec, spec.fields[path])
        ref = None if spec is None else ref_of(spec, path)
        if ref is not None:
            return self._follow(ref, self._member(self._store.catalog[ref.target], path[len(ref.path) + 1 :]))
        return lambda row: row.get(path)

    def _follow(self, ref: Ref, read: Getter) -> Getter:
        store = self._store
        stands_in = self._options.blank_contacts_shown and ref.path in customers.STANDS_IN_FOR

        def follow(row: Row) -> Value:
            found = store.target(ref, row)
            if found is None and stands_in:
                found = store[ref.target].rows.get(str(row.get(DEFAULT_KEY)))
            return None if found is None else read(found)

        return follow

    def _build(self, blueprint: Blueprint, spec: ObjectSpec | None) -> XmlObject:
        columns = blueprint.columns
        if blueprint.name == "ITEMWAREHOUSEINFO" and not self._options.stock_quantities:
            columns = tuple(column for column in columns if column not in stock.QUANTITIES)
        if blueprint.name == "ITEM" and not self._options.item_totals:
            columns = tuple(column for column in columns if column not in further.ITEM_TOTALS)
        fields = {column.name: self._settle(column, spec) for column in columns}
        for custom in () if spec is None else spec.fields.values():
            if "::" in custom.path:
                field = _custom(custom)
                fields.setdefault(field.name, field)
        relations = {entry.path: entry for entry in blueprint.relationships if entry.target in self._blueprints}
        return XmlObject(
            blueprint.name,
            blueprint.label,
            blueprint.store_name,
            blueprint.key,
            fields,
            relations,
            blueprint.source,
            blueprint.writes,
        )

    def _settle(self, column: Column, spec: ObjectSpec | None) -> XmlField:
        end, through = self._end(spec, column.path)
        behind = through is not None and not through.inline and column.path != f"{through.path}.id"
        stored_only = end is not None and (end.read_only or end.computed not in (None, "country"))
        read_only = column.read_only
        if read_only is None:
            read_only = (through is None and stored_only) or behind or (through is not None and through.read_only)
        required = column.required
        if required is None:
            needed = through if through is not None else end
            required = needed is not None and needed.required and not read_only
        return XmlField(
            column.name,
            column.path,
            column.label,
            column.type or (XmlType.TEXT if end is None else _TYPES[end.kind]),
            column.words,
            column.max_length if end is None else column.max_length or end.max_length,
            required,
            read_only,
            column.write_only,
            nullable=end is None or end.nullable or (through is not None and not through.inline),
            get=column.get,
        )

    def _end(self, spec: ObjectSpec | None, path: str) -> tuple[Field | None, Ref | None]:
        """The stored field at the end of a path, and the first reference on the way."""
        if spec is None:
            return None, None
        if path in spec.fields:
            return spec.fields[path], None
        ref = ref_of(spec, path)
        if ref is None:
            return None, None
        return self._end(self._store.catalog[ref.target], path[len(ref.path) + 1 :])[0], ref


def ref_of(spec: ObjectSpec, path: str) -> Ref | None:
    """The reference a path begins with, the longest if several do."""
    fitting = [ref for name, ref in spec.refs.items() if path.startswith(name + ".")]
    return max(fitting, key=lambda ref: len(ref.path), default=None)


def _custom(field: Field) -> XmlField:
    """A company's own field under its integration name: `nsp::JOB` is JOB here."""
    words = tuple(Word(code, code, code) for code in field.enum)
    return XmlField(
        field.path.rpartition("::")[2],
        field.path,
        field.path.rpartition("::")[2],
        _TYPES[field.kind],
        words,
        field.max_length,
        field.required,
        field.read_only,
        field.write_only,
        custom=True,
        many=field.kind is Kind.ARRAY,
        nullable=field.nullable,
    )
