"""What an undo puts back of one record, and what it leaves, with the reason. Pure.

A field is put back when it still holds what the run wrote, compared in canonical form. The other side keeps its newer
value: the difference is accepted in the baseline until one of the two changes again, or no tick would leave it alone.
A created record is deactivated where the mapping says how, never deleted. The external id stays as long as its link.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from intacct_sf_pipeline.engine.planning.deletions import EVERYTHING, is_about_deletion
from intacct_sf_pipeline.engine.planning.lines import LineMaker
from intacct_sf_pipeline.engine.planning.merge import compared
from intacct_sf_pipeline.engine.review.undo_values import (
    Reading,
    accepted,
    as_before,
    base_of,
    before_deactivation,
    chain,
    deactivating,
    same_text,
)
from intacct_sf_pipeline.engine.values.normalise import ValueNotUnderstoodError
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.history import Undo, WrittenRecord
from intacct_sf_pipeline.model.plans import Accepted, Baseline, FieldChange, JournalEntry, Operation, PlanLine
from intacct_sf_pipeline.model.records import SIDES, Canonical, CanonicalRecord, Link, Side
from intacct_sf_pipeline.model.results import ObjectSchema

PUT_BACK, LEFT, ALREADY = "undo", "undo: left", "undo: nothing left"
"""The rule of a change: to be written, not written for the reason given, or not needed any more."""

DELETED = "the record is deleted"
NO_PARTNER = "the record is no longer linked"
NOT_WRITABLE = "cannot be written"
NOT_MAPPED = "no longer mapped"
NO_VALUE = "no value before"
NOT_UNDERSTOOD = "cannot be written: the value before is not understood"
LINK_KEEPS_IT = "the link needs it"
BY_HAND = "created by this run; deactivate it by hand"
CREATED = "created by this run: no value before"
EDITED = "edited since"


@dataclass(frozen=True, slots=True)
class Undoing:
    """A record that a run wrote, and how it stands now.

    `record` is None when it is gone; `later` names, by field, the last run that wrote it since.
    """

    written: WrittenRecord
    link: Link | None
    record: CanonicalRecord | None
    baseline: Baseline | None = None
    later: Mapping[str, str] = field(default_factory=dict)

    def changed_since(self, name: str) -> str:
        """Why a field does not hold what the run wrote."""
        return f"written again by run {self.later[name]}" if name in self.later else EDITED


@dataclass(frozen=True, slots=True)
class UndoPlanner:
    """Plans the undo of one entity on one side."""

    lines: LineMaker
    undo: Undo
    reading: Reading
    schema: ObjectSchema

    @property
    def side(self) -> Side:
        """The side to be written."""
        return self.reading.side

    @property
    def reason(self) -> str:
        """Why a difference that an undo leaves is no difference to be settled."""
        return f"undone: run {self.undo.undoes}"

    def plan(self, undoing: Undoing) -> list[PlanLine]:
        """A line for what is written to the record, and one that says why the rest is not."""
        created = undoing.written.created
        changes = list(self._created(undoing) if created else self._fields(undoing))
        back = [change for change in changes if change.rule == PUT_BACK]
        rest = [change for change in changes if change.rule != PUT_BACK]
        lines: list[PlanLine] = []
        if back and undoing.link is not None:
            operation = Operation.DEACTIVATE if created else Operation.UPDATE
            lines.append(self.lines.linked(self.side, operation, undoing.link, back))
        if rest:
            keys = {self.side: undoing.written.key}
            if undoing.link is not None:
                keys = {side: undoing.link.key(side) for side in SIDES}
            records = {side: CanonicalRecord(key, {}) for side, key in keys.items()}
            line = self.lines.line(self.side, Operation.NONE, records, rest)
            lines.append(replace(line, line_id=f"{line.line_id}#left"))
        return lines

    # --- fields of a record that was there before ----------------------------------------------------------------
    def _fields(self, undoing: Undoing) -> Iterator[FieldChange]:
        fields = undoing.written.by_field()
        names = [name for name in fields if self.undo.field in (None, name)]
        # The country first: phone numbers, states and postal codes are read by it.
        names.sort(key=lambda name: not self._is_country(name))
        country = self._country_now(undoing)
        for name in names:
            entries = fields[name]
            if is_about_deletion(name):
                yield self._status(undoing, name, entries)
                continue
            spec = self.lines.entity.by_name.get(name)
            if spec is None:
                yield _kept(name, entries, NOT_MAPPED)
            elif not spec.stamp:
                change = self._field(undoing, spec, entries, country)
                yield change
                if self._is_country(name) and change.rule == PUT_BACK:
                    country = change.canonical

    def _field(
        self, undoing: Undoing, spec: FieldSpec, entries: Sequence[JournalEntry], country: Canonical
    ) -> FieldChange:
        refusal = self._refusal(undoing, spec)
        record = undoing.record
        if refusal or record is None:
            return _kept(spec.name, entries, refusal or DELETED)
        now = self._country_now(undoing)
        try:
            before, after = chain(entries, lambda raw: self.reading.canonical(spec, raw, now))
            wrote = self.reading.canonical(spec, after, now)
            restored = self.reading.canonical(spec, before, country)
        except ValueNotUnderstoodError:
            return _kept(spec.name, entries, NOT_UNDERSTOOD)
        holds = record.values.get(spec.name)
        if spec.name not in record.problems and holds == restored:
            by = undoing.later.get(spec.name)
            return _kept(spec.name, entries, f"put back by run {by}" if by else "holds the value before", ALREADY)
        if spec.name in record.problems or holds != wrote:
            return _kept(spec.name, entries, undoing.changed_since(spec.name))
        if restored is None and spec.required:
            return _kept(spec.name, entries, NO_VALUE)
        there = base_of(undoing.baseline, spec.name, self.side.other, wrote)
        return FieldChange(
            spec.name,
            record.raw_value(spec.name),
            as_before(spec, before, restored, self.side),
            restored,
            PUT_BACK,
            self.reason,
            spec.source(self.side).write_columns,
            None if there == restored else accepted(self.side, restored, there, self.reason),
        )

    def _refusal(self, undoing: Undoing, spec: FieldSpec) -> str:
        """Why the field is not even looked at; empty when it is."""
        columns = spec.source(self.side).write_columns
        known = [schema for column in columns if (schema := self.schema.columns.get(column)) is not None]
        if undoing.record is None:
            return DELETED
        if undoing.link is None:
            return NO_PARTNER
        if self.side is Side.SALESFORCE and self.lines.entity.salesforce.external_id in columns:
            return LINK_KEEPS_IT
        if not spec.direction.writes(self.side) or spec.create_only or any(not schema.updatable for schema in known):
            return NOT_WRITABLE
        return ""

    def _status(self, undoing: Undoing, name: str, entries: Sequence[JournalEntry]) -> FieldChange:
        """Takes a deactivation (or an earlier undo of one) back; that the partner is gone stays dealt with."""
        newest, record = entries[-1], undoing.record
        column = deactivating(self.lines.entity, self.side).get(name, ("", ""))[0]
        if record is None or undoing.link is None or not column:
            why = DELETED if record is None else NO_PARTNER if undoing.link is None else NOT_MAPPED
            return _kept(name, entries, why)
        before, now = before_deactivation(newest), record.raw_value(column)
        if before is None:
            return _kept(name, entries, NO_VALUE)
        if same_text(now, before):
            return _kept(name, entries, "holds the value before", ALREADY)
        if not same_text(now, newest.after):
            return _kept(name, entries, undoing.changed_since(name))
        remembered = Accepted(None, None, self.reason) if newest.rule == "deleted" else None
        return FieldChange(name, now, before, None, PUT_BACK, self.reason, (column,), remembered)

    # --- a record that the run created -----------------------------------------------------------------------------
    def _created(self, undoing: Undoing) -> Iterator[FieldChange]:
        columns = deactivating(self.lines.entity, self.side)
        entries = undoing.written.entries
        if self.undo.field is not None:
            about = [entry for entry in entries if entry.field == self.undo.field]
            if about:
                yield _kept(self.undo.field, about, CREATED)
            return
        record = undoing.record
        if record is not None and columns and all(same_text(record.raw_value(c), v) for c, v in columns.values()):
            yield _whole("deactivated already", ALREADY)
            return
        refusal = self._refusal_of_created(undoing) if columns else BY_HAND
        if record is None:
            refusal = DELETED
        if refusal or record is None:
            yield _whole(refusal)
            return
        for name, (column, value) in columns.items():
            yield self._deactivated(undoing, record, name, column, value)

    def _refusal_of_created(self, undoing: Undoing) -> str:
        """Why a created record is not deactivated: somebody has worked on it since."""
        record = undoing.record
        if undoing.link is None or record is None:
            return NO_PARTNER
        later = [run for name, run in undoing.later.items() if not is_about_deletion(name)]
        if later:
            return f"written again by run {later[-1]}"
        for spec in self.lines.entity.fields:
            if compared(spec) and spec.name not in record.problems:
                base = base_of(undoing.baseline, spec.name, self.side)
                if record.values.get(spec.name) != base and spec.direction.writes(self.side):
                    return f"{EDITED}: {spec.name}"
        return ""

    def _deactivated(
        self, undoing: Undoing, record: CanonicalRecord, name: str, column: str, value: str | bool
    ) -> FieldChange:
        spec = next((s for s in self.lines.entity.fields if s.source(self.side).write_columns == (column,)), None)
        now = record.raw_value(column)
        if spec is None:
            return FieldChange(name, now, value, None, PUT_BACK, self.reason, (column,))
        here = self.reading.canonical(spec, value, None)
        there = base_of(undoing.baseline, spec.name, self.side.other, record.values.get(spec.name))
        kept = None if here == there else accepted(self.side, here, there, self.reason)
        return FieldChange(spec.name, record.raw_value(spec.name), value, here, PUT_BACK, self.reason, (column,), kept)

    # --- the record's country ----------------------------------------------------------------------------------------
    def _is_country(self, name: str) -> bool:
        spec = self.lines.entity.by_name.get(name)
        return spec is not None and spec.type is FieldType.COUNTRY

    def _country_now(self, undoing: Undoing) -> Canonical:
        names = [spec.name for spec in self.lines.entity.fields if spec.type is FieldType.COUNTRY]
        return undoing.record.values.get(names[0]) if names and undoing.record is not None else None


def _kept(name: str, entries: Sequence[JournalEntry], reason: str, rule: str = LEFT) -> FieldChange:
    """A change that is not made: from what the run wrote to what was there before."""
    return FieldChange(name, entries[-1].after, entries[0].before, None, rule, reason)


def _whole(reason: str, rule: str = LEFT) -> FieldChange:
    return FieldChange(EVERYTHING, None, None, None, rule, reason)
