"""The faults of one request to the loopback Salesforce: what happens before, while and after it is served."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace

from intacct_sf_pipeline.sandbox.faults.plan import Hit, of_kind
from intacct_sf_pipeline.sandbox.faults.records import RecordGate
from intacct_sf_pipeline.sandbox.salesforce.faults.answers import spoiled
from intacct_sf_pipeline.sandbox.salesforce.faults.data import happen
from intacct_sf_pipeline.sandbox.salesforce.faults.files import spoiled_file
from intacct_sf_pipeline.sandbox.salesforce.faults.targets import object_of
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.rest.call import Reply

LATE_SECONDS = 30.0


class Disturbance:
    """What one request meets inside the service; nothing for most. Used under the org's lock."""

    def __init__(self, org: SalesforceOrg, hits: tuple[Hit, ...]) -> None:
        self._org = org
        self.hits = hits
        self.gate = RecordGate(hits)

    def strike(self, segments: Sequence[str], query: Mapping[str, str], raw: bytes) -> None:
        """Lets happen what happens just before the request is answered: to the clock and to the data."""
        if not self.hits:
            return
        for hit in of_kind(self.hits, "clock_jump"):
            self._org.clock.jump(hit.rule.seconds or 0.0, hit.rule.lasting)
        about = object_of(self._org, segments, query, raw)
        for hit in self.hits:
            happen(self._org, hit, about)

    @contextmanager
    def lateness(self) -> Iterator[None]:
        """Hides from queries, for a while, what the block changes."""
        late = of_kind(self.hits, "late")
        if not late:
            yield
            return
        with self._org.db.recorded() as changes:
            yield
        seconds = max(LATE_SECONDS if hit.rule.seconds is None else hit.rule.seconds for hit in late)
        self._org.late.hide(changes, seconds)

    def spoil(self, reply: Reply) -> Reply:
        """The reply as the client gets to see it."""
        if reply.ok and "Sforce-Locator" in reply.headers and reply.raw is not None:
            return self._spoil_file(reply, reply.raw)
        if not reply.ok or reply.body is None:
            return reply
        body = reply.body
        for hit in self.hits:
            body = spoiled(body, hit)
        return reply if body is reply.body else replace(reply, body=body)

    def _spoil_file(self, reply: Reply, content: bytes) -> Reply:
        """The same for a page of rows as a file."""
        headers = dict(reply.headers)
        for hit in self.hits:
            content = spoiled_file(content, headers, hit)
        return replace(reply, raw=content, headers=headers)
