"""Errors of the loopback org: what the service answers, and what a bulk seed refuses.

What belongs here: the exception types and the one table from error code to HTTP status.
Source: salesforce.md section 4; codes it marks UNCONFIRMED are in this table, so that they change in one place.
"""

from collections.abc import Sequence

STATUS_OF_CODE = {
    "INVALID_SESSION_ID": 401,
    "INVALID_AUTH_HEADER": 401,
    "REQUEST_LIMIT_EXCEEDED": 403,
    "API_DISABLED_FOR_ORG": 403,
    "API_CURRENTLY_DISABLED": 403,
    "INSUFFICIENT_ACCESS_OR_READONLY": 403,
    "NOT_FOUND": 404,
    "ENTITY_IS_DELETED": 404,
    "METHOD_NOT_ALLOWED": 405,
    "UNSUPPORTED_API_VERSION": 410,
    "ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE": 412,
    "PRECONDITION_FAILED": 412,
    "URI_TOO_LONG": 414,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "REQUEST_HEADER_FIELDS_TOO_LARGE": 431,
}
BAD_REQUEST = 400


class ApiError(Exception):
    """A refusal in the service's own terms.

    `status` is the HTTP status when it stands alone; `fields` the API names it is about. `whole_request` marks errors
    found while reading the body (unknown column, wrong JSON type): they refuse a collections call as a whole.
    """

    def __init__(
        self,
        code: str,
        message: str,
        fields: Sequence[str] = (),
        *,
        status: int | None = None,
        whole_request: bool = False,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.fields = tuple(fields)
        self.status = status if status is not None else STATUS_OF_CODE.get(code, BAD_REQUEST)
        self.whole_request = whole_request

    def single_body(self) -> list[dict[str, object]]:
        """The body of a failed single request: a JSON array with `errorCode`."""
        error: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            error["fields"] = list(self.fields)
        return [error]

    def item(self) -> dict[str, object]:
        """The error as it stands in an item of a collections result: with `statusCode`."""
        return {"statusCode": self.code, "message": self.message, "fields": list(self.fields)}


class LoadError(ValueError):
    """A row that `SalesforceOrg.load` refuses: its position in the rows given, the column, and why."""

    def __init__(self, row_index: int, field: str, message: str) -> None:
        super().__init__(f"row {row_index}, {field}: {message}")
        self.row_index = row_index
        self.field = field
        self.message = message


def not_found(message: str = "The requested resource does not exist") -> ApiError:
    """404 NOT_FOUND."""
    return ApiError("NOT_FOUND", message)


def unknown_column(field: str, sobject: str) -> ApiError:
    """A field that the object lacks, or that the user may not see, named in a body."""
    return ApiError("INVALID_FIELD", f"No such column '{field}' on sobject of type {sobject}", whole_request=True)


def deleted() -> ApiError:
    """The row is in the Recycle Bin."""
    return ApiError("ENTITY_IS_DELETED", "entity is deleted")


def bad_reference(field: str = "") -> ApiError:
    """A referenced id that is missing, deleted or of the wrong type."""
    return ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", (field,) if field else ())
