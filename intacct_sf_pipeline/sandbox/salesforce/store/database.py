"""All tables of the org, and transactions that can be taken back."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from intacct_sf_pipeline.sandbox.faults.late import Change
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.table import Table
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

Undo = tuple[Table, str, Row | None]


class RollbackError(Exception):
    """Raised inside `Database.transaction` to take its writes back; the block then ends without an error."""


class Database:
    """Tables by object name; every write between `transaction` and its end can be undone."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._tables = {t.name: Table(t) for t in schema.types.values()}
        self._undo: list[Undo] | None = None

    def table(self, sobject: str) -> Table:
        """The table of an object, by its exact API name."""
        return self._tables[sobject]

    def add_fields(self, sobject: str, extra: Iterable[Field]) -> None:
        """Adds columns to an object."""
        fields = tuple(extra)
        self.schema = self.schema.with_fields(sobject, fields)
        wider = self.schema.types[sobject.lower()]
        self._tables[wider.name].add_fields(wider, fields)

    def add_object(self, sobject: SObjectType) -> None:
        """Adds an object without rows."""
        self.schema = Schema.of([*self.schema.types.values(), sobject])
        self._tables[sobject.name] = Table(sobject)

    def type_of(self, record_id: str) -> SObjectType | None:
        """The object type of an id."""
        return self.schema.of_id(record_id)

    def row(self, record_id: Value) -> Row | None:
        """The row of an id of any object, deleted or not."""
        if not isinstance(record_id, str):
            return None
        sobject = self.schema.of_id(record_id)
        return self._tables[sobject.name].rows.get(record_id) if sobject is not None else None

    def put(self, sobject: str, row: Row, *, bulk: bool = False) -> None:
        """Stores a row, remembering what it replaces; `bulk` says that many more follow."""
        table = self._tables[sobject]
        record_id = str(row["Id"])
        if self._undo is not None:
            self._undo.append((table, record_id, table.rows.get(record_id)))
        table.put(row, bulk=bulk)

    @contextmanager
    def recorded(self) -> Iterator[list[Change[Row]]]:
        """Runs a block and fills the list given with what it changed and kept, once it is over."""
        changes: list[Change[Row]] = []
        outer, self._undo = self._undo, []
        try:
            yield changes
        finally:
            done, self._undo = self._undo, outer
            changes.extend(Change(table, record_id, before) for table, record_id, before in done)
            if outer is not None:
                outer.extend(done)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Runs a block whose writes are taken back when it raises. Blocks nest; `RollbackError` is swallowed."""
        outer, self._undo = self._undo, []
        try:
            yield
        except BaseException as error:
            self._take_back()
            self._undo = outer
            if isinstance(error, RollbackError):
                return
            raise
        else:
            done, self._undo = self._undo, outer
            if outer is not None:
                outer.extend(done)

    def _take_back(self) -> None:
        for table, record_id, before in reversed(self._undo or []):
            if before is None:
                table.drop(record_id)
            else:
                table.put(before)
