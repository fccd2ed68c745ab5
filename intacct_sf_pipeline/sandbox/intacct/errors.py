"""The refusals of the service, as exceptions and as the functions that word them.

Source: REST Guide, Error handling (codes and messages); the reference, 3.2. Status, codes and texts live here and
nowhere else; `wire.envelopes` turns them into JSON. Detail ids other than REST-1043 are this sandbox's own: the
vendor's are not public.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Detail:
    """One entry of an error's `details`."""

    message: str
    message_id: str
    error_id: str = "REST-1043"
    code: str = "invalidRequest"
    target: str | None = None
    placeholders: Mapping[str, str] = field(default_factory=dict)


class ApiError(Exception):
    """A refusal in the shape of the REST service (`ia::result.ia::error`)."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        error_id: str | None = None,
        message_id: str = "IA.REQUEST_FAILED",
        placeholders: Mapping[str, str] | None = None,
        details: Sequence[Detail] = (),
    ) -> None:
        """Args are the HTTP status and the members of `ia::error`."""
        super().__init__("; ".join([message, *(detail.message for detail in details)]))
        self.status = status
        self.code = code
        self.message = message
        self.error_id = error_id
        self.message_id = message_id
        self.placeholders = dict(placeholders or {})
        self.details = tuple(details)


class GatewayError(Exception):
    """A refusal in the shape of the gateway before the service (`ia::error` with a `GW-` code)."""

    def __init__(self, status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> None:
        """Args are the HTTP status, the `GW-` code, its text and extra response headers."""
        super().__init__(f"{code} {message}")
        self.status = status
        self.code = code
        self.message = message
        self.headers = dict(headers or {})


class OAuthError(Exception):
    """A refusal of the token endpoint in the bare OAuth shape (`{"error": "invalid_grant"}`)."""

    def __init__(self, status: int, error: str, description: str = "") -> None:
        """Args are the HTTP status, the OAuth error word, and its explanation, if one is given."""
        super().__init__(error)
        self.status = status
        self.error = error
        self.body: dict[str, object] = {"error": error}
        if description:
            self.body["error_description"] = description


class TokenError(Exception):
    """A bad or expired token: `error` at the top level."""

    def __init__(self, status: int, message: str, code: str = "tokenInvalid") -> None:
        """Args are the HTTP status and the text, which some clients search for its words."""
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code


class LoadError(ValueError):
    """A row that cannot be loaded.

    Attributes:
        row_index: 0-based position in the rows given.
        field: the member at fault, dotted.
        message: what is wrong and what would be right.
    """

    def __init__(self, row_index: int, field_name: str, message: str) -> None:
        """Args as the attributes."""
        super().__init__(f"row {row_index}, {field_name}: {message}")
        self.row_index = row_index
        self.field = field_name
        self.message = message


def invalid_request(message: str, error_id: str = "REST-1064", details: Sequence[Detail] = ()) -> ApiError:
    """400: the request itself is malformed."""
    return ApiError(400, "invalidRequest", message, error_id=error_id, message_id="IA.INVALID_REQUEST", details=details)


def payload_required(operation: str) -> ApiError:
    """400 REST-1028: POST or PATCH without a body."""
    return ApiError(
        400,
        "invalidRequest",
        f"{operation} request requires a payload",
        error_id="REST-1028",
        message_id="IA.REQUEST_REQUIRES_A_PAYLOAD",
        placeholders={"OPERATION": operation},
    )


def schema_fault(details: Sequence[Detail]) -> ApiError:
    """400 REST-1064: one detail per fault of the payload."""
    return invalid_request("Payload contains errors", details=details)


def unknown_field(target: str) -> Detail:
    """A payload member the object does not have. Source: observed, REST-1043."""
    name = target.rsplit("/", 1)[-1]
    return Detail(f"{name} is not a valid field", "IA.NOT_A_VALID_FIELD", target=target, placeholders={"FIELD": name})


def read_only_field(target: str) -> Detail:
    """A payload member that cannot be written, or not any more."""
    name = target.rsplit("/", 1)[-1]
    return Detail(
        f"{name} is read-only and cannot be set", "IA.FIELD_IS_READ_ONLY", target=target, placeholders={"FIELD": name}
    )


def bad_value(target: str, why: str) -> Detail:
    """A payload member whose value does not fit its type, enum or length."""
    name = target.rsplit("/", 1)[-1]
    return Detail(f"{name}: {why}", "IA.INVALID_FIELD_VALUE", "REST-1044", target=target, placeholders={"FIELD": name})


def missing_field(path: str) -> Detail:
    """A required member that is absent or null."""
    return Detail(
        f"{path} is required",
        "IA.REQUIRED_FIELD_IS_MISSING",
        "REST-1045",
        target="/" + path.replace(".", "/"),
        placeholders={"FIELD": path},
    )


def operation_failed(operation: str, object_name: str, details: Sequence[Detail], status: int = 422) -> ApiError:
    """422 REST-7001: valid payload, business rule failed; the cause is in `details`."""
    resource = f"objects/{object_name}"
    return ApiError(
        status,
        "operationFailed",
        f"{operation} request on {resource} object was unsuccessful",
        error_id="REST-7001",
        message_id="IA.REQUEST_ON_OBJECT_FAILED",
        placeholders={"OPERATION": operation, "RESOURCE_NAME": resource},
        details=details,
    )


def rule(message: str, message_id: str = "IA.BUSINESS_RULE_FAILED", code: str = "invalidConfiguration") -> Detail:
    """A business rule's own words, for `operation_failed`."""
    return Detail(message, message_id, "BL01001973", code)


def duplicate(value: str) -> Detail:
    """The documented words of a unique key conflict."""
    return rule(f"Another record with the value {value} already exists", "IA.RECORD_ALREADY_EXISTS")


def query_field(name: str, object_name: str) -> ApiError:
    """400 REST-1106: the field is unknown, write-only or a list member. Source: observed."""
    return ApiError(
        400,
        "invalidRequest",
        f"The {name} field in {object_name} object cannot be used in query in version 1",
        error_id="REST-1106",
        message_id="IA.THE_FIELD_IN_OBJECT_CANNOT_BE_USED_IN_QUERY",
        placeholders={"FIELD": name, "FIELD_PATH": name, "OBJECT": object_name, "VERSION": "1"},
    )


def not_found(what: str) -> ApiError:
    """404: unknown key or path."""
    return ApiError(404, "notFound", f"{what} was not found", error_id="REST-1047", message_id="IA.NOT_FOUND")


def method_not_allowed(method: str, resource: str) -> ApiError:
    """405: the object does not offer this verb."""
    return ApiError(
        405,
        "invalidRequest",
        f"{method} is not supported for {resource}",
        error_id="REST-1048",
        message_id="IA.METHOD_NOT_ALLOWED",
        placeholders={"OPERATION": method, "RESOURCE_NAME": resource},
    )


def forbidden(operation: str, object_name: str) -> ApiError:
    """403: the user lacks the permission."""
    return ApiError(
        403,
        "unauthorizedUser",
        f"You do not have permission to {operation} {object_name}",
        error_id="REST-1049",
        message_id="IA.USER_IS_NOT_AUTHORIZED",
        placeholders={"OPERATION": operation, "RESOURCE_NAME": f"objects/{object_name}"},
    )


def locked(operation: str, object_name: str, code: str | None, message: str | None) -> ApiError:
    """422: a record the service is told to refuse, by default as one that somebody else holds locked."""
    if code is None and message is None:
        detail = rule("The record is locked by another user or process, try again later", "IA.RECORD_IS_LOCKED")
        return operation_failed(operation, object_name, [detail])
    return ApiError(422, code or "operationFailed", message or "The record could not be written", error_id="REST-7001")


def unprocessed() -> ApiError:
    """422: a member of an atomic batch that another member rolled back or stopped."""
    return ApiError(
        422,
        "unprocessed",
        "Operation skipped due to atomic transaction failure",
        error_id="REST-1050",
        message_id="IA.OPERATION_SKIPPED",
    )


def conflict(message: str) -> ApiError:
    """409: idempotency key used for something else, expired or still at work."""
    return ApiError(409, "conflict", message, error_id="REST-1051", message_id="IA.IDEMPOTENCY_KEY_CONFLICT")
