"""query?explain=: how a statement would be run. Source: REST Guide, Query Performance Feedback."""

from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.executor import run
from intacct_sf_pipeline.sandbox.salesforce.soql.parser import parse

_SCAN_COST, _INDEX_COST = 2.8, 0.3


def explain(call: Call, statement: str) -> Reply:
    """The plans of a statement, the cheapest first; nothing is billed but the call."""
    org = call.org
    result = run(org.db, call.user, statement, today=org.clock().date(), version=call.version, include_deleted=False)
    sobject = org.schema.types[result.sobject.lower()]
    total = sum(1 for _ in org.db.table(sobject.name).live())
    indexed = sorted(_indexed(sobject, parse(statement).where))
    scan = _plan(sobject.name, "TableScan", [], total, total, _SCAN_COST)
    plans = [_plan(sobject.name, "Index", indexed, result.size, total, _INDEX_COST), scan] if indexed else [scan]
    return Reply(body={"plans": plans, "sourceQuery": statement})


def _plan(sobject: str, kind: str, fields: list[str], rows: int, total: int, cost: float) -> dict[str, object]:
    return {
        "cardinality": rows,
        "fields": fields,
        "leadingOperationType": kind,
        "notes": [],
        "relativeCost": cost,
        "sobjectCardinality": total,
        "sobjectType": sobject,
    }


def _indexed(sobject: SObjectType, condition: ast.Condition | None) -> set[str]:
    """The indexed fields by which a condition narrows the rows."""
    match condition:
        case ast.And(terms):
            return {name for term in terms for name in _indexed(sobject, term)}
        case ast.Comparison(ast.FieldRef((name,)), op) if op not in ("!=", "LIKE"):
            field = sobject.field(name)
        case ast.Membership(ast.FieldRef((name,)), _, False):
            field = sobject.field(name)
        case _:
            return set()
    known = field is not None and (
        field.indexed or field.type == "id" or field.name in ("SystemModstamp", "CreatedDate")
    )
    return {field.name} if known and field is not None else set()
