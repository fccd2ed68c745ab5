"""Pairs of which one record is gone: deactivate the other, ask, or leave it; and taking that back when it returns.

Pure.

A deactivation is remembered in the baseline under `*`, with what the columns held before, so that it is done once and
can be withdrawn. Nothing is ever deleted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.answers import Answers, by_whom, is_verdict
from intacct_sf_pipeline.engine.people.holds import new_hold
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import (
    Accepted,
    Baseline,
    FieldChange,
    Hold,
    HoldReason,
    Operation,
    Settlement,
    Verdict,
)
from intacct_sf_pipeline.model.records import SIDES, Canonical, CanonicalRecord, Link, Scalar, Side

EVERYTHING = "*"
"""Name under which a baseline remembers that a missing partner was dealt with; further columns are `*.column`."""
RESTORED = "reappeared"
"""The rule by which a deactivation is taken back."""

_REASONS = (HoldReason.DELETED, HoldReason.OUT_OF_SCOPE, HoldReason.MERGED)


@dataclass(frozen=True, slots=True)
class Gone:
    """A linked pair without its record on `side`; `merged` names the surviving record, if it has a partner itself."""

    link: Link
    side: Side
    records: Mapping[Side, CanonicalRecord | None]
    baseline: Baseline | None
    merged: str | None = None

    @property
    def partner(self) -> CanonicalRecord | None:
        """The record that is still there."""
        return self.records[self.side.other]

    @property
    def why(self) -> str:
        """Why a record that exists does not count, if that is so."""
        record = self.records[self.side]
        return record.scope_reason if record is not None else ""


def missing_side(records: Mapping[Side, CanonicalRecord | None]) -> Side | None:
    """The one side whose record is known to be gone; None when both are there, or both gone, or one was never read."""
    gone = [side for side in SIDES if (record := records[side]) is not None and record.deleted]
    return gone[0] if len(gone) == 1 and records[gone[0].other] is not None else None


def settle_gone(lines: LineMaker, gone: Gone, answers: Answers, *, deactivate: bool) -> Settlement:
    """What becomes of the partner.

    Deactivated (by policy or decision), held for a person, or left as decided before.
    """
    link, baseline = gone.link, gone.baseline
    if was_deactivated(baseline, gone.side.other):
        return lines.nothing(link, _because(gone.side))
    hold = _hold(lines.entity, gone)
    answer = answers.about(gone.side, link.key(gone.side), *_REASONS)
    if answer is not None and answer.verdict is Verdict.IGNORE:
        left = Accepted(None, None, by_whom(answer))
        kept = Baseline(
            baseline.values if baseline else {}, {**(baseline.accepted if baseline else {}), EVERYTHING: left}
        )
        return replace(lines.nothing(link, left.reason), baseline=kept)
    approved = answer is not None and answer.verdict is Verdict.APPROVE
    can_deactivate = bool(lines.entity.side(gone.side.other).deactivate) and gone.partner is not None
    if can_deactivate and (approved or (deactivate and not gone.why and gone.merged is None)):
        return _deactivate(lines, gone)
    return replace(lines.nothing(link, "gone on one side", (hold,)), baseline=without_verdict(baseline))


def without_verdict(baseline: Baseline | None) -> Baseline | None:
    """The baseline without what a person once decided about a missing partner; None when nothing of it stands there.

    The decision was withdrawn, or the partner is there again.
    """
    left = baseline.accepted.get(EVERYTHING) if baseline else None
    if baseline is None or left is None or not is_verdict(left.reason):
        return None
    return Baseline(baseline.values, {n: a for n, a in baseline.accepted.items() if n != EVERYTHING})


def restored(
    entity: EntityMapping, baseline: Baseline | None, records: Mapping[Side, CanonicalRecord]
) -> dict[Side, list[FieldChange]]:
    """What a deactivation changed, put back because the record it followed is there again.

    Columns that somebody else changed meanwhile, or that a mapped field takes care of, are left alone.
    """
    changes: dict[Side, list[FieldChange]] = {side: [] for side in SIDES}
    if baseline is None or EVERYTHING not in baseline.accepted:
        return changes
    for target in SIDES:
        if not was_deactivated(baseline, target):
            continue
        mapped = {
            c for spec in entity.fields if spec.direction.writes(target) for c in spec.source(target).write_columns
        }
        for name, column, wrote in _columns(entity, target):
            remembered = baseline.accepted.get(name) if baseline else None
            before = _of(remembered, target) if remembered else None
            now = records[target].raw_value(column)
            if before is None or column in mapped or _text(now) != _text(wrote) or _text(before) == _text(wrote):
                continue
            reason = f"there again in {target.other.value}"
            changes[target].append(FieldChange(name, now, before, None, RESTORED, reason, (column,)))
    return changes


def was_deactivated(baseline: Baseline | None, target: Side) -> bool:
    """Whether the record of `target` was deactivated because its partner went."""
    remembered = baseline.accepted.get(EVERYTHING) if baseline else None
    return remembered is not None and remembered.reason.startswith((_because(target.other), _left(target.other)))


def is_about_deletion(name: str) -> bool:
    """Whether a name in `Baseline.accepted` (or of a change) is that of a deactivation."""
    return name == EVERYTHING or name.startswith(f"{EVERYTHING}.")


def _deactivate(lines: LineMaker, gone: Gone) -> Settlement:
    target, partner = gone.side.other, gone.partner
    reason = _because(gone.side) if not gone.why and gone.merged is None else _approved(gone)
    changes = []
    for name, column, value in _columns(lines.entity, target):
        before = partner.raw_value(column) if partner else None
        slots: dict[Side, Canonical] = {target: _plain(before), target.other: None}
        accepted = Accepted(slots[Side.INTACCT], slots[Side.SALESFORCE], reason)
        changes.append(FieldChange(name, before, value, None, "deleted", reason, (column,), accepted))
    line = lines.linked(target, Operation.DEACTIVATE, gone.link, changes)
    return Settlement(lines.entity.name, gone.link.intacct_key, gone.link.salesforce_id, (line,), reason=reason)


def _hold(entity: EntityMapping, gone: Gone) -> Hold:
    side = gone.side
    if gone.merged is not None:
        reason, message = HoldReason.MERGED, messages.merged(entity, side)
    elif gone.why:
        reason, message = HoldReason.OUT_OF_SCOPE, messages.deleted(side, gone.why)
    else:
        reason, message = HoldReason.DELETED, messages.deleted(side, "")
    hold = new_hold(entity, side, gone.link.key(side), side.other, reason, message, (), gone.merged or gone.why)
    return hold if gone.merged is None else replace(hold, watched=(gone.merged,))


def _columns(entity: EntityMapping, target: Side) -> list[tuple[str, str, str | bool]]:
    """Name of the change, column and value of each column that deactivates a record."""
    found = entity.side(target).deactivate.items()
    return [
        (EVERYTHING if not at else f"{EVERYTHING}.{column}", column, value) for at, (column, value) in enumerate(found)
    ]


def _because(side: Side) -> str:
    return f"deleted in {side.value}"


def _left(side: Side) -> str:
    return f"no longer there in {side.value}"


def _approved(gone: Gone) -> str:
    why = gone.why or f"merged into {gone.merged}"
    return f"{_left(gone.side)} ({why}); approved by a person"


def _of(accepted: Accepted, side: Side) -> Canonical:
    return accepted.intacct if side is Side.INTACCT else accepted.salesforce


def _plain(value: Scalar) -> Canonical:
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _text(value: Scalar) -> str:
    return str(value).casefold()
