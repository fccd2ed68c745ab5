"""The operations of the SOAP door but login. Each takes its element and gives the results as XML.

Source: SOAP API Guide, merge(), delete(), undelete(); partner WSDL (order of the members of a result).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.salesforce.access import User
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.soap.login import user_info
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import child, children, leaf, local, tag, text
from intacct_sf_pipeline.sandbox.salesforce.store.database import RollbackError
from intacct_sf_pipeline.sandbox.salesforce.times import stamp

MOST = 200
_NIL_ID = '<id xsi:nil="true"/>'
_MASTER_WORDS = ("type", "Id", "fieldsToNull")


@dataclass(frozen=True, slots=True)
class SoapCall:
    """One call: who asks, the operation's element, and whether one failure takes all of it back."""

    org: SalesforceOrg
    user: User
    element: Element
    all_or_none: bool = False


Step = Callable[[], str]
Operation = Callable[[SoapCall], list[str]]


def delete(call: SoapCall) -> list[str]:
    """Moves rows to the Recycle Bin."""

    def remove(given: str) -> str:
        record_id = _id(given)
        sobject = call.org.schema.of_id(record_id)
        if sobject is None:
            raise ApiError("MALFORMED_ID", f"bad id {given}")
        call.org.writer.delete(sobject, record_id, call.org.actor(call.user))
        return leaf("id", record_id) + leaf("success", True)

    return _run(call, [partial(remove, given) for given in _ids(call.element)])


def undelete(call: SoapCall) -> list[str]:
    """Takes rows out of the Recycle Bin."""

    def restore(given: str) -> str:
        record_id = _id(given)
        call.org.recycling.undelete(record_id, call.org.actor(call.user))
        return leaf("id", record_id) + leaf("success", True)

    return _run(call, [partial(restore, given) for given in _ids(call.element)])


def merge(call: SoapCall) -> list[str]:
    """Merges one or two rows into a master, which may be changed at the same time."""
    requests = children(call.element, "request")
    _check_count(len(requests))
    return _run(call, [partial(_merge_one, call, request) for request in requests])


def get_user_info(call: SoapCall) -> list[str]:
    """Who is signed in."""
    return [tag("result", user_info(call.org, call.user))]


def get_server_timestamp(call: SoapCall) -> list[str]:
    """The service's clock."""
    return [tag("result", leaf("timestamp", stamp(call.org.clock()).replace("+0000", "Z")))]


def empty_recycle_bin(call: SoapCall) -> list[str]:
    """Takes rows out of the Recycle Bin for good."""

    def purge(given: str) -> str:
        record_id = _id(given)
        sobject, row = call.org.schema.of_id(record_id), call.org.db.row(record_id)
        if sobject is None or row is None or not row["IsDeleted"]:
            raise ApiError("INVALID_ID_FIELD", "Invalid record id; no recycle bin entry found")
        call.org.db.table(sobject.name).drop(record_id)
        return leaf("id", record_id) + leaf("success", True)

    return [tag("result", _attempt(partial(purge, given))[1]) for given in _ids(call.element)]


def logout(_call: SoapCall) -> list[str]:
    """Has no result; the door ends the session of its header."""
    return []


OPERATIONS: Mapping[str, Operation] = {
    "merge": merge,
    "delete": delete,
    "undelete": undelete,
    "getUserInfo": get_user_info,
    "getServerTimestamp": get_server_timestamp,
    "emptyRecycleBin": empty_recycle_bin,
    "logout": logout,
}


def _merge_one(call: SoapCall, request: Element) -> str:
    master = child(request, "masterRecord")
    losers = [_id(text(one)) for one in children(request, "recordToMergeIds")]
    master_id = _id(text(child(master, "Id")))
    values: dict[str, object] = {text(one): None for one in children(master, "fieldsToNull")}
    for one in master if master is not None else ():
        if local(one) not in _MASTER_WORDS:
            values[local(one)] = one.text
    done = call.org.recycling.merge(master_id, losers, call.org.actor(call.user), values)
    merged = "".join(leaf("mergedRecordIds", loser) for loser in done.losers)
    moved = "".join(leaf("updatedRelatedIds", record_id) for record_id in done.moved)
    return leaf("id", done.master) + merged + leaf("success", True) + moved


def _run(call: SoapCall, steps: Sequence[Step]) -> list[str]:
    outcomes: list[tuple[bool, str]] = []
    with call.org.db.transaction():
        outcomes.extend(_attempt(step) for step in steps)
        failed = any(not done for done, _ in outcomes)
        if call.all_or_none and failed:
            raise RollbackError
    if call.all_or_none and failed:
        message = "Record rolled back because not all records were valid and the request was using AllOrNone header"
        taken_back = _failure(ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", message))
        return [tag("result", taken_back if done else shown) for done, shown in outcomes]
    return [tag("result", shown) for _, shown in outcomes]


def _attempt(step: Step) -> tuple[bool, str]:
    try:
        return True, step()
    except ApiError as error:
        return False, _failure(error)


def _failure(error: ApiError) -> str:
    fields = "".join(leaf("fields", name) for name in error.fields)
    details = fields + leaf("message", error.message) + leaf("statusCode", error.code)
    return tag("errors", details) + _NIL_ID + leaf("success", False)


def _ids(element: Element) -> list[str]:
    given = [text(one) for one in children(element, "ids")]
    _check_count(len(given))
    return given


def _check_count(count: int) -> None:
    if count > MOST:
        raise ApiError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {MOST} records in this call"
        )


def _id(given: str) -> str:
    found = to_long(given)
    if found is None:
        raise ApiError("MALFORMED_ID", f"bad id {given}")
    return found
