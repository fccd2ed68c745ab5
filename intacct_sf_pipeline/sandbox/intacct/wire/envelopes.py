"""The JSON around results and errors. Source: the reference, 3; REST Guide, Error handling."""

from collections.abc import Iterator, Sequence
from itertools import count

from intacct_sf_pipeline.sandbox.intacct.errors import ApiError, Detail, GatewayError, TokenError
from intacct_sf_pipeline.sandbox.intacct.query.service import Page
from intacct_sf_pipeline.sandbox.intacct.wire.messages import Reply

RESULT = "ia::result"
META = "ia::meta"
ERROR = "ia::error"
STATUS = "ia::status"
MULTI_STATUS = 207
FIRST_ERROR = 400


class SupportIds:
    """Support ids, percent-encoded as the service sends them (`%7E` is `~`); repeatable from one start to the next."""

    def __init__(self) -> None:
        """Starts with the first id."""
        self._numbers: Iterator[int] = count(1)

    def next(self) -> str:
        """A new id."""
        return f"SIM{next(self._numbers):05d}%7EIntacct"


def counts(total: int, errors: int = 0) -> dict[str, object]:
    """`ia::meta` of single requests and batches."""
    return {"totalCount": total, "totalSuccess": total - errors, "totalError": errors}


def page_meta(total: int, start: int, size: int, following: int | None, previous: int | None) -> dict[str, object]:
    """`ia::meta` of lists and queries."""
    return {"totalCount": total, "start": start, "pageSize": size, "next": following, "previous": previous}


def result(value: object, status: int = 200) -> Reply:
    """A single successful result."""
    return Reply(status, {RESULT: value, META: counts(1)})


def query_page(page: Page) -> dict[str, object]:
    """The envelope of one page of a query."""
    return {RESULT: page.rows, META: page_meta(page.total, page.start, page.size, page.next, page.previous)}


def error_object(fault: ApiError, support_id: str) -> dict[str, object]:
    """The members of `ia::error`."""
    error: dict[str, object] = {"code": fault.code, "message": fault.message}
    if fault.error_id is not None:
        error["errorId"] = fault.error_id
    error["additionalInfo"] = {
        "messageId": fault.message_id,
        "placeholders": fault.placeholders,
        "propertySet": {},
    }
    error["supportId"] = support_id
    if fault.details:
        error["details"] = [_detail(detail) for detail in fault.details]
    return error


def _detail(detail: Detail) -> dict[str, object]:
    entry: dict[str, object] = {"errorId": detail.error_id, "code": detail.code, "message": detail.message}
    if detail.target is not None:
        entry["target"] = detail.target
    entry["additionalInfo"] = {
        "messageId": detail.message_id,
        "placeholders": dict(detail.placeholders),
        "propertySet": {},
    }
    return entry


def fault_reply(fault: ApiError, support_id: str) -> Reply:
    """A refusal in the common live shape."""
    return Reply(fault.status, {RESULT: {ERROR: error_object(fault, support_id)}, META: counts(1, 1)})


def gateway_reply(fault: GatewayError, request_id: str) -> Reply:
    """A refusal in the gateway's shape."""
    error = {"code": fault.code, "message": fault.message, "details": {"requestId": request_id}}
    return Reply(fault.status, {ERROR: error}, fault.headers)


def token_reply(fault: TokenError, support_id: str) -> Reply:
    """A bad token: `error` at the top level."""
    error = {
        "code": fault.code,
        "message": fault.message,
        "errorId": "REST-2102",
        "additionalInfo": {"messageId": "IA.TOKEN_IS_INVALID", "placeholders": {}, "propertySet": {}},
        "supportId": support_id,
    }
    return Reply(fault.status, {"error": error})


def batch_reply(elements: Sequence[tuple[int, dict[str, object]]], *, mark_success: bool) -> Reply:
    """The answer to a batch: one status when all are alike, else 207; elements in the order of the request."""
    statuses = {status for status, _ in elements}
    errors = sum(status >= FIRST_ERROR for status, _ in elements)
    shown = [body | {STATUS: status} if status >= FIRST_ERROR or mark_success else body for status, body in elements]
    status = statuses.pop() if len(statuses) == 1 else MULTI_STATUS
    return Reply(status, {RESULT: shown, META: counts(len(shown), errors)})
