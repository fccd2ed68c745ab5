"""Query cursors: results kept for later pages. Source: salesforce.md section 3.2."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import IdFactory

LIFETIME = timedelta(days=2)
KEPT = 200
PREFIX = "0r8"

Render = Callable[[int, int], list[dict[str, object]]]


@dataclass(frozen=True, slots=True)
class Cursor:
    """One result: how many records, and how to print a slice of them. The rows behind it do not change."""

    size: int
    page_size: int
    render: Render
    opened: datetime
    sobject: str = ""


class Cursors:
    """Open cursors, oldest dropped first."""

    def __init__(self, ids: IdFactory, clock: Callable[[], datetime]) -> None:
        self._ids = ids
        self._clock = clock
        self._open: OrderedDict[str, Cursor] = OrderedDict()

    def open(self, size: int, page_size: int, render: Render, sobject: str = "") -> str:
        """Keeps a result of a query over `sobject` and returns its cursor id."""
        cursor_id = self._ids.new(PREFIX)
        self._open[cursor_id] = Cursor(size, page_size, render, self._clock(), sobject)
        while len(self._open) > KEPT:
            self._open.popitem(last=False)
        return cursor_id

    def sobject_of(self, locator: str) -> str | None:
        """The object that the query behind a locator reads; None for an unknown one."""
        cursor = self._open.get(locator.partition("-")[0])
        return cursor.sobject if cursor is not None else None

    def find(self, locator: str) -> tuple[str, Cursor, int]:
        """The cursor and offset of a locator `<id>-<offset>`; raises INVALID_QUERY_LOCATOR."""
        cursor_id, _, offset = locator.partition("-")
        cursor = self._open.get(cursor_id)
        if (
            cursor is None
            or not offset.isdecimal()
            or int(offset) > cursor.size
            or self._clock() - cursor.opened > LIFETIME
        ):
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        return cursor_id, cursor, int(offset)


def all_rendered(records: Sequence[dict[str, object]]) -> Render:
    """A renderer over records that are already printed."""
    return lambda start, stop: list(records[start:stop])
