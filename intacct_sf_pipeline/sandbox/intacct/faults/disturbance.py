"""The faults of one request to the loopback Intacct: what happens before, while and after it is served."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from intacct_sf_pipeline.sandbox.faults.plan import Hit, of_kind
from intacct_sf_pipeline.sandbox.faults.records import RecordGate
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.faults.answers import spoiled
from intacct_sf_pipeline.sandbox.intacct.faults.data import happen
from intacct_sf_pipeline.sandbox.intacct.faults.targets import object_of, records_of
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.wire.envelopes import FIRST_ERROR
from intacct_sf_pipeline.sandbox.intacct.wire.messages import ApiRequest, KeyUse, Reply

LATE_SECONDS = 30.0


class Disturbance:
    """What one request meets inside the service; nothing for most."""

    def __init__(self, company: IntacctCompany, hits: tuple[Hit, ...]) -> None:
        """Args: the company and what the request meets."""
        self._company = company
        self._hits = hits
        self.gate = RecordGate(hits)

    @property
    def keys(self) -> KeyUse:
        """How the request's idempotency key is taken."""
        if of_kind(self._hits, "idempotency_ignored"):
            return KeyUse.IGNORED
        return KeyUse.FORGOTTEN if of_kind(self._hits, "idempotency_conflict") else KeyUse.HEEDED

    def start(self) -> None:
        """Lets happen what happens to the clock, whoever asks."""
        for hit in of_kind(self._hits, "clock_jump"):
            self._company.store.clock.jump(hit.rule.seconds or 0.0, hit.rule.lasting)

    @property
    def hits(self) -> tuple[Hit, ...]:
        """All that the request meets."""
        return self._hits

    def has(self, fault: str) -> bool:
        """Whether the request meets a fault of that name."""
        return bool(of_kind(self._hits, fault))

    def strike(self, request: ApiRequest) -> None:
        """Lets happen what happens to the data just before the request is answered. Used under the company's lock."""
        about = object_of(self._company.store.catalog, request.path, request.body) if self._hits else None
        self.meet(records_of(request.method, request.path, request.body), about)

    def meet(self, records: int, about: ObjectSpec | None) -> None:
        """The same for a request of any door that writes so many records and is about that object."""
        self.gate.expect(records)
        for hit in self._hits:
            happen(self._company, hit, about)

    @contextmanager
    def lateness(self) -> Iterator[None]:
        """Hides from queries, for a while, what the block changes."""
        late = of_kind(self._hits, "late")
        if not late:
            yield
            return
        with self._company.store.recorded() as changes:
            yield
        seconds = max(LATE_SECONDS if hit.rule.seconds is None else hit.rule.seconds for hit in late)
        self._company.late.hide(changes, seconds)

    def spoil(self, reply: Reply) -> Reply:
        """The reply as the client gets to see it."""
        if reply.status >= FIRST_ERROR or reply.body is None:
            return reply
        body: object = reply.body
        for hit in self._hits:
            body = spoiled(body, hit)
        return replace(reply, body=body) if isinstance(body, dict | list) and body is not reply.body else reply
