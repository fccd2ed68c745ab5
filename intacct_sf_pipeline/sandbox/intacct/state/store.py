"""All tables of a company, the clock's stamp, and transactions over them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from intacct_sf_pipeline.sandbox.clock import Clock, ServiceClock
from intacct_sf_pipeline.sandbox.faults.late import Change
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import Catalog
from intacct_sf_pipeline.sandbox.intacct.schema.types import Ref, Row
from intacct_sf_pipeline.sandbox.intacct.state.table import Table


class Store:
    """The tables of one company.

    Attributes:
        catalog: the objects.
        options: the company's switches.
        clock: what every stamp goes by.
        tables: by full object name.
    """

    def __init__(self, catalog: Catalog, options: CompanyOptions, clock: Clock) -> None:
        """Empty tables for every object of the catalog."""
        self.catalog = catalog
        self.options = options
        self.clock = ServiceClock(clock)
        self.tables = {spec.name: Table(spec) for spec in catalog}
        self._undo_log: list[Change[Row]] | None = None

    def now(self) -> datetime:
        """The company's time, aware UTC."""
        return self.clock().astimezone(UTC)

    def steady(self) -> datetime:
        """The time that lives of tokens and keys go by, aware UTC: `now` without any jump of the clock."""
        return self.clock.steady().astimezone(UTC)

    def stamp(self) -> str:
        """The company's time as the service writes it: whole seconds, `Z`."""
        return self.now().strftime("%Y-%m-%dT%H:%M:%SZ")

    def __getitem__(self, name: str) -> Table:
        """The table of a full object name."""
        return self.tables[name]

    def version(self) -> int:
        """Grows with every change to any record."""
        return sum(table.version for table in self.tables.values())

    def target(self, ref: Ref, row: Row) -> Row | None:
        """The record a row's reference leads to, or None."""
        key = row.get(ref.column)
        return None if key is None else self.tables[ref.target].rows.get(str(key))

    def add_field(self, name: str) -> None:
        """Takes over an object's table definition after the catalog grew a custom field."""
        self.tables[name].spec = self.catalog[name]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside happens, or, on any exception, nothing. Nests as savepoints."""
        outer = self._undo_log
        log: list[Change[Row]] = []
        self._use(log)
        try:
            yield
        except BaseException:
            self._use(None)
            for change in reversed(log):
                change.table.show(change.key, change.before)
            self._use(outer)
            raise
        self._use(outer)
        if outer is not None:
            outer.extend(log)

    @contextmanager
    def recorded(self) -> Iterator[list[Change[Row]]]:
        """Runs a block and fills the list given with what it changed and kept, once it is over."""
        outer = self._undo_log
        log: list[Change[Row]] = []
        changes: list[Change[Row]] = []
        self._use(log)
        try:
            yield changes
        finally:
            self._use(outer)
            changes.extend(log)
            if outer is not None:
                outer.extend(log)

    def _use(self, log: list[Change[Row]] | None) -> None:
        self._undo_log = log
        for table in self.tables.values():
            table.undo_log = log
