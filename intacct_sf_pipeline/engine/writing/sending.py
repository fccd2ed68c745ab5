"""Sending the calls of one write-back: each is journaled as open before it leaves, its outcomes are committed as they
come, all of it by the caller's thread.
"""

from __future__ import annotations

from intacct_sf_pipeline.engine.writing.calls import Call
from intacct_sf_pipeline.engine.writing.in_flight import Answer, InFlight
from intacct_sf_pipeline.engine.writing.jobs import is_double
from intacct_sf_pipeline.engine.writing.outcomes import Outcomes
from intacct_sf_pipeline.engine.writing.settle import settle_lines
from intacct_sf_pipeline.engine.writing.tally import Tally
from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.model.plans import LineStatus, PlanLine
from intacct_sf_pipeline.model.records import Side


class Sender:
    """Sends calls and settles what came of them; `flight` is what is under way."""

    def __init__(self, tally: Tally, flight: InFlight) -> None:
        self._tally, self._flight = tally, flight
        self._ctx, self._entity, self._side = tally.ctx, tally.entity, tally.side
        self._doubles: list[PlanLine] = []
        self._fatal: ServiceError | None = None

    def send(self, call: Call) -> bool:
        """Send `call` as soon as there is room for it; false when nothing more is to be sent.

        What must not be sent twice is settled first, while nothing is under way that might touch the same parents.

        Raises:
            LeaseLostError: this run is the one writer no more.
        """
        while not self._flight.has_room_for(call):
            self._take()
        self._settle_doubles()
        if self._fatal is not None or not self._may_spend():
            return False
        self._ctx.store.mark([part.line for part in call.parts], LineStatus.SENT)
        self._ctx.store.may_write(self._entity)
        self._flight.send(call)
        self._take(patiently=False)
        return True

    def drain(self) -> None:
        """Take all answers.

        Raises:
            ServiceError: the one that ended the work.
        """
        while self._flight.open:
            self._take()
        if self._fatal is not None:
            raise self._fatal
        self._settle_doubles()

    def _may_spend(self) -> bool:
        """Whether the budget lets one more call go; near its end nothing is sent that the calls under way may use up.

        A flow that has to wait waits to the end of the run, so that is decided only by what is booked.
        """
        while self._flight.open and not self._ctx.affords(self._entity, {self._side: self._under_way()}):
            self._take()
        return self._fatal is None and self._ctx.waits(self._entity) is None

    def _under_way(self) -> int:
        """The most that the calls under way may cost, on the high side: a contact is a record, its customer's list
        another, and what is asked for in order to write comes on top; a collection may be sent again in parts.
        """
        if self._side is Side.SALESFORCE:
            return 6 * len(self._flight.open)
        return sum(3 * len(call.parts) + 2 for call in self._flight.open)

    def _take(self, *, patiently: bool = True) -> None:
        """Commit answers that are there; `patiently`: at least one."""
        for answer in self._flight.answers(patiently=patiently):
            self._commit(answer)
            if answer.fatal is not None:
                self._fatal = self._fatal or answer.fatal
                self._flight.stop()

    def _commit(self, answer: Answer) -> None:
        by_id = {part.line.line_id: part.line for part in answer.call.parts}
        pairs = [(by_id[outcome.ref], outcome) for outcome in answer.outcomes]
        settled = [(line, outcome) for line, outcome in pairs if not is_double(line, outcome)]
        self._doubles += [line for line, outcome in pairs if is_double(line, outcome)]
        self._ctx.book(self._side)
        self._tally.took(Outcomes(self._ctx, self._entity, self._side).commit(settled), settled)
        self._ctx.progress(f"write {self._side.value} {self._entity.name}", sum(self._tally.counts.values()), None)

    def _settle_doubles(self) -> None:
        """Look up creates that were refused because the record exists, and adopt what is found."""
        while self._doubles:
            while self._flight.open:
                self._take()
            if self._fatal is not None:
                return
            doubles, self._doubles = self._doubles, []
            self._tally.counts["failed"] += settle_lines(self._ctx, self._entity, self._side, doubles, refused=True)
