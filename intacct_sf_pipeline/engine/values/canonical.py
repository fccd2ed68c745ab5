"""From a composed record to its canonical form.

Every field normalised, references resolved, match keys computed, scope judged. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from intacct_sf_pipeline.engine.matching.match_form import match_form
from intacct_sf_pipeline.engine.matching.search_keys import search_keys
from intacct_sf_pipeline.engine.values.compose import RawValue, View, raw_value, views
from intacct_sf_pipeline.engine.values.conditions import unmet
from intacct_sf_pipeline.engine.values.normalise import NormaliseContext, ValueNotUnderstoodError, joined, normalise
from intacct_sf_pipeline.engine.values.references import is_unlinked
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType, MatchForm
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import EXTERNAL_ID_RULE, MatchRule
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import RawRecord

_LONGEST_KEY = 200


class Canonicaliser:
    """Turns the raw records of one entity and side into canonical ones.

    `reference` gives the canonical form of a reference field: (entity referred to, key) -> text.
    """

    def __init__(
        self, entity: EntityMapping, side: Side, feed_key: str, *, region: str, reference: Callable[[str, str], str]
    ) -> None:
        self._entity, self._side, self._region, self._reference = entity, side, region, reference
        self._spec = entity.side(side)
        self._fields = sorted(entity.fields, key=lambda spec: spec.currency is not None)  # amounts after currencies
        self._country = next((spec for spec in entity.fields if spec.type is FieldType.COUNTRY), None)
        self._single = tuple(related for related in self._spec.related if not related.many)
        self._feed_key = feed_key

    def records(self, raw: RawRecord, read_at: datetime) -> Iterator[CanonicalRecord]:
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
                yield self._record(view, raw.modified)

    def _record(self, view: View, modified: datetime | None) -> CanonicalRecord:
        context = NormaliseContext(country=None, default_region=self._region)
        values: dict[str, Canonical] = {}
        raw: dict[str, Scalar] = {}
        problems: dict[str, str] = {}
        if self._country is not None:
            country = self._normalised(
                self._country, raw_value(self._country.source(self._side), view), context, problems
            )
            context = NormaliseContext(
                country=country if isinstance(country, str) else None, default_region=self._region
            )
        for spec in self._fields:
            found = raw_value(spec.source(self._side), view)
            here = replace(context, currency=values.get(spec.currency)) if spec.currency else context
            value = self._normalised(spec, found, here, problems)
            if spec.name in problems:
                continue
            values[spec.name] = value
            typed = joined(found)
            if typed != value:
                raw[spec.name] = typed
        raw.update(self._addresses(view))
        raw.update({column: view.first(column) for column in self._spec.deactivate})
        if self._spec.owned_by is not None:
            raw[self._spec.owned_by.column] = view.first(self._spec.owned_by.column)
        refusal = unmet(self._spec.create_when, view.first)
        return CanonicalRecord(
            view.key,
            values,
            raw,
            modified,
            creatable=not refusal,
            scope_reason=f"no partner wanted: {refusal}" if refusal else "",
            match_keys=match_keys(self._entity, values),
            search_keys=search_keys(self._entity, values),
            problems=problems,
        )

    def _normalised(
        self, spec: FieldSpec, found: RawValue, context: NormaliseContext, problems: dict[str, str]
    ) -> Canonical:
        if spec.type is FieldType.REFERENCE:
            return self._reference(spec.to or "", str(found)) if found not in (None, "") else None
        try:
            return normalise(spec, found, self._side, context)
        except ValueNotUnderstoodError as error:
            problems[spec.name] = error.reason
            return None

    def _addresses(self, view: View) -> dict[str, Scalar]:
        """The keys of single related rows, by which a sink changes or moves them."""
        return {
            f"{related.alias}.{column}": value
            for related in self._single
            for row in view.related.get(related.alias, ())[:1]
            for column, value in row.items()
            if value is not None and (column in ("key", "Id") or column.endswith((".key", "Id")))
        }


def match_keys(entity: EntityMapping, values: Mapping[str, Canonical]) -> dict[str, str | None]:
    """The key by which each match rule finds a record of these values; None: the rule cannot apply."""
    return {rule.name: _match_key(entity, rule, values) for rule in entity.match_rules}


def _match_key(entity: EntityMapping, rule: MatchRule, values: Mapping[str, Canonical]) -> str | None:
    parts: list[str] = []
    for name in rule.fields:
        spec, value = entity.by_name[name], values.get(name)
        if spec.type is FieldType.REFERENCE:
            part = value if isinstance(value, str) and not is_unlinked(value) else None
        else:
            part = match_form(spec.type, value, MatchForm.CODE if rule.name == EXTERNAL_ID_RULE else spec.matched_as)
        if not part:
            return None
        parts.append(part)
    key = "|".join(parts)
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
