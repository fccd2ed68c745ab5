"""How the service words errors in a statement: the text around the place, a caret, row and column."""

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.soql.ast import Mark

BEFORE, AFTER = 60, 60
_HINT = (
    "be sure to append the '{suffix}' after the {what}. "
    "Please reference your WSDL or the describe call for the appropriate names."
)


def at(code: str, message: str, statement: str, mark: Mark) -> ApiError:
    """An error that points at a place in the statement."""
    line = statement.split("\n")[mark.line - 1]
    start = max(0, mark.column - 1 - BEFORE)
    shown = line[start : mark.column - 1 + AFTER]
    caret = " " * (mark.column - 1 - start) + "^"
    return ApiError(code, f"\n{shown}\n{caret}\nERROR at Row:{mark.line}:Column:{mark.column}\n{message}")


def malformed(message: str, statement: str = "", mark: Mark | None = None) -> ApiError:
    """MALFORMED_QUERY, with a place when there is one."""
    if mark is None:
        return ApiError("MALFORMED_QUERY", message)
    return at("MALFORMED_QUERY", message, statement, mark)


def no_such_column(name: str, sobject: str, statement: str, mark: Mark) -> ApiError:
    """INVALID_FIELD for a column the entity lacks."""
    hint = _HINT.format(suffix="__c", what="custom field name")
    message = f"No such column '{name}' on entity '{sobject}'. If you are attempting to use a custom field, {hint}"
    return at("INVALID_FIELD", message, statement, mark)


def no_such_relationship(name: str, statement: str, mark: Mark) -> ApiError:
    """INVALID_FIELD for a parent that a path cannot reach."""
    hint = _HINT.format(suffix="__r", what="custom relationship name")
    message = (
        f"Didn't understand relationship '{name}' in field path. "
        f"If you are attempting to use a custom relationship, {hint}"
    )
    return at("INVALID_FIELD", message, statement, mark)


def no_such_children(name: str, statement: str, mark: Mark) -> ApiError:
    """INVALID_TYPE for a child list the entity lacks."""
    hint = _HINT.format(suffix="__r", what="custom relationship name")
    message = (
        f"Didn't understand relationship '{name}' in FROM part of query call. "
        f"If you are attempting to use a custom relationship, {hint}"
    )
    return at("INVALID_TYPE", message, statement, mark)


def no_such_type(name: str, statement: str, mark: Mark) -> ApiError:
    """INVALID_TYPE for an object the org lacks."""
    hint = _HINT.format(suffix="__c", what="entity name")
    message = f"sObject type '{name}' is not supported. If you are attempting to use a custom object, {hint}"
    return at("INVALID_TYPE", message, statement, mark)
