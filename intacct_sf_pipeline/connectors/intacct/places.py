"""In which entity of a company Intacct is worked in for the moment, where that is not the connection's own.

Records that belong to an entity are changed in it, with all calls this takes. Source: REST headers guide
(`X-IA-API-Param-Entity`); API sessions (`locationid`); which changes need it is UNCONFIRMED, so all are made so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import groupby

from intacct_sf_pipeline.connectors.outcomes import BatchResult, in_turn
from intacct_sf_pipeline.model.results import WriteRequest

_PLACE: ContextVar[str | None] = ContextVar("place", default=None)
Write = Callable[[Sequence[WriteRequest]], BatchResult]


def place_or(own: str | None) -> str | None:
    """The entity to work in: the one chosen for the moment, else the connection's `own`."""
    return _PLACE.get() or own


def in_their_places(requests: Sequence[WriteRequest], write: Write) -> BatchResult:
    """Write records entity by entity; outcomes stand in the order of the requests."""
    if not any(request.place for request in requests):
        return write(requests)
    ordered = sorted(requests, key=lambda request: request.place or "")
    parts = [(place, list(part)) for place, part in groupby(ordered, key=lambda request: request.place)]

    def step(place: str | None) -> Write:
        def written(part: Sequence[WriteRequest]) -> BatchResult:
            with _working_in(place):
                return write(part)

        return written

    return in_turn(requests, [(part, step(place)) for place, part in parts])


@contextmanager
def _working_in(place: str | None) -> Iterator[None]:
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)
