"""Restrictions of single objects. Source: Object Ref, ContentDocumentLink."""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql import ast
from intacct_sf_pipeline.sandbox.salesforce.soql.scope import Scope

_MESSAGE = (
    "Implementation restriction: ContentDocumentLink requires a filter by a single Id on ContentDocumentId or "
    "LinkedEntityId using the equals operator or multiple Id's using the IN operator."
)
_KEYS = frozenset({"contentdocumentid", "linkedentityid"})


def check_document_links(scope: Scope, query: ast.Query) -> None:
    """Refuses a query of ContentDocumentLink that does not say which documents or which records."""
    if scope.sobject.name == "ContentDocumentLink" and not _names_an_id(query.where):
        raise ApiError("MALFORMED_QUERY", _MESSAGE)


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
