"""Calls under way at once, each in a thread that only sends; who takes their answers has the database for himself.

The number is bounded, and calls that clash (`calls.py`) never fly together. When the work ends early, by a fault or
because somebody stops it, a call under way sends no further request, and leaving the block waits for it: nothing is
sent behind the back of a run that has ended.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from types import TracebackType

from intacct_sf_pipeline.engine.writing.calls import Call
from intacct_sf_pipeline.engine.writing.worker import working
from intacct_sf_pipeline.model.errors import ServiceError
from intacct_sf_pipeline.model.results import WriteOutcome, WriteRequest

Write = Callable[[Sequence[WriteRequest]], Iterable[Sequence[WriteOutcome]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a call; `fatal` is the error that makes further calls pointless for now."""

    call: Call
    outcomes: Sequence[WriteOutcome]
    fatal: ServiceError | None = None


class InFlight:
    """Sends calls by `write`, at most `most` at once; one at a time is sent by the caller's own thread."""

    def __init__(self, write: Write, most: int) -> None:
        self._write, self._most = write, most
        self._stopped = threading.Event()
        self._open: dict[Future[Answer], Call] = {}
        self._pool = ThreadPoolExecutor(most, "write") if most > 1 else None

    def __enter__(self) -> InFlight:
        """Begin; nothing is under way."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop, and wait for the requests under way."""
        self.stop()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    @property
    def open(self) -> Sequence[Call]:
        """The calls whose answers were not taken yet."""
        return tuple(self._open.values())

    def has_room_for(self, call: Call) -> bool:
        """Whether `call` may be sent now."""
        return len(self._open) < self._most and not any(call.clashes(other) for other in self._open.values())

    def send(self, call: Call) -> None:
        """Send `call`, for which there is room."""
        context = copy_context()  # leave to send, and where records are written, are the caller's
        if self._pool is not None:
            self._open[self._pool.submit(context.run, self._sent, call)] = call
            return
        done: Future[Answer] = Future()
        self._open[done] = call
        done.set_result(context.run(self._sent, call))

    def answers(self, *, patiently: bool) -> list[Answer]:
        """Answers that are there; `patiently`: at least one, if any call is under way.

        Raises:
            BaseException: what a call raised that is no fault of the service; the other calls are still under way.
        """
        if patiently and self._open:
            wait(self._open, return_when=FIRST_COMPLETED)
        done = [future for future in self._open if future.done()]
        found = []
        for future in done:
            if future.exception() is None:
                found.append(future.result())
                del self._open[future]
            else:
                self.stop()
        if not found and done:
            del self._open[done[0]]
            done[0].result()
        return found

    def stop(self) -> None:
        """Let calls under way send no further request."""
        self._stopped.set()

    def _sent(self, call: Call) -> Answer:
        outcomes: list[WriteOutcome] = []
        with working(lambda: not self._stopped.is_set()):
            try:
                for part in self._write(call.requests):
                    outcomes += part
            except ServiceError as error:
                return Answer(call, outcomes, error)
        return Answer(call, outcomes)
