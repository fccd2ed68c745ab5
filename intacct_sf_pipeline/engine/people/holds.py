"""Making holds: what waits for a person, about which record, and the digest by which the same hold is known again.

Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.advice import advised
from intacct_sf_pipeline.engine.planning.merge import HOLD, MET_DIFFERENT
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldDecision, Hold, HoldReason
from intacct_sf_pipeline.model.records import CanonicalRecord, Side


def new_hold(
    entity: EntityMapping,
    side: Side,
    key: str,
    target: Side,
    reason: HoldReason,
    message: str,
    fields: tuple[str, ...] = (),
    state: str = "",
    candidates: tuple[str, ...] = (),
    scores: tuple[float, ...] = (),
) -> Hold:
    """A hold about the record `key` of `side`, with who can mend it and how.

    Only a digest of `state` is kept, never its values.
    """
    digest = state_of(state)
    return advised(Hold(entity.name, side, key, target, reason, message, fields, digest, candidates, scores=scores))


def state_of(text: str) -> str:
    """The digest of what a decision rests on."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def problem_holds(entity: EntityMapping, records: Mapping[Side, CanonicalRecord]) -> list[Hold]:
    """One hold for every value that could not be understood."""
    return [
        new_hold(
            entity,
            side,
            record.key,
            side.other,
            HoldReason.INVALID_VALUE,
            messages.not_understood(entity.by_name[name], side, reason),
            (name,),
            reason,
        )
        for side, record in records.items()
        for name, reason in record.problems.items()
    ]


def conflict_holds(
    entity: EntityMapping, decisions: Sequence[FieldDecision], records: Mapping[Side, CanonicalRecord]
) -> list[Hold]:
    """One hold for every field whose rule leaves a conflict to a person."""
    return [
        new_hold(
            entity,
            Side.INTACCT,
            records[Side.INTACCT].key,
            Side.SALESFORCE,
            HoldReason.CONFLICT,
            messages.conflict(entity.by_name[decision.field], met=decision.reason == MET_DIFFERENT),
            (decision.field,),
            f"{decision.intacct!r}|{decision.salesforce!r}",
        )
        for decision in decisions
        if decision.decision == HOLD
    ]


def unanswered_hold(entity: EntityMapping, side: Side, key: str, others: Sequence[str]) -> Hold:
    """A record that waits because a creation that concerns it got no answer; `others` are what it waits for."""
    message = messages.unanswered(entity, side)
    return new_hold(entity, side, key, side.other, HoldReason.UNANSWERED, message, (), "|".join(others), tuple(others))
