"""Bulk seeding: many rows at once, checked like writes, cheap enough for tens of thousands.

Unlike a write, a seed may give ids, system fields and other read-only columns. Parents are named by id or by a dotted
column such as `Account.IntacctID__c` or `Account.Name`.
"""

from collections.abc import Callable, Iterable, Mapping

from intacct_sf_pipeline.sandbox.salesforce.checks import check_reference, check_required, check_unique
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError, LoadError
from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory, to_long
from intacct_sf_pipeline.sandbox.salesforce.rules.base import Rules
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, Save, new_row
from intacct_sf_pipeline.sandbox.salesforce.store.table import Table
from intacct_sf_pipeline.sandbox.salesforce.values import Converter, Row, Value, as_text, converter, key_text

Setter = Callable[[Row, object], None]


class Loader:
    """One bulk seed of one object. `load` stores all rows or, on the first bad one, none."""

    def __init__(
        self, db: Database, ids: IdFactory, rules: Mapping[str, Rules], sobject: SObjectType, actor: Actor
    ) -> None:
        self._db = db
        self._ids = ids
        self._rules = rules.get(sobject.name, Rules())
        self._type = sobject
        self._table: Table = db.table(sobject.name)
        self._actor = actor
        self._setters: dict[str, Setter] = {}
        self._unique = [f.name for f in sobject.fields if f.unique]
        self._checked = [f for f in sobject.fields if f.type == "reference" and f.reference_to != (sobject.name,)]
        self._own = [f for f in sobject.fields if f.type == "reference" and f.reference_to == (sobject.name,)]
        self._known: set[tuple[str, Value]] = set()
        self._parents: dict[str, dict[str, list[str]]] = {}
        self._deferred: list[tuple[int, Field, Field, str, object]] = []
        self._column = ""
        self._index = 0

    def load(self, rows: Iterable[Mapping[str, object]]) -> list[str]:
        """Stores the rows and returns their ids in the order given. Raises `LoadError`."""
        try:
            with self._db.transaction():
                loaded = [self._one(index, row) for index, row in self._ordered(list(rows))]
                ids = dict(loaded)
                self._settle_deferred(ids)
                for index, record_id in loaded:
                    self._check_own(index, record_id)
        except ApiError as error:
            field = error.fields[0] if error.fields else self._column
            raise LoadError(self._index, field, f"{error.code}: {error.message}") from None
        return [record_id for _, record_id in sorted(loaded)]

    def _ordered(self, rows: list[Mapping[str, object]]) -> Iterable[tuple[int, Mapping[str, object]]]:
        """Rows with their positions; entries of the standard price book before those of other books."""
        numbered = list(enumerate(rows))
        if self._type.name != "PricebookEntry":
            return numbered
        books = self._db.table("Pricebook2")
        return sorted(numbered, key=lambda item: not _in_standard_book(books, item[1]))

    def _one(self, index: int, given: Mapping[str, object]) -> tuple[int, str]:
        self._index = index
        values: Row = {}
        for key, value in given.items():
            setter = self._setters.get(key)
            if setter is None:
                self._column = key
                setter = self._setters[key] = self._setter(key)
            if value is not None and value != "":
                self._column = key
                setter(values, value)
        self._column = "Id"
        record_id = self._new_id(values)
        row = new_row(self._table, record_id, values, self._actor)
        _settle_stamps(row, values)
        self._check(row)
        save = Save(self._db, self._ids, self._type, self._actor, row, None, frozenset(values), loading=True)
        self._rules.before_save(save)
        check_required(self._type, row)
        if self._unique:
            check_unique(self._db, self._type, row, self._unique)
        self._db.put(self._type.name, row, bulk=True)
        self._rules.after_save(save)
        return index, record_id

    def _new_id(self, values: Row) -> str:
        given = values.get("Id")
        if given is None:
            return self._ids.new(self._type.key_prefix, self._table.rows)
        if not isinstance(given, str) or given[:3] != self._type.key_prefix:
            raise ApiError("MALFORMED_ID", f"Record ID: id value of incorrect type: {as_text(given)}", ("Id",))
        if given in self._table.rows:
            raise ApiError(
                "DUPLICATE_VALUE", f"duplicate value found: Id duplicates value on record with id: {given}", ("Id",)
            )
        return given

    def _check(self, row: Row) -> None:
        known = self._known
        for field in self._checked:
            value = row[field.name]
            if value is not None and (field.name, value) not in known:
                self._column = field.name
                check_reference(self._db, field, str(value))
                known.add((field.name, value))

    def _check_own(self, index: int, record_id: str) -> None:
        """References to rows of the same seed are checked once all rows are there."""
        row = self._table.rows[record_id]
        self._index = index
        for field in self._own:
            if row[field.name] is not None and field.name != "MasterRecordId":
                self._column = field.name
                check_reference(self._db, field, str(row[field.name]))

    def _setter(self, key: str) -> Setter:
        if "." in key:
            return self._parent_setter(key)
        field = self._type.by_name.get(key.lower())
        if field is None or field.type == "address":
            raise ApiError("INVALID_FIELD", f"No such column '{key}' on sobject of type {self._type.name}", (key,))
        return _value_setter(field.name, converter(field, lenient=True))

    def _parent_setter(self, key: str) -> Setter:
        relationship, _, column = key.partition(".")
        field = self._type.by_relationship.get(relationship.lower())
        parent = self._db.schema.find(field.reference_to[0]) if field is not None else None
        key_field = parent.field(column) if parent is not None else None
        if field is None or parent is None or key_field is None:
            raise ApiError("INVALID_FIELD", f"No such column '{key}' on sobject of type {self._type.name}", (key,))
        if parent.name == self._type.name:
            own, own_key = field, key_field
            return lambda _row, value: self._deferred.append((self._index, own, own_key, key, value))
        name = field.name
        found = self._ids_by(parent, key_field)

        def set_parent(row: Row, value: object) -> None:
            record_id = _only(found.get(key_text(value), []), key, value)
            if row.get(name) not in (None, record_id):
                raise ApiError("INVALID_FIELD", f"'{value}' and {name} name different rows", (key,))
            row[name] = record_id

        return set_parent

    def _settle_deferred(self, ids: Mapping[int, str]) -> None:
        """Parents within the same seed, named by a column of theirs, are looked up once all rows are there."""
        for index, field, key_field, key, value in self._deferred:
            self._index, self._column = index, key
            found = self._ids_by(self._type, key_field)
            parent_id = _only(found.get(key_text(value), []), key, value)
            self._db.put(self._type.name, {**self._table.rows[ids[index]], field.name: parent_id})

    def _ids_by(self, parent: SObjectType, field: Field) -> dict[str, list[str]]:
        """Ids of the parent's live rows by the text of one column, read once per seed."""
        column = f"{parent.name}.{field.name}"
        if column not in self._parents:
            found: dict[str, list[str]] = {}
            for row in self._db.table(parent.name).live():
                value = row[field.name]
                if value is not None:
                    found.setdefault(key_text(value), []).append(str(row["Id"]))
            self._parents[column] = found
        return self._parents[column]


def _only(ids: list[str], key: str, value: object) -> str:
    if len(ids) != 1:
        problem = "no row has" if not ids else f"{len(ids)} rows have"
        raise ApiError("INVALID_FIELD", f"{problem} {key} '{value}'", (key,))
    return ids[0]


def _value_setter(name: str, convert: Converter) -> Setter:
    def set_value(row: Row, value: object) -> None:
        row[name] = convert(value)

    return set_value


def _settle_stamps(row: Row, given: Row) -> None:
    """Stamps that were not given follow those that were: created <= last modified <= SystemModstamp."""
    if "CreatedDate" in given or "LastModifiedDate" in given or "SystemModstamp" in given:
        modified = given.get("LastModifiedDate") or given.get("SystemModstamp") or given.get("CreatedDate")
        row["LastModifiedDate"] = modified
        row["CreatedDate"] = given.get("CreatedDate") or modified
        row["SystemModstamp"] = given.get("SystemModstamp") or modified


def _in_standard_book(books: Table, row: Mapping[str, object]) -> bool:
    given = row.get("Pricebook2Id")
    book = books.get(to_long(given)) if isinstance(given, str) else None
    if book is None and row.get("Pricebook2.IsStandard") is not None:
        return str(row["Pricebook2.IsStandard"]).lower() in ("true", "1")
    name = row.get("Pricebook2.Name")
    if book is None and isinstance(name, str):
        book = next((r for r in books.live() if key_text(r["Name"]) == key_text(name)), None)
    return bool(book and book["IsStandard"])
