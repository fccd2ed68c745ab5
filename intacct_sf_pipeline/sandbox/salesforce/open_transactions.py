"""Late commits: writes stamped when a transaction began, visible only when it commits.

Source: salesforce.md section 7.2 (why a reader may miss them) and 3.8 (`latestDateCovered` stands behind them).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor

Write = Callable[[Actor], str]


@dataclass(eq=False)
class OpenTransaction:
    """Writes that wait for `commit`. Made by `SalesforceOrg.open_transaction`."""

    actor: Actor
    _create: Callable[[str, Mapping[str, object], Actor], str]
    _update: Callable[[str, str, Mapping[str, object], Actor], None]
    _done: Callable[["OpenTransaction"], None]
    _writes: list[Write] = field(default_factory=list)

    @property
    def started(self) -> str:
        """The stamp its writes will carry."""
        return self.actor.now

    def create(self, sobject: str, values: Mapping[str, object]) -> None:
        """Queues an insert."""
        self._writes.append(lambda actor: self._create(sobject, values, actor))

    def update(self, sobject: str, record_id: str, values: Mapping[str, object]) -> None:
        """Queues an update."""

        def write(actor: Actor) -> str:
            self._update(sobject, record_id, values, actor)
            return record_id

        self._writes.append(write)

    def commit(self) -> list[str]:
        """Makes the writes visible, with the stamp of the beginning; returns the ids in order."""
        ids = [write(self.actor) for write in self._writes]
        self._writes.clear()
        self._done(self)
        return ids

    def rollback(self) -> None:
        """Forgets the writes."""
        self._writes.clear()
        self._done(self)
