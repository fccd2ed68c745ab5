"""What a statement may not hold when it runs in bulk.

Source: salesforce.md section 5.3; Bulk API Developer Guide, Bulk Query (wording as clients report it: Airbyte and
tap-salesforce issues on compound fields).
"""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.aggregates import is_aggregate

_CODE = "FUNCTIONALITY_NOT_ENABLED"


def check_bulk(query: ast.Query) -> None:
    """Refuses sub-queries, aggregates, OFFSET and TYPEOF; compound fields are refused by `check_bulk_columns`."""
    if any(isinstance(item, ast.SelectChildren) for item in query.select):
        raise ApiError(_CODE, "Aggregate Relationships not supported in Bulk Query")
    if is_aggregate(query):
        raise ApiError(_CODE, "Aggregate functions and GROUP BY are not supported in Bulk Query")
    if query.offset is not None:
        raise ApiError(_CODE, "OFFSET clause is not supported in Bulk Query")
    if any(isinstance(item, ast.SelectTypeOf) for item in query.select):
        raise ApiError(_CODE, "TYPEOF is not supported in Bulk Query")


def check_bulk_columns(types: set[str]) -> None:
    """Refuses compound addresses and fields that hold bytes, given the types of the selected columns."""
    if types & {"address", "location"}:
        raise ApiError(_CODE, "Selecting compound data not supported in Bulk Query")


def is_chunkable(query: ast.Query) -> bool:
    """Whether PK chunking can split a statement: nothing beside WHERE follows FROM."""
    return not query.order_by and query.limit is None
