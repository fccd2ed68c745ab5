"""The till: books what a run spends while it spends it, so that a run which dies has paid for what it used.

Each connector of the run is wrapped (`booked.py`); after every page, batch or look-up the difference to the last
booking goes into the ledger, under the step that is at work. Nothing is booked twice: what counts is the connector's
own meter, never a step's report.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from intacct_sf_pipeline.engine.spending.spend_ports import Bookings
from intacct_sf_pipeline.engine.writing.worker import is_worker
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Quota, Spend
from intacct_sf_pipeline.model.spend import SpendEntry

UNKNOWN_KIND = NOTHING = "other"


class Till:
    """Books the spend of one run.

    Args:
        run_id: under which it is booked.
        store: where; the ledger itself, also when the run is rehearsed on a copy.
        meters: what each connector has spent since it was made.
        quotas: what each vendor last said of its own allowance.
        clock: aware UTC time.
        zone: the company's, by which days and months end.
    """

    def __init__(
        self,
        run_id: str,
        store: Bookings,
        meters: Mapping[Side, Callable[[], Spend]],
        quotas: Mapping[Side, Callable[[], Quota | None]],
        clock: Callable[[], datetime],
        zone: ZoneInfo,
    ) -> None:
        self._run_id, self._store, self._clock, self._zone = run_id, store, clock, zone
        self._meters, self._quotas = meters, quotas
        self._lock = threading.Lock()
        self._booked = {side: meter() for side, meter in meters.items()}
        self._at_work = dict.fromkeys(meters, (NOTHING, NOTHING))

    @contextmanager
    def at_work(self, subject: str, step: str, *sides: Side) -> Iterator[None]:
        """What is spent in the block is spent on `subject` (a flow or feed) by `step`; booked also when it fails.

        With `sides` that goes for these only: two threads may be at work, each on a side of its own.
        """
        sides = sides or tuple(self._meters)
        self.ring(*sides)
        before = {side: self._at_work[side] for side in sides}
        self._at_work |= dict.fromkeys(sides, (subject, step))
        try:
            yield
        finally:
            self.ring(*sides)
            self._at_work |= before

    def ring(self, *sides: Side) -> None:
        """Book what was spent (at `sides`; default: both) since the last time; costs nothing when nothing was.

        A thread that only sends books nothing: the one that takes its answers does, which has the database.
        """
        if is_worker():
            return
        with self._lock:
            entries: list[SpendEntry] = []
            quotas: dict[Side, Quota] = {}
            now = self._clock()
            totals = {side: self._meters[side]() for side in sides or tuple(self._meters)}
            for side, total in totals.items():
                found = list(self._entries(side, total - self._booked[side], now))
                entries += found
                quota = self._quotas[side]() if found else None
                if quota is not None:
                    quotas[side] = quota
            if entries:
                self._store.book(entries, quotas)
                self._booked |= totals

    def _entries(self, side: Side, spent: Spend, now: datetime) -> Iterator[SpendEntry]:
        subject, step = self._at_work[side]
        known = [(kind.value, part) for kind, part in spent.kinds.items()]
        for kind, part in known or [(UNKNOWN_KIND, spent)]:
            if part.billed or part.requests:
                yield SpendEntry(
                    self._run_id,
                    subject,
                    step,
                    side,
                    kind,
                    part.billed,
                    part.requests,
                    now,
                    now.date(),
                    now.astimezone(self._zone).date(),
                )
