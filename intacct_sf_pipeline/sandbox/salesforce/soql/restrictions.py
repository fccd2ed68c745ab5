"""Restrictions: of single objects, and of clauses that the API takes only in part.

Source: Object Ref, ContentDocumentLink; SOQL Ref, SELECT (USING SCOPE, FOR, ALL ROWS).
"""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.errors import malformed
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope

_MESSAGE = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or "
    "LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)
_SCOPES = ("everything", "mine", "mine_and_my_groups", "delegated", "my_territory", "my_team_territory", "team")
_KEYS = frozenset({"contentdocumentid", "linkedentityid"})


def check_document_links(scope: Scope, query: ast.Query) -> None:
    """Refuses a query of ContentDocumentLink that does not say which documents or which records."""
    if scope.sobject.name == "ContentDocumentLink" and not _names_an_id(query.where):
        raise ApiError("MALFORMED_QUERY", _MESSAGE)


def check_tail(scope: Scope, query: ast.Query) -> None:
    """Refuses ALL ROWS, which only Apex takes, sorting under FOR UPDATE, and scopes that do not exist."""
    if query.all_rows:
        raise malformed("ALL ROWS not allowed in this context")
    if "update" in query.locks and query.order_by:
        raise malformed("ORDER BY not allowed in locking SELECT")
    if query.scope is not None and query.scope.text.lower() not in _SCOPES:
        raise malformed(f"unexpected token: '{query.scope.text}'", scope.statement, query.scope.mark)


def mine_only(scope: Scope, query: ast.Query) -> bool:
    """Whether USING SCOPE narrows the rows to the user's own."""
    narrow = query.scope is not None and query.scope.text.lower() != "everything"
    return narrow and scope.sobject.field("OwnerId") is not None


def _names_an_id(condition: ast.Condition | None) -> bool:
    match condition:
        case ast.And(terms):
            return any(_names_an_id(term) for term in terms)
        case ast.Comparison(ast.FieldRef() as ref, "=", ast.Text()):
            return ref.path[-1].lower() in _KEYS
        case ast.Membership(ast.FieldRef() as ref, _, False):
            return ref.path[-1].lower() in _KEYS
        case _:
            return False
