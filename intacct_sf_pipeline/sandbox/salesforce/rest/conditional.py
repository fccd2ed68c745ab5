"""Conditional requests: If-Modified-Since and its like for all rows, ETag for Account rows.

Source: REST Guide, Conditional Request Headers; salesforce.md section 3.9.
"""

import hashlib
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Call, Reply
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.times import moment_of
from intacct_sf_pipeline.sandbox.salesforce.values import Row


def row_headers(sobject: SObjectType, row: Row) -> dict[str, str]:
    """Last-Modified of a row, and ETag of an account."""
    headers = {"Last-Modified": format_datetime(modified(row).astimezone(UTC), usegmt=True)}
    if sobject.name == "Account":
        headers["ETag"] = etag(row)
    return headers


def modified(row: Row) -> datetime:
    """When a row was last modified."""
    return moment_of(str(row["LastModifiedDate"]))


def etag(row: Row) -> str:
    """The entity tag of a row: changes with every save."""
    state = repr(sorted((name, value) for name, value in row.items() if value is not None)).encode()
    return f'"{hashlib.sha256(state).hexdigest()[:32]}"'


def not_modified(call: Call, changed: datetime) -> Reply | None:
    """304 when the client's copy is as new as `changed`."""
    since = _date(call, "if-modified-since")
    return Reply(304) if since is not None and changed.replace(microsecond=0) <= since else None


def check_read(call: Call, sobject: SObjectType, row: Row) -> Reply | None:
    """304 for a reader who has the row; raises 412 when its expectation fails."""
    if sobject.name == "Account" and "if-none-match" in call.headers:
        return Reply(304, headers=row_headers(sobject, row)) if etag(row) in _tags(call, "if-none-match") else None
    _check_match(call, sobject, row)
    early = not_modified(call, modified(row))
    if early is None:
        _check_unmodified(call, row)
    return early


def check_write(call: Call, sobject: SObjectType, row: Row) -> None:
    """Raises 412 when the row is no longer what the writer expects."""
    _check_match(call, sobject, row)
    _check_unmodified(call, row)
    since = _date(call, "if-modified-since")
    if since is not None and modified(row) <= since:
        raise _failed()


def _check_match(call: Call, sobject: SObjectType, row: Row) -> None:
    if sobject.name != "Account" or "if-match" not in call.headers:
        return
    tags = _tags(call, "if-match")
    if "*" not in tags and etag(row) not in tags:
        raise _failed()


def _check_unmodified(call: Call, row: Row) -> None:
    since = _date(call, "if-unmodified-since")
    if since is not None and modified(row) > since:
        raise _failed()


def _tags(call: Call, header: str) -> set[str]:
    tags = {part.strip().removeprefix("W/").replace('--gzip"', '"') for part in call.headers[header].split(",")}
    for tag in tags:
        quoted = len(tag) > 1 and tag[0] == tag[-1] == '"'
        if tag != "*" and not quoted and call.method in ("PATCH", "POST"):
            raise ApiError("INVALID_HEADER", f"Malformed value of {header}: {tag}")
    return tags


def _date(call: Call, header: str) -> datetime | None:
    text = call.headers.get(header)
    if text is None:
        return None
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _failed() -> ApiError:
    message = "The condition of the request's headers is not met by the row."
    return ApiError("ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE", message)
