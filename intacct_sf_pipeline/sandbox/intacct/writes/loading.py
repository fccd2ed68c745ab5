"""Loading rows in bulk: seeds and exports. Keys, ids and audit given are kept, missing ones assigned.

Faster and more forgiving than the API (read-only members such as totals and stock quantities are taken, enums in any
case, set-up records that references name are created), but never silently wrong: what does not fit is a `LoadError`.
"""

from collections.abc import Iterable, Mapping

from intacct_sf_pipeline.sandbox.intacct.errors import LoadError
from intacct_sf_pipeline.sandbox.intacct.schema.company import ENTITY_OBJECT, USER
from intacct_sf_pipeline.sandbox.intacct.schema.customers import CONTACT, CUSTOMER
from intacct_sf_pipeline.sandbox.intacct.schema.items import ITEM
from intacct_sf_pipeline.sandbox.intacct.schema.prices import PRICE_LIST, PRICE_LIST_ENTRY
from intacct_sf_pipeline.sandbox.intacct.schema.stock import STOCK, WAREHOUSE
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, ObjectSpec, Ref, Row, Value, whole
from intacct_sf_pipeline.sandbox.intacct.state import countries
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.visibility import ENTITY_COLUMN
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.columns import Layout, flatten, layout
from intacct_sf_pipeline.sandbox.intacct.writes.customers import DEFAULT, DEFAULT_KEY, display_contact_id, new_contact
from intacct_sf_pipeline.sandbox.intacct.writes.payload import missing_required
from intacct_sf_pipeline.sandbox.intacct.writes.rules import conflicts, resolve_ref
from intacct_sf_pipeline.sandbox.intacct.writes.values import load_value

_ISO = "mailingAddress.isoCountryCode"
_FALLBACKS: dict[str, dict[str, tuple[str, ...]]] = {
    CONTACT: {"printAs": ("companyName", "lastName", "id")},
    WAREHOUSE: {"name": ("id",)},
    ITEM: {"name": ("id",)},
}
_CONSTANTS: dict[str, Row] = {
    ITEM: {"itemType": "inventory", "costMethod": "average"},
    PRICE_LIST: {"appliesTo": "orderEntry"},
    PRICE_LIST_ENTRY: {"valueType": "actual"},
}


class Loader:
    """Loads rows of one object."""

    def __init__(self, store: Store, spec: ObjectSpec, user_key: str) -> None:
        """Args: the tables, the object, the user who is said to have written what names nobody."""
        self._store = store
        self._spec = spec
        self._table = store[spec.name]
        self._user_key = user_key
        self._stamp = store.stamp()
        self._layouts: dict[tuple[str, ...], tuple[Layout, Row]] = {}

    def load(self, rows: Iterable[Mapping[str, object]]) -> list[str]:
        """Loads all rows or none; returns their keys.

        Raises:
            LoadError: the first row that does not fit.
        """
        keys = []
        with self._store.transaction():
            for index, given in enumerate(rows):
                nested = dict in map(type, given.values())
                keys.append(self._load(index, dict(flatten(given)) if nested else given))
        return keys

    def _prepared(self, given: Mapping[str, object], index: int) -> tuple[Layout, Row]:
        header = tuple(given)
        found = self._layouts.get(header)
        if found is None:
            steps = layout(self._store.catalog, self._spec, header, index)
            defaults: Row = {
                field.path: field.default
                for field in self._spec.fields.values()
                if field.default is not None and (field.path not in header or not field.nullable)
            }
            if any(not inline for _, inline in steps.countries):
                defaults.pop(_ISO, None)
            found = self._layouts[header] = (steps, defaults | _CONSTANTS.get(self._spec.name, {}))
        return found

    def _load(self, index: int, given: Mapping[str, object]) -> str:
        steps, defaults = self._prepared(given, index)
        row = dict(defaults)
        for column, field in steps.fields:
            value = self._value(index, column, field, given[column])
            if value is not None or field.path not in row:
                row[field.path] = value
        for column, inline in steps.countries:
            if not inline:
                self._country(index, column, row, given[column])
        for path, columns in steps.refs.items():
            if path != DEFAULT:
                self._ref(index, self._spec.refs[path], columns, given, row)
        self._identify(index, row)
        self._complete(index, row, steps)
        if self._spec.name == CUSTOMER:
            self._default_contact(index, row, steps, given)
        self._table.insert(row)
        for column in steps.lists:
            self._owned(index, column, row, given[column])
        return str(row["key"])

    def _value(self, index: int, column: str, field: Field, raw: object) -> Value:
        try:
            return load_value(field, raw)
        except ValueError as error:
            raise LoadError(index, column, str(error)) from error

    def _country(self, index: int, column: str, row: Row, raw: object) -> None:
        """A full country name fills the code where the row has none."""
        if raw and row.get(_ISO) is None:
            row[_ISO] = countries.code_of(str(raw))
            if row[_ISO] is None:
                raise LoadError(index, column, f"{raw!r} is not a country")

    def _ref(self, index: int, ref: Ref, columns: Mapping[str, str], given: Mapping[str, object], row: Row) -> None:
        words = {member: str(given[column]) for member, column in columns.items() if given[column] not in (None, "")}
        key, record_id = words.get("key"), words.get("id")
        if key is None and record_id is None:
            row[ref.column] = None
            return
        found = resolve_ref(self._store, ref, None, record_id) or resolve_ref(self._store, ref, key, None)
        if found is None and ref.target == USER:
            found = self._user_key
        if found is None and (self._store.catalog[ref.target].setup or ref.target == ENTITY_OBJECT):
            found = self._set_up(ref, record_id or str(key), words.get("name"))
        if found is None:
            member = "id" if record_id is not None else "key"
            raise LoadError(index, columns[member], f"there is no {ref.target} {words[member]!r}")
        row[ref.column] = found

    def _set_up(self, ref: Ref, record_id: str, name: str | None) -> str:
        """Creates the set-up record a reference names; "PHX--Phoenix" is an id joined with a name."""
        bare, _, joined = record_id.partition("--") if ref.joined_id else (record_id, "", "")
        table = self._store[ref.target]
        row: Row = {"key": table.new_key(), "id": bare, "name": name or joined or bare, "status": "active"}
        self._audit(row)
        table.insert(row)
        return str(row["key"])

    def _identify(self, index: int, row: Row) -> None:
        key = row.get("key")
        if key is None:
            row["key"] = self._table.new_key()
        elif str(key) in self._table.rows:
            raise LoadError(index, "key", f"another {self._spec.name} has the key {key!r}")
        if not self._spec.id_is_key and row.get("id") is None:
            row["id"] = row["key"]

    def _complete(self, index: int, row: Row, steps: Layout) -> None:
        name = self._spec.name
        for path, sources in _FALLBACKS.get(name, {}).items():
            if row.get(path) is None:
                row[path] = next((row[source] for source in sources if row.get(source) is not None), None)
        if name == WAREHOUSE and row.get("location.key") is None:
            row["location.key"] = next(iter(self._store["company-config/location"].rows))
        if name == STOCK and not any(field.path == "unCommitted" for _, field in steps.fields):
            row["unCommitted"] = uncommitted(row)
        self._audit(row)
        for path in missing_required(self._spec, row):
            raise LoadError(index, path, "is required")
        unique = self._spec.unique_name and not self._table.by_id.get(str(row["id"]))
        for detail in () if unique else conflicts(self._store, self._spec, row):
            raise LoadError(index, "id" if not self._spec.id_is_key else "key", detail.message)

    def _audit(self, row: Row) -> None:
        created = row.get(history.CREATED) or row.get(history.MODIFIED) or self._stamp
        row[history.CREATED] = created
        row[history.MODIFIED] = row.get(history.MODIFIED, created)  # a stamp given as empty stays empty
        for column in (history.CREATED_BY, history.MODIFIED_BY):
            row[column] = row.get(column) or self._user_key

    def _default_contact(self, index: int, row: Row, steps: Layout, given: Mapping[str, object]) -> None:
        columns = steps.refs.get(DEFAULT, {})
        words = {member: str(given[column]) for member, column in columns.items() if given[column] not in (None, "")}
        table = self._store[CONTACT]
        contact_id = words.get("id") or display_contact_id(str(row["name"]), str(row["id"]))
        key = table.by_id.get(contact_id)
        if key is None and "id" not in words and words.get("key") in table.rows:
            key = words["key"]
        contact = dict(table.rows[key]) if key else new_contact(self._store, contact_id, str(row["name"]), None)
        self._inline(index, contact, steps, given, fresh=key is None)
        if key is not None:
            table.replace(key, contact)
        else:
            free = words.get("key") and words["key"] not in table.rows
            contact |= {"key": words["key"] if free else table.new_key(), ENTITY_COLUMN: row.get(ENTITY_COLUMN)}
            for column in (history.CREATED, history.MODIFIED, history.CREATED_BY, history.MODIFIED_BY):
                contact[column] = row[column]
            table.insert(contact)
        row[DEFAULT_KEY] = contact["key"]

    def _inline(self, index: int, contact: Row, steps: Layout, given: Mapping[str, object], *, fresh: bool) -> None:
        """The contact's members in the customer's row; a null never erases what the contact's own row said."""
        for column, field in steps.inline:
            if field.path in ("key", "id"):
                continue
            value = self._value(index, column, field, given[column])
            if value is not None or (fresh and field.nullable):
                contact[field.path] = value
        for column, inline in steps.countries:
            if inline and given[column]:
                contact[_ISO] = None if fresh and not self._has_code(steps, given) else contact.get(_ISO)
                self._country(index, column, contact, given[column])

    @staticmethod
    def _has_code(steps: Layout, given: Mapping[str, object]) -> bool:
        return any(field.path == _ISO and given[column] for column, field in steps.inline)

    def _owned(self, index: int, column: str, row: Row, elements: object) -> None:
        """Elements of an owned list given inside the owner's row."""
        owned = self._spec.owned[column]
        if not isinstance(elements, list | tuple):
            if elements not in (None, ""):
                raise LoadError(index, column, "must be a list")
            return
        rows = [{**dict(flatten(element)), f"{owned.via}.key": row["key"]} for element in elements]
        try:
            Loader(self._store, self._store.catalog[owned.target], self._user_key).load(rows)
        except LoadError as error:
            raise LoadError(index, f"{column}.{error.row_index}.{error.field}", error.message) from error


def uncommitted(row: Row) -> int:
    """On hand less reserved and allocated (exact formula UNCONFIRMED)."""
    return whole(row.get("onHand")) - whole(row.get("reserved")) - whole(row.get("allocated"))
