"""What people decided about the records of one batch, and which of these decisions are overtaken. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.people.holds import state_of
from intacct_sf_pipeline.engine.planning.merge import HOLD, KEEP
from intacct_sf_pipeline.model.plans import Decision, FieldDecision, HoldReason, Operation, Settlement, Verdict
from intacct_sf_pipeline.model.records import Side

Record = tuple[Side, str]
DECIDED = "decided"
"""The rule of a field whose conflict a person settled."""

_TAKES = {Verdict.TAKE_INTACCT: Side.INTACCT, Verdict.TAKE_SALESFORCE: Side.SALESFORCE}
_AT_WRITE = frozenset({HoldReason.LIMIT})
"""Decisions that the guard asks for after planning; they are overtaken when nothing is planned any more."""


@dataclass(frozen=True, slots=True)
class Answers:
    """Decisions in force, by record; remembers which of them still meant something."""

    taken: Mapping[Record, Sequence[Decision]] = field(default_factory=dict)
    _meant: set[int] = field(default_factory=set)

    def about(self, side: Side, key: str, *reasons: HoldReason, state: str | None = None) -> Decision | None:
        """The latest decision about a record's hold for one of `reasons`; with `state` only one taken on that state."""
        for decision in reversed(self.taken.get((side, key), ())):
            if decision.reason in reasons and state in (None, decision.state):
                if decision.decision_id is not None:
                    self._meant.add(decision.decision_id)
                return decision
        return None

    def settle(self, decisions: Sequence[FieldDecision], key: str) -> tuple[FieldDecision, ...]:
        """Conflicts on which somebody decided, decided so; `key` is the Intacct key, by which conflicts are held."""
        if (Side.INTACCT, key) not in self.taken:
            return tuple(decisions)
        return tuple(self._settled(d, key) if d.decision == HOLD else d for d in decisions)

    def overtaken(self, settlement: Settlement) -> tuple[int, ...]:
        """Ids of decisions about the settlement's records that meant nothing now, or that its link carries out."""
        link = settlement.link
        keys = {
            Side.INTACCT: link.intacct_key if link else settlement.intacct_key,
            Side.SALESFORCE: link.salesforce_id if link else settlement.salesforce_id,
        }
        planned = any(line.operation is not Operation.NONE for line in settlement.lines)
        return tuple(
            decision.decision_id
            for side, key in keys.items()
            for decision in self.taken.get((side, key or ""), ())
            if decision.decision_id is not None and self._is_over(decision, planned=planned, linked=link is not None)
        )

    def _is_over(self, decision: Decision, *, planned: bool, linked: bool) -> bool:
        if decision.reason in _AT_WRITE:
            return not planned
        return linked or decision.decision_id not in self._meant

    def _settled(self, decision: FieldDecision, key: str) -> FieldDecision:
        state = state_of(f"{decision.intacct!r}|{decision.salesforce!r}")
        for answer in reversed(self.taken[Side.INTACCT, key]):
            if answer.reason is HoldReason.CONFLICT and answer.fields == (decision.field,) and answer.state == state:
                if answer.decision_id is not None:
                    self._meant.add(answer.decision_id)
                return _as_decided(decision, answer)
        return decision


def by_whom(decision: Decision) -> str:
    """Who decided, and why, as far as known."""
    who = f" by {decision.decided_by}" if decision.decided_by else ""
    return f"{DECIDED}{who}" + (f": {decision.note}" if decision.note else "")


def is_verdict(reason: str) -> bool:
    """Whether a reason is one that `by_whom` gave."""
    return reason == DECIDED or reason.startswith((f"{DECIDED} by ", f"{DECIDED}: "))


def _as_decided(decision: FieldDecision, answer: Decision) -> FieldDecision:
    winner = _TAKES.get(answer.verdict)
    word = f"to_{winner.other.value}" if winner else KEEP if answer.verdict is Verdict.IGNORE else HOLD
    return FieldDecision(
        decision.field, decision.base, decision.intacct, decision.salesforce, word, DECIDED, by_whom(answer)
    )
