"""Working a query job off: what its statement may not hold, its rows as lines of a file.

Source: salesforce.md section 5.3; Bulk Guide, Query ("unsupported SOQL").
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.bulk.faults import struck, stuck
from intacct_sf_pipeline.sandbox.salesforce.bulk.jobs import QueryJob, State
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import Field, Schema, SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.aggregates import is_aggregate, is_count
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import run
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse

# UNCONFIRMED (salesforce.md 5.3 names what is not allowed, not the code): seen in public connectors' logs.
UNSUPPORTED = "FUNCTIONALITY_NOT_ENABLED"
_PART = 2_000
Cell = Callable[[Mapping[str, object]], str]


def check(org: SalesforceOrg, user: User, statement: str, version: str) -> str:
    """The object a statement reads.

    Raises:
        ApiError: the statement is refused, as SOQL or because bulk queries do not have what it asks for.
    """
    query = parse(statement)
    if is_count(query) or is_aggregate(query):
        raise _unsupported("Aggregate Relationships not supported in Bulk Query")
    if query.offset is not None:
        raise _unsupported("OFFSET clause not supported in Bulk Query")
    if not all(isinstance(item, ast.SelectItem | ast.SelectChildren) for item in query.select):
        raise _unsupported("TYPEOF not supported in Bulk Query")
    if any(isinstance(item, ast.SelectChildren) for item in query.select):
        raise _unsupported("Nested queries not supported in Bulk Query")
    run(org.db, user, statement, today=org.clock().date(), version=version, include_deleted=False)
    sobject = _type(org, query)
    _columns(org.schema, user, sobject, query)
    return sobject.name


def step(org: SalesforceOrg, job: QueryJob) -> None:
    """Take a job one step further: begin, or read all its rows."""
    if job.state is State.UPLOAD_COMPLETE:
        job.turn(State.IN_PROGRESS, org.clock())
        return
    if stuck(org, job):
        return
    death = struck(job, 0)
    if death is not None:
        job.turn(State.FAILED, org.clock(), death.message)
        return
    try:
        _read(org, job)
    except ApiError as error:
        job.turn(State.FAILED, org.clock(), f"{error.code}: {error.message}")


def _read(org: SalesforceOrg, job: QueryJob) -> None:
    query = parse(job.statement)
    names, cells = _columns(org.schema, job.user, _type(org, query), query)
    with org.late.drawn():
        result = run(
            org.db, job.user, job.statement, today=org.clock().date(), version=job.version,
            include_deleted=job.operation == "queryAll",
        )  # fmt: skip
        parts = (result.render(start, start + _PART) for start in range(0, result.size, _PART))
        job.lines = [tuple([cell(record) for cell in cells]) for record in chain.from_iterable(parts)]
    job.header, job.processed = names, len(job.lines)
    job.worked_ms = max(1, len(job.lines) // 100)
    size = sum(len(cell) + 3 for line in job.lines for cell in line)
    if not org.bulk.storage_mb.take(-(-size // 1_000_000)):
        job.lines = []
        raise ApiError("EXCEEDEDQUOTA", "the allowance of query results in 24 hours is used up")
    job.turn(State.JOB_COMPLETE, org.clock())


def _type(org: SalesforceOrg, query: ast.Query) -> SObjectType:
    found = org.schema.find(query.source.text)
    if found is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{query.source.text}' is not supported.")
    return found


def _columns(schema: Schema, user: User, sobject: SObjectType, query: ast.Query) -> tuple[tuple[str, ...], list[Cell]]:
    """Headers in the order of the SELECT list, in the schema's spelling; and what prints each value."""
    names: list[str] = []
    cells: list[Cell] = []
    own = {sobject.name.lower(), (query.alias or sobject.name).lower()}
    for item in query.select:
        if not isinstance(item, ast.SelectItem):
            continue
        operand = item.operand
        bound: list[tuple[tuple[str, ...], Field | None]]
        if isinstance(operand, ast.Call) and operand.name == "FIELDS":
            bound = [((field.name,), field) for field in _listed(user, sobject, operand)]
        else:
            ref = _ref(operand)
            path = tuple(ref.path)
            path = path[1:] if len(path) > 1 and path[0].lower() in own else path
            bound = [_bound(schema, sobject, path)]
        for path, field in bound:
            if field is not None and field.type in ("address", "base64"):
                raise _unsupported("Selecting compound data not supported in Bulk Query")
            names.append(".".join(path))
            cells.append(_cell(path, field))
    return tuple(names), cells


def _ref(operand: ast.Operand) -> ast.FieldRef:
    """The field of an operand, such as the one inside `toLabel(...)`."""
    while not isinstance(operand, ast.FieldRef):
        operand = operand.args[0]
    return operand


def _listed(user: User, sobject: SObjectType, call: ast.Call) -> Sequence[Field]:
    kind = _ref(call).text.upper() if call.args else "ALL"
    return [f for f in user.fields(sobject) if kind == "ALL" or f.custom == (kind == "CUSTOM")]


def _bound(schema: Schema, sobject: SObjectType, path: Sequence[str]) -> tuple[tuple[str, ...], Field | None]:
    """A path in the schema's spelling, and the field it ends in (None behind a polymorphic lookup)."""
    names: list[str] = []
    here: SObjectType | None = sobject
    for name in path[:-1]:
        relation = here.by_relationship.get(name.lower()) if here is not None else None
        names.append(relation.relationship or name if relation is not None else name)
        here = schema.find(relation.reference_to[0]) if relation is not None and relation.reference_to else None
    field = here.field(path[-1]) if here is not None else None
    return (*names, field.name if field is not None else path[-1]), field


def _cell(path: Sequence[str], field: Field | None) -> Cell:
    is_moment = field is not None and field.type == "datetime"

    def show(record: Mapping[str, object]) -> str:
        value: object = record
        for name in path:
            value = value.get(name) if isinstance(value, Mapping) else None
        if value is None:
            return ""
        if isinstance(value, bool):
            return "true" if value else "false"
        text = str(value)
        # UNCONFIRMED (salesforce.md 5.3): bulk files end moments in Z.
        return text.replace("+0000", "Z") if is_moment else text

    return show


def _unsupported(message: str) -> ApiError:
    return ApiError(UNSUPPORTED, message)
