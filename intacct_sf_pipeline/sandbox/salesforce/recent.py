"""What users looked at last: filled by queries FOR VIEW and FOR REFERENCE, read by the resources of recent rows.

Source: SOQL Ref, FOR VIEW and FOR REFERENCE; REST Guide, Recently Viewed Items.
"""

from collections import OrderedDict
from collections.abc import Iterable

from intacct_sf_pipeline.sandbox.salesforce.store.database import Database
from intacct_sf_pipeline.sandbox.salesforce.values import Row

KEPT = 200


class RecentItems:
    """Ids of rows by user, the latest first."""

    def __init__(self) -> None:
        self._seen: dict[str, OrderedDict[str, None]] = {}

    def note(self, db: Database, user_id: str, rows: Iterable[Row], locks: Iterable[str], now: str) -> None:
        """Remembers rows that a query viewed or referenced; their stamps of viewing move, nothing else does."""
        words = set(locks)
        if not words & {"view", "reference"}:
            return
        stamps = ["LastReferencedDate", *(["LastViewedDate"] if "view" in words else [])]
        seen = self._seen.setdefault(user_id, OrderedDict())
        for row in rows:
            record_id = str(row["Id"])
            sobject = db.type_of(record_id)
            kept = {name: now for name in stamps if name in row}
            if sobject is not None and kept:
                db.put(sobject.name, {**row, **kept})
            seen[record_id] = None
            seen.move_to_end(record_id)
            while len(seen) > KEPT:
                seen.popitem(last=False)

    def of(self, user_id: str) -> list[str]:
        """The ids a user saw, the latest first."""
        return list(reversed(self._seen.get(user_id, OrderedDict())))
