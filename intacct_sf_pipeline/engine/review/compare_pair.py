"""The verdict about one linked pair: which fields differ, and what explains it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.planning.deletions import EVERYTHING
from intacct_sf_pipeline.engine.planning.merge import AGREE, KEEP, merge, writes_to
from intacct_sf_pipeline.engine.review.missed import NEVER_SETTLED, Seen
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldDecision
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import Case

EQUAL, EXPLAINED, UNEXPLAINED = "equal", "explained", "unexplained"
ON_HOLD = "on hold"
WAITS = "waits for the next run"
NO_ANSWER = "a write got no answer yet; the next run looks"
Record = tuple[Side, str]


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on which a pair differs, or (`*`) a record without its partner; no values, so that it may be shown
    anywhere. `cause` says why polling had not seen it, where it is unexplained.
    """

    intacct_key: str
    salesforce_id: str
    field: str
    verdict: str
    reason: str
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known about records besides their content: fields on hold, marks of those that wait, open writes, and
    how things stood before the full read (None: whatever waits explains a difference).
    """

    held: Mapping[Record, frozenset[str]] = field(default_factory=dict)
    waiting: Mapping[Record, int] = field(default_factory=dict)
    open_writes: Collection[Record] = ()
    seen: Seen | None = None

    def waits(self, entity: EntityMapping, record: Record) -> bool:
        """Whether the record's decision is due in the next run anyway."""
        token = self.waiting.get(record)
        return token is not None and (self.seen is None or self.seen.waited(entity, token))


def records_of(case: Case) -> list[Record]:
    """Side and key of both records of a linked pair."""
    return [(side, case.link.key(side)) for side in SIDES if case.link is not None]


def judge_pair(entity: EntityMapping, case: Case, known: Known) -> tuple[list[Difference], int]:
    """The differences of a pair, and how many fields were compared."""
    records = records_of(case)
    holds = [known.held[record] for record in records if record in known.held]
    everything = any(not names for names in holds)
    names = frozenset[str]().union(*holds)
    pending = ""
    if any(record in known.open_writes for record in records):
        pending = NO_ANSWER
    elif any(known.waits(entity, record) for record in records):
        pending = WAITS
    intacct, salesforce = case.intacct, case.salesforce
    if intacct is None or salesforce is None or intacct.deleted or salesforce.deleted:
        return _missing(entity, case, known, ON_HOLD if everything else pending), 1
    decisions = merge(entity, intacct, salesforce, case.baseline)
    differences = [
        _difference(entity, case, decision, known, ON_HOLD if everything or decision.field in names else pending)
        for decision in decisions
        if decision.decision != AGREE
    ]
    return differences, len(decisions)


def _missing(entity: EntityMapping, case: Case, known: Known, explanation: str) -> list[Difference]:
    gone = [side for side in SIDES if (record := case.record(side)) is None or record.deleted]
    if len(gone) == len(SIDES):
        return []
    dealt_with = case.baseline is not None and EVERYTHING in case.baseline.accepted
    if dealt_with or entity.links or explanation:
        return [_of(case, EVERYTHING, EXPLAINED, explanation or "gone on one side")]
    return [_of(case, EVERYTHING, UNEXPLAINED, "gone on one side", _cause(entity, case, known, gone[0]))]


def _difference(
    entity: EntityMapping, case: Case, decision: FieldDecision, known: Known, explanation: str
) -> Difference:
    if decision.decision == KEEP:
        return _of(case, decision.field, EXPLAINED, decision.reason)
    if explanation:
        return _of(case, decision.field, EXPLAINED, explanation)
    target = writes_to(decision)
    source = target.other if target is not None else Side.INTACCT
    return _of(case, decision.field, UNEXPLAINED, decision.reason, _cause(entity, case, known, source))


def _cause(entity: EntityMapping, case: Case, known: Known, source: Side) -> str:
    """Why it is not settled: of the record that the change came from, or of the other one if only that was read."""
    if known.seen is None or case.link is None:
        return NEVER_SETTLED
    for side in (source, source.other):
        token = known.waiting.get((side, case.link.key(side)))
        if token is not None:
            return known.seen.why_missed(entity, side, case.record(side), token)
    return NEVER_SETTLED


def _of(case: Case, name: str, verdict: str, reason: str, cause: str = "") -> Difference:
    link = case.link
    return Difference(
        link.intacct_key if link else "", link.salesforce_id if link else "", name, verdict, reason, cause
    )
