"""The values an undo deals in: what the journal says was there, read as both sides compare it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.engine.planning.deletions import EVERYTHING
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, normalise
from intacct_sf_pipeline.engine.values.render import render
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Accepted, Baseline, JournalEntry
from intacct_sf_pipeline.model.records import Canonical, Scalar, Side

_OPPOSITE = {"inactive": "active"}
"""What a status was before it was set, where the journal does not say (Source: Intacct REST, `status` of objects)."""


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads raw values of one side as canonical ones.

    `reference` gives the canonical form of a reference: (entity referred to, key) -> text.
    """

    entity: EntityMapping
    side: Side
    region: str
    reference: Callable[[str, str], str]

    def canonical(self, spec: FieldSpec, raw: Scalar, country: Canonical) -> Canonical:
        """The canonical value of `raw` in a record of `country`.

        Raises:
            ValueNotUnderstoodError: it is not of the field's type.
        """
        if raw is None or raw == "":
            return None
        if spec.type is FieldType.REFERENCE:
            return self.reference(spec.to or "", str(raw))
        return normalise(spec, raw, self.side, NormaliseContext(country, self.region))


def chain(entries: Sequence[JournalEntry], canonical: Callable[[Scalar], Canonical]) -> tuple[Scalar, Scalar]:
    """What a field held before a run wrote it, and what it wrote last; `entries` oldest first.

    A field written twice goes back to what it held first, unless somebody changed it between the two writes: then the
    last write alone is undone.
    """
    before, after = entries[-1].before, entries[-1].after
    for older in reversed(entries[:-1]):
        if canonical(older.after) != canonical(before):
            break
        before = older.before
    return before, after


def as_before(spec: FieldSpec, raw: Scalar, canonical: Canonical, side: Side) -> Scalar | tuple[Scalar, ...]:
    """What to write so that the side holds `raw` again: as it was, spread over the field's columns."""
    columns = spec.source(side).write_columns
    if len(columns) > 1 or spec.type is FieldType.DATETIME:
        return render(spec, canonical, raw, side, len(columns))
    return raw


def base_of(baseline: Baseline | None, name: str, side: Side, otherwise: Canonical = None) -> Canonical:
    """What `side` held when both were last looked at."""
    if baseline is None:
        return otherwise
    kept = baseline.accepted.get(name)
    if kept is not None:
        return kept.intacct if side is Side.INTACCT else kept.salesforce
    return baseline.values.get(name, otherwise)


def accepted(side: Side, here: Canonical, there: Canonical, reason: str) -> Accepted:
    """The difference between what `side` holds and what the other one does."""
    return Accepted(here, there, reason) if side is Side.INTACCT else Accepted(there, here, reason)


def deactivating(entity: EntityMapping, side: Side) -> dict[str, tuple[str, str | bool]]:
    """Column and value of each change that deactivates a record, by the change's name in plans and journal."""
    columns = entity.side(side).deactivate.items()
    return {f"{EVERYTHING}.{c}" if at else EVERYTHING: (c, value) for at, (c, value) in enumerate(columns)}


def before_deactivation(entry: JournalEntry) -> Scalar:
    """What a deactivated column held before; None when nobody can tell."""
    if entry.before is not None:
        return entry.before
    if isinstance(entry.after, bool):
        return not entry.after
    return _OPPOSITE.get(str(entry.after))


def same_text(one: object, other: object) -> bool:
    """Whether two raw values of a column without a mapped field are the same."""
    return str(one).casefold() == str(other).casefold()
