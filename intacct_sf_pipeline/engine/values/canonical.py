"""From a composed record to its canonical form.

Every field normalised, references resolved, match keys computed, scope judged. Pure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from intacct_sf_pipeline.engine.matching.record_keys import RecordKeys
from intacct_sf_pipeline.engine.values.compose import View, raw_value, views
from intacct_sf_pipeline.engine.values.conditions import unmet
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, ValueNotUnderstoodError, joined, normalise
from intacct_sf_pipeline.engine.values.reading import Step, regions, steps
from intacct_sf_pipeline.engine.values.references import reference_fields
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import RawRecord

Reference = Callable[[str, str], str]
"""The canonical form of a reference field: (entity referred to, key) -> text."""


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is done to every record of one variant; `country` is the step of the field that says where it is."""

    steps: tuple[Step, ...]
    country: Step | None


class Canonicaliser:
    """Turns the raw records of one entity and side into canonical ones; made once, used for any number of records."""

    def __init__(self, entity: EntityMapping, side: Side, *, region: str) -> None:
        self._entity, self._side = entity, side
        self._spec = entity.side(side)
        self._plans = {
            variant and variant.name: self._plan(steps(entity, side, variant))
            for variant in (self._spec.variants or (None,))
        }
        country = next((spec for spec in entity.fields if spec.type is FieldType.COUNTRY), None)
        self._region = regions(country, side, region)
        self._single = tuple(related for related in self._spec.related if not related.many)
        self._untouched = (*self._spec.deactivate, *([self._spec.owned_by.column] if self._spec.owned_by else []))
        self._keys = RecordKeys(entity)

    def referred(self, raws: Iterable[RawRecord], read_at: datetime) -> dict[str, set[str]]:
        """The keys that the reference fields of raw records name, by the entity referred to."""
        fields = reference_fields(self._entity)
        wanted: dict[str, set[str]] = {field.to or "": set() for field in fields}
        for raw in raws if fields else ():
            for view in views(self._spec, raw, read_at):
                for field in fields:
                    value = raw_value(field.source(self._side), view)
                    if value not in (None, ""):
                        wanted[field.to or ""].add(str(value))
        return wanted

    def records(self, raw: RawRecord, read_at: datetime, reference: Reference) -> Iterator[CanonicalRecord]:
        """The canonical records a raw one stands for; a row that is gone gives deleted ones.

        A record out of scope comes as a deleted one with its `scope_reason`; callers drop it unless it is linked.
        """
        if raw.row is None:
            names = [variant.name for variant in self._spec.variants]
            for key in [f"{raw.key}|{name}" for name in names] or [raw.key]:
                yield CanonicalRecord(key, {}, modified=raw.modified, deleted=True)
            return
        for view in views(self._spec, raw, read_at):
            outside = unmet(self._spec.in_scope_when, view.first)
            if outside:
                yield CanonicalRecord(
                    view.key, {}, modified=raw.modified, deleted=True, scope_reason=f"out of scope: {outside}"
                )
            else:
                yield self._record(view, raw.modified, reference)

    def _record(self, view: View, modified: datetime | None, reference: Reference) -> CanonicalRecord:
        values: dict[str, Canonical] = {}
        raw: dict[str, Scalar] = {}
        problems: dict[str, str] = {}
        self._read(view, reference, values, raw, problems)
        if self._single:
            raw.update(self._addresses(view))
        for column in self._untouched:
            raw[column] = view.first(column)
        refusal = unmet(self._spec.create_when, view.first)
        return CanonicalRecord(
            view.key,
            values,
            raw,
            modified,
            creatable=not refusal,
            scope_reason=f"no partner wanted: {refusal}" if refusal else "",
            match_keys=self._keys.match(values),
            problems=problems,
            search_keys=self._keys.search(values),
        )

    def _read(
        self,
        view: View,
        reference: Reference,
        values: dict[str, Canonical],
        raw: dict[str, Scalar],
        problems: dict[str, str],
    ) -> None:
        """Fill `values`, what the source says where that differs (`raw`), and what cannot be understood."""
        plan = self._plans[view.variant and view.variant.name]
        row = view.row
        region = self._region(None if plan.country is None else _found(plan.country, view))
        for step in plan.steps:
            name, column, read, by_text, by_place, empty, spec = step
            found = row.get(column) if column is not None else read(view)
            try:
                if found is None:
                    value = empty
                elif type(found) is str and by_text is not None:
                    value = by_text(found)
                elif type(found) is str and by_place is not None:
                    value = by_place(found, region)
                elif spec.type is FieldType.REFERENCE:
                    value = reference(spec.to or "", str(found)) if found != "" else None
                    found = joined(found)
                else:
                    currency = values.get(spec.currency) if spec.currency else None
                    found = joined(found)
                    value = normalise(spec, found, self._side, NormaliseContext(None, region, currency))
            except ValueNotUnderstoodError as error:
                problems[name] = error.reason
                continue
            values[name] = value
            if found != value:
                raw[name] = found

    def _addresses(self, view: View) -> dict[str, Scalar]:
        """The keys of single related rows, by which a sink changes or moves them."""
        return {
            f"{related.alias}.{column}": value
            for related in self._single
            for row in view.related.get(related.alias, ())[:1]
            for column, value in row.items()
            if value is not None and (column in ("key", "Id") or column.endswith((".key", "Id")))
        }

    @staticmethod
    def _plan(steps: tuple[Step, ...]) -> _Plan:
        return _Plan(steps, next((step for step in steps if step.spec.type is FieldType.COUNTRY), None))


def _found(step: Step, view: View) -> Scalar:
    """The raw value of one field, as one scalar."""
    return joined(view.row.get(step.column) if step.column is not None else step.read(view))


def match_keys(entity: EntityMapping, values: Mapping[str, Canonical]) -> dict[str, str | None]:
    """The key by which each match rule finds a record of these values; None: the rule cannot apply."""
    return RecordKeys(entity).match(values)
