"""Result sets of `readByQuery`, from which `readMore` goes on.

Source: the reference, 4.2. How long one lives is UNCONFIRMED: as long as its session, or minutes (a switch).
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

from intacct_sf_pipeline.sandbox.intacct.schema.types import Row
from intacct_sf_pipeline.sandbox.intacct.xml.schema.types import XmlObject, XmlPath


@dataclass(frozen=True)
class ResultSet:
    """Rows found once and given out page by page.

    Attributes:
        owner: the session (or, for logins without one, the user) that asked.
        entry: the object.
        paths: the fields to show.
        rows: all rows found, as they were then.
        given: how many were given out.
        page_size: rows a page.
        nested: related fields as nested elements.
        form: `xml`, `json` or `csv`.
    """

    owner: str
    entry: XmlObject
    paths: tuple[XmlPath, ...]
    rows: Sequence[Row]
    given: int
    page_size: int
    nested: bool
    form: str

    @property
    def page(self) -> Sequence[Row]:
        """The rows of the next page."""
        return self.rows[self.given : self.given + self.page_size]

    @property
    def remaining(self) -> int:
        """Rows left after the next page."""
        return max(0, len(self.rows) - self.given - self.page_size)


class ResultSets:
    """The open result sets of one company."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        """Args: the clock lives go by, aware UTC."""
        self._now = now
        self._open: dict[str, tuple[ResultSet, datetime]] = {}
        self._numbers = count(1)

    def keep(self, results: ResultSet, life: timedelta) -> str:
        """Keeps a set after a page was given out; returns its `resultId`."""
        now = self._now()
        self._open = {key: held for key, held in self._open.items() if held[1] > now}
        number = f"{results.owner}:{next(self._numbers)}".encode()
        result_id = f"{hashlib.sha256(number).hexdigest()[:32]}@@{next(self._numbers)}"
        self._open[result_id] = (results, now + life)
        return result_id

    def find(self, result_id: str, owner: str) -> ResultSet | None:
        """The set of an id, or None when it is unknown, over or somebody else's."""
        held = self._open.get(result_id)
        if held is None or held[1] <= self._now() or held[0].owner != owner:
            return None
        return held[0]

    def latest(self, object_name: str, owner: str) -> str | None:
        """The id of the owner's last set of an object."""
        ids = [key for key, (held, _) in self._open.items() if held.owner == owner and held.entry.name == object_name]
        return ids[-1] if ids else None

    def advance(self, result_id: str) -> None:
        """Notes that a page was given out; the set stays after its last page."""
        results, until = self._open[result_id]
        self._open[result_id] = (replace(results, given=results.given + len(results.page)), until)

    def expire(self) -> None:
        """Ends every set."""
        self._open.clear()
