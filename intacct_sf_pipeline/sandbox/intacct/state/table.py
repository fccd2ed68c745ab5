"""One object's records in memory, with the indexes that rules and fast filters need.

Rows are never changed in place: an update puts a new row in the place of the old one, so that a transaction can give
the old one back.
"""

from collections.abc import Iterable

from intacct_sf_pipeline.sandbox.faults.late import Change
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row, Value


class Table:
    """The records of one object, by key."""

    def __init__(self, spec: ObjectSpec) -> None:
        """An empty table; keys start at 1."""
        self.spec = spec
        self.rows: dict[str, Row] = {}
        self.by_id: dict[str, str] = {}
        self.index: dict[str, dict[Value, dict[str, None]]] = {
            ref.column: {} for ref in spec.refs.values() if ref.indexed
        }
        if spec.unique_name:
            self.index["name"] = {}
        self.undo_log: list[Change[Row]] | None = None
        self.version = 0
        self._next_key = 1

    def new_key(self) -> str:
        """The next key: increasing digits, never given out twice."""
        key = str(self._next_key)
        self._next_key += 1
        return key

    def insert(self, row: Row) -> None:
        """Adds a row under its `key`; the caller has checked that key and id are free."""
        key = str(row["key"])
        if key.isdecimal() and int(key) >= self._next_key:
            self._next_key = int(key) + 1
        self._put(key, row)
        if self.undo_log is not None:
            self.undo_log.append(Change(self, key, None))

    def replace(self, key: str, row: Row) -> None:
        """Puts a new row in the place of the old one."""
        old = self.rows[key]
        self._exchange(key, row)
        if self.undo_log is not None:
            self.undo_log.append(Change(self, key, old))

    def remove(self, key: str) -> Row:
        """Takes a row out and returns it."""
        old = self._drop(key)
        if self.undo_log is not None:
            self.undo_log.append(Change(self, key, old))
        return old

    def find(self, id_or_key: str) -> Row | None:
        """The row with that id, else with that key, else None."""
        return self.rows.get(self.by_id.get(id_or_key, id_or_key))

    def referring(self, column: str, key: Value) -> Iterable[str]:
        """Keys of the rows whose indexed column holds `key`."""
        return tuple(self.index[column].get(key, ()))

    def look(self, key: str) -> Row | None:
        """The row of a key as stored, or None."""
        return self.rows.get(key)

    def show(self, key: str, record: Row | None) -> None:
        """Puts a row, or none, in the place of what is stored, past the undo log."""
        if record is None:
            if key in self.rows:
                self._drop(key)
        elif key in self.rows:
            self._exchange(key, record)
        else:
            self._put(key, record)

    def _put(self, key: str, row: Row) -> None:
        self.rows[key] = row
        if not self.spec.id_is_key:
            self.by_id[str(row["id"])] = key
        for column, index in self.index.items():
            value = row.get(column)
            if value is not None:
                index.setdefault(value, {})[key] = None
        self.version += 1

    def _drop(self, key: str) -> Row:
        row = self.rows.pop(key)
        if not self.spec.id_is_key and self.by_id.get(str(row["id"])) == key:
            del self.by_id[str(row["id"])]
        for column, index in self.index.items():
            self._unindex(index, row.get(column), key)
        self.version += 1
        return row

    def _exchange(self, key: str, row: Row) -> None:
        old = self.rows[key]
        self.rows[key] = row
        for column, index in self.index.items():
            before, after = old.get(column), row.get(column)
            if before != after:
                self._unindex(index, before, key)
                if after is not None:
                    index.setdefault(after, {})[key] = None
        self.version += 1

    @staticmethod
    def _unindex(index: dict[Value, dict[str, None]], value: Value, key: str) -> None:
        if value is not None:
            holders = index[value]
            del holders[key]
            if not holders:
                del index[value]
