"""Running a query: resolve the fields, filter, order, cut the page, shape the rows.

Source: REST Guide, Query; the reference, 4. Every page is evaluated anew against the current data.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError, invalid_request, query_field
from intacct_sf_pipeline.sandbox.intacct.query.aggregates import aggregate_rows, build_aggregate, split_aggregate
from intacct_sf_pipeline.sandbox.intacct.query.expression import (
    Every,
    Position,
    Predicate,
    compile_expression,
    parse_expression,
)
from intacct_sf_pipeline.sandbox.intacct.query.macros import Anchor
from intacct_sf_pipeline.sandbox.intacct.query.operators import Comparison, build_filter, preparer
from intacct_sf_pipeline.sandbox.intacct.query.request import Filter, Order, QueryRequest
from intacct_sf_pipeline.sandbox.intacct.schema.catalog import FieldPath
from intacct_sf_pipeline.sandbox.intacct.schema.types import Field, ObjectSpec, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.computed import Getter, path_getter
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.state.table import Table

STRAY_COLUMN = "API_QUERY_ALIAS__7"


@dataclass(frozen=True)
class Page:
    """One page of a query: flat rows and the numbers of `ia::meta`."""

    rows: list[dict[str, Value]]
    total: int
    start: int
    size: int

    @property
    def next(self) -> int | None:
        """Start of the next page, null on the last. Source: observed."""
        following = self.start + self.size
        return following if following <= self.total else None

    @property
    def previous(self) -> int | None:
        """Start of the page before, null on the first. Source: observed."""
        return max(1, self.start - self.size) if self.start > 1 else None


def find_object(store: Store, name: str) -> ObjectSpec:
    """The object a query or a path names.

    Raises:
        ApiError: 400, no such object.
    """
    spec = store.catalog.get(name)
    if spec is None:
        message = f"{name} is not a valid object"
        raise invalid_request(message)
    return spec


def run_query(store: Store, request: QueryRequest, visible: Predicate | None) -> Page:
    """One page of a query.

    Args:
        store: the tables.
        request: the checked query.
        visible: which rows the caller may see at all; None for every one.

    Raises:
        ApiError: 400, among others REST-1106 for a field that cannot be queried.
    """
    spec = find_object(store, request.object_name)
    table = store[spec.name]
    matched = _matching(store, table, request, visible)
    if any(split_aggregate(text) for text in request.fields):
        return _grouped_page(store, spec, request, matched)
    columns = [(text, _reader(store, spec, text)) for text in request.fields]
    _sort(store, spec, request.order_by, matched)
    chosen = matched[request.start - 1 : request.start - 1 + request.size]
    rows: list[dict[str, Value]] = [{text: read(row) for text, read in columns} for row in chosen]
    if store.options.stray_alias_column:
        for row in rows:
            row[STRAY_COLUMN] = None
    return Page(rows, len(matched), request.start, request.size)


def _path(store: Store, spec: ObjectSpec, text: str) -> FieldPath:
    path = store.catalog.resolve(spec, text)
    if path is None or path.field.write_only:
        raise query_field(text, spec.name)
    return path


def _reader(store: Store, spec: ObjectSpec, text: str, *, shown: bool = True) -> Getter:
    return path_getter(store, _path(store, spec, text), shown=shown)


def _comparable(store: Store, spec: ObjectSpec, text: str, purpose: str) -> tuple[Field, Getter]:
    path = _path(store, spec, text)
    if path.field.computed == "href":
        message = f"href cannot be used in {purpose}"
        raise invalid_request(message)
    return path.field, path_getter(store, path, shown=False)


def _matching(store: Store, table: Table, request: QueryRequest, visible: Predicate | None) -> list[Row]:
    anchor = Anchor(request.as_of or store.now().date(), store.options.week_start)
    how = Comparison(anchor, request.case_sensitive)
    tests: list[Predicate] = []
    for entry in request.filters:
        field, read = _comparable(store, table.spec, entry.field, "filters")
        tests.append(build_filter(entry.operator, field, read, entry.value, how))
    expression = parse_expression(request.expression, len(tests))
    holds = compile_expression(expression, tests)
    rows: Iterable[Row] = table.rows.values()
    if isinstance(expression, Every) and request.case_sensitive:
        required = [part.number for part in expression.parts if isinstance(part, Position)]
        rows = _narrowed(table, [request.filters[number - 1] for number in required])
    if visible is not None:
        rows = filter(visible, rows)
    return [row for row in rows if holds(row)] if tests else list(rows)


def _narrowed(table: Table, required: Sequence[Filter]) -> Iterable[Row]:
    """The rows an indexed equality leaves to look at, else all."""
    for entry in required:
        wanted = entry.value if entry.operator == "$in" else [entry.value]
        if entry.operator not in ("$eq", "$in") or not isinstance(wanted, list):
            continue
        values = list(dict.fromkeys(str(value) for value in wanted if value is not None))
        if entry.field == "key" or (entry.field == "id" and table.spec.id_is_key):
            return [table.rows[value] for value in values if value in table.rows]
        if entry.field == "id":
            return [table.rows[table.by_id[value]] for value in values if value in table.by_id]
        if entry.field in table.index and entry.field.endswith(".key") and None not in wanted:
            return [table.rows[key] for value in values for key in table.index[entry.field].get(value, ())]
    return table.rows.values()


def _sort(store: Store, spec: ObjectSpec, order_by: Sequence[Order], rows: list[Row]) -> None:
    """Sorts in place; ties, and everything without `orderBy`, come in a shuffled but repeatable order."""
    if not any(order.field == "key" for order in order_by):
        rows.sort(key=_shuffler(store.options.shuffle_seed))
    for order in reversed(order_by):
        field, read = _comparable(store, spec, order.field, "orderBy")
        rows.sort(key=_sort_key(field, read), reverse=order.descending)


def _shuffler(seed: int) -> Callable[[Row], int]:
    prefix = crc32(str(seed).encode())
    return lambda row: crc32(str(row["key"]).encode(), prefix)


def _sort_key(field: Field, read: Callable[[Row], Value]) -> Callable[[Row], tuple[bool, object]]:
    """Nulls last ascending, first descending, as in the database underneath (the vendor does not say)."""
    prepare = preparer(field)

    def key(row: Row) -> tuple[bool, object]:
        value = read(row)
        return (True, "") if value is None else (False, prepare(value))

    return key


def _grouped_page(store: Store, spec: ObjectSpec, request: QueryRequest, matched: list[Row]) -> Page:
    plain: list[tuple[str, Getter]] = []
    fields: dict[str, Field] = {}
    columns = []
    for text in request.fields:
        split = split_aggregate(text)
        path = _path(store, spec, split[1] if split else text)
        read = path_getter(store, path)
        fields[text] = path.field
        if split:
            columns.append(build_aggregate(text, split[0], path, read))
        else:
            plain.append((text, read))
    rows = aggregate_rows(matched, plain, columns)
    for order in reversed(request.order_by):
        if order.field not in fields:
            raise _not_grouped(order.field)
        rows.sort(key=_sort_key(fields[order.field], _member(order.field)), reverse=order.descending)
    chosen = rows[request.start - 1 : request.start - 1 + request.size]
    return Page(chosen, len(rows), request.start, request.size)


def _member(name: str) -> Callable[[Row], Value]:
    return lambda row: row[name]


def _not_grouped(name: str) -> ApiError:
    return invalid_request(f"{name} in orderBy is neither grouped nor aggregated")
