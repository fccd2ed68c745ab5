"""One object's rows, and everything that keeps their indexes true."""

from collections.abc import Iterable, Iterator

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.indexes import EqualityIndex, StampIndex
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value


class Table:
    """Rows by id. A stored row is never changed in place: `put` swaps it, so holders of the old one keep a snapshot."""

    def __init__(self, sobject: SObjectType) -> None:
        self.type = sobject
        self.rows: dict[str, Row] = {}
        self.indexes: dict[str, EqualityIndex] = {}
        self.stamps = StampIndex()
        self.template: Row = {}
        self._prepare(sobject.fields)

    def _prepare(self, fields: Iterable[Field]) -> None:
        for field in fields:
            if field.type == "address":
                continue
            self.template[field.name] = field.default
            if field.indexed and field.type != "id":
                self.indexes[field.name] = EqualityIndex(field.name, case_sensitive=_by_case(field))

    def add_fields(self, sobject: SObjectType, extra: Iterable[Field]) -> None:
        """Takes over a wider definition; rows that are there get the defaults."""
        self.type = sobject
        new = [f for f in extra if f.name not in self.template]
        self._prepare(new)
        for row in self.rows.values():
            row.update({f.name: f.default for f in new})

    def __len__(self) -> int:
        return len(self.rows)

    def get(self, record_id: Value) -> Row | None:
        """The row of that id, deleted or not."""
        return self.rows.get(record_id) if isinstance(record_id, str) else None

    def live(self) -> Iterator[Row]:
        """Rows not deleted."""
        return (row for row in self.rows.values() if not row["IsDeleted"])

    def find(self, field: str, value: Value) -> list[Row]:
        """Rows, deleted ones included, whose `field` equals `value`; by index where there is one."""
        index = self.indexes.get(field)
        if index is not None:
            return [self.rows[i] for i in index.find(value)]
        return [row for row in self.rows.values() if row[field] == value]

    def put(self, row: Row, *, bulk: bool = False) -> None:
        """Stores a new row or swaps the one of the same id."""
        record_id = str(row["Id"])
        stamp = str(row["SystemModstamp"])
        old = self.rows.get(record_id)
        self.rows[record_id] = row
        for name, index in self.indexes.items():
            value = row[name]
            if old is None:
                index.add(value, record_id)
            elif old[name] != value:
                index.remove(old[name], record_id)
                index.add(value, record_id)
        if old is None and bulk:
            self.stamps.add_later(stamp, record_id)
        elif old is None:
            self.stamps.add(stamp, record_id)
        elif old["SystemModstamp"] != stamp:
            self.stamps.add(stamp, record_id)
            self.stamps.outdate()
            self.stamps.compact((str(r["SystemModstamp"]), i) for i, r in self.rows.items())

    def drop(self, record_id: str) -> None:
        """Takes a row out altogether."""
        old = self.rows.pop(record_id)
        for name, index in self.indexes.items():
            index.remove(old[name], record_id)
        self.stamps.outdate()
        self.stamps.compact((str(r["SystemModstamp"]), i) for i, r in self.rows.items())

    def look(self, record_id: str) -> Row | None:
        """The row as stored, for the faults that hide it."""
        return self.rows.get(record_id)

    def show(self, record_id: str, row: Row | None) -> None:
        """Puts a row, or none, in the place of the stored one, as if it had always been so."""
        if row is not None:
            self.put(row)
        elif record_id in self.rows:
            self.drop(record_id)

    def stamped(self, start: str | None, end: str | None) -> Iterator[Row]:
        """Rows with `start <= SystemModstamp < end`, oldest first."""
        seen: set[str] = set()
        for stamp, record_id in self.stamps.between(start, end):
            row = self.rows.get(record_id)
            if row is not None and row["SystemModstamp"] == stamp and record_id not in seen:
                seen.add(record_id)
                yield row


def _by_case(field: Field) -> bool:
    return field.case_sensitive or field.type in ("reference", "id")
