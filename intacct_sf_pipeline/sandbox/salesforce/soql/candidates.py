"""Which rows to look at: ids an index offers instead of a scan of the whole table."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import NAME_OBJECT, BoundField, Scope
from intacct_sf_pipeline.sandbox.salesforce.store.table import Table
from intacct_sf_pipeline.sandbox.salesforce.values import Row, Value

StampRange = tuple[str | None, str | None]
Find = Callable[[], list[str] | None]


@dataclass(frozen=True, slots=True)
class Candidates:
    """A superset of the rows a condition can accept, or nothing known.

    `find` asks equality indexes (None: no index helps); `stamps` is a range of SystemModstamp, start inclusive.
    """

    find: Find | None = None
    stamps: StampRange | None = None

    def rows(self, table: Table) -> Iterable[Row]:
        """The rows to test; all of the table when no index helps."""
        ids = self.find() if self.find is not None else None
        if ids is not None:
            return [row for row in map(table.get, dict.fromkeys(ids)) if row is not None]
        if self.stamps is not None:
            return table.stamped(*self.stamps)
        return table.rows.values()

    @staticmethod
    def intersection(parts: Sequence["Candidates"]) -> "Candidates":
        """What satisfies all parts: the shortest list of ids, else the overlap of the ranges."""
        finders = [part.find for part in parts if part.find is not None]
        ranges = [part.stamps for part in parts if part.stamps is not None]
        starts = [start for start, _ in ranges if start is not None]
        ends = [end for _, end in ranges if end is not None]
        stamps = (max(starts, default=None), min(ends, default=None)) if ranges else None
        return Candidates((lambda: _shortest(finders)) if finders else None, stamps)


def union(parts: Sequence[Candidates]) -> Candidates:
    """What satisfies one of the parts; known only when every part is answered by an equality index."""
    if all(part.find is not None for part in parts):
        return Candidates(lambda: _joined([part.find for part in parts if part.find is not None]))
    if all(part.find is None and part.stamps is not None for part in parts):
        ranges = [part.stamps for part in parts if part.stamps is not None]
        starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
        first = None if None in starts else min(s for s in starts if s is not None)
        after = None if None in ends else max(e for e in ends if e is not None)
        return Candidates(stamps=(first, after))
    return Candidates()


def by_values(scope: Scope, bound: BoundField, values: Sequence[Value]) -> list[str] | None:
    """Ids of rows whose field, possibly a parent's, holds one of the values; None when no index answers that."""
    chain: list[tuple[Table, Field]] = []
    table = scope.db.table(scope.sobject.name)
    for hop in bound.hops:
        chain.append((table, hop))
        if len(hop.reference_to) > 1 or bound.owner is NAME_OBJECT:
            return None
        table = scope.db.table(hop.reference_to[0])
    found = _ids(table, bound.field, values)
    for below, hop in reversed(chain):
        if found is None:
            return None
        found = _ids(below, hop, found)
    return found


def _ids(table: Table, field: Field, values: Sequence[Value]) -> list[str] | None:
    if field.type == "id":
        return [value for value in values if isinstance(value, str)]
    index = table.indexes.get(field.name)
    return [record_id for value in values for record_id in index.find(value)] if index is not None else None


def _shortest(finders: Sequence[Find]) -> list[str] | None:
    lists = [ids for ids in (find() for find in finders) if ids is not None]
    return min(lists, key=len, default=None)


def _joined(finders: Sequence[Find]) -> list[str] | None:
    lists = [find() for find in finders]
    if any(ids is None for ids in lists):
        return None
    return [record_id for ids in lists if ids is not None for record_id in ids]
