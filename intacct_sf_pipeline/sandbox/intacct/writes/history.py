"""The audit trail (`company-config/audit-history`) and the `audit` columns of a record.

Source: the reference, 5.0 and 7.1. A creation and a deletion give one row, a modification one per changed member.
"""

from base64 import urlsafe_b64encode

from intacct_sf_pipeline.sandbox.intacct.schema.company import AUDIT_HISTORY
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec, Row, Value
from intacct_sf_pipeline.sandbox.intacct.state.store import Store
from intacct_sf_pipeline.sandbox.intacct.writes.actor import Actor

CREATED = "audit.createdDateTime"
MODIFIED = "audit.modifiedDateTime"
CREATED_BY = "audit.createdByUser.key"
MODIFIED_BY = "audit.modifiedByUser.key"


def stamp_created(store: Store, actor: Actor, row: Row) -> None:
    """Sets the audit columns of a new row."""
    row[CREATED] = row[MODIFIED] = store.stamp()
    row[CREATED_BY] = row[MODIFIED_BY] = actor.user_key


def stamp_modified(store: Store, actor: Actor, row: Row) -> None:
    """Sets the modification columns of a changed row."""
    row[MODIFIED] = store.stamp()
    row[MODIFIED_BY] = actor.user_key


def record_action(store: Store, actor: Actor, spec: ObjectSpec, row: Row, action: str) -> None:
    """Adds the row of a `create` or `delete`."""
    _append(store, actor, spec, row, action=action, change={})


def record_changes(store: Store, actor: Actor, spec: ObjectSpec, before: Row, after: Row) -> None:
    """Adds one `modify` row per stored member that differs."""
    for path in sorted((before.keys() | after.keys()) - {MODIFIED, MODIFIED_BY}):
        old, new = before.get(path), after.get(path)
        if old != new:
            change: Row = {
                "changeDetails.fieldName": path,
                "changeDetails.previousValue": _text(old),
                "changeDetails.newValue": _text(new),
            }
            _append(store, actor, spec, after, action="modify", change=change)


def _text(value: Value) -> str | None:
    if value is None:
        return None
    return str(value).lower() if isinstance(value, bool) else str(value)


def _append(store: Store, actor: Actor, spec: ObjectSpec, row: Row, *, action: str, change: Row) -> None:
    table = store[AUDIT_HISTORY]
    key = urlsafe_b64encode(f"{spec.name}:{table.new_key()}".encode()).decode().rstrip("=")
    table.insert(
        {
            "key": key,
            "changeDetails.objectName": spec.name,
            "changeDetails.objectId": str(row["key"] if spec.id_is_key else row["id"]),
            "changeSource.source": actor.source,
            "changeSource.completedBy": actor.user_id,
            "changeSource.accessDateTime": store.stamp(),
            "changeSource.actionPerformed": action,
            "changeSource.clientId": actor.client_id,
            **change,
        }
    )
