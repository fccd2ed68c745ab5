"""What speaks for two records being one, and what against it: field by field, and as a score. Pure."""

from __future__ import annotations

import math

from intacct_sf_pipeline.engine.matching.match_form import match_form
from intacct_sf_pipeline.engine.matching.name_words import name_words, partnership_part
from intacct_sf_pipeline.engine.matching.similarity import NEUTRAL, names_alike, streets_alike, words_alike
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType, MatchForm
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import Compared, MatchRule
from intacct_sf_pipeline.model.records import CanonicalRecord

_NAMES = frozenset({MatchForm.COMPANY, MatchForm.PERSON, MatchForm.TITLE})
_DIFFERS_BELOW = 0.5
_NAMES_DIFFER_BELOW = 0.7
_AGREES_FROM = 0.85
_STEEPNESS = 4
_LAST_DIGITS = 7
_ROUNDING = 1e-9


def contradicts(rule: MatchRule, entity: EntityMapping, one: CanonicalRecord, other: CanonicalRecord) -> bool:
    """Whether what `rule` says of contradictions holds for two records, so that it must not link them."""
    if {part_of_partnership(rule, entity, one), part_of_partnership(rule, entity, other)} == {"gmbh", "kg"}:
        return True
    if any(differs(entity, name, one, other) for name in rule.unless_differs):
        return True
    against = 0
    for name in rule.unless_all_differ:
        alike = agreement(entity, (name,), one, other)
        if alike is not None and alike >= _limit(entity, name):
            return False
        against += alike is not None
    return against > 1


def part_of_partnership(rule: MatchRule, entity: EntityMapping, record: CanonicalRecord) -> str:
    """What the company a rule matches by name may be of a limited partnership (`name_words.partnership_part`)."""
    for name in rule.fields:
        spec, value = entity.by_name[name], record.values.get(name)
        if spec.matched_as is MatchForm.COMPANY and isinstance(value, str):
            return partnership_part(value)
    return ""


def differs(entity: EntityMapping, name: str, one: CanonicalRecord, other: CanonicalRecord) -> bool:
    """Whether both records have the field and it is not the same."""
    alike = agreement(entity, (name,), one, other)
    return alike is not None and alike < _limit(entity, name)


def agreement(
    entity: EntityMapping, names: tuple[str, ...], one: CanonicalRecord, other: CanonicalRecord
) -> float | None:
    """How much two records agree in a field (or several, read as one text): 0 to 1; None when one of them lacks it."""
    first = entity.by_name[names[0]]
    a, b = _text(names, one), _text(names, other)
    if not a or not b:
        return None
    if a == b:
        return 1.0
    if first.type is FieldType.TEXT:
        return _texts_alike(first.matched_as, a, b)
    if first.type is FieldType.STREET:
        return streets_alike(a, b)
    return _values_alike(first, a, b)


def is_name(entity: EntityMapping, name: str) -> bool:
    """Whether the field is the name of something."""
    spec = entity.by_name[name]
    return spec.type is FieldType.TEXT and spec.matched_as in _NAMES


def score(
    entity: EntityMapping, one: CanonicalRecord, other: CanonicalRecord, *, at_least: float = 0.0
) -> float | None:
    """How likely two records are one (0 to 1) by what the mapping compares.

    None when the mapping says nothing of that, or when the score cannot reach `at_least` any more.
    """
    if entity.similar is None:
        return None
    points, wanted = entity.similar.prior, -math.inf
    if at_least > 0:
        wanted = math.log(at_least / (1 - at_least)) - sum(entry.agree for entry in entity.similar.compare)
    for entry in entity.similar.compare:
        points += _points(entity, entry, one, other)
        wanted += entry.agree
        if points < wanted - _ROUNDING:
            return None
    return 1 / (1 + math.exp(-points))


def _points(entity: EntityMapping, entry: Compared, one: CanonicalRecord, other: CanonicalRecord) -> float:
    alike = agreement(entity, entry.fields, one, other)
    if alike is None:
        return 0.0
    if is_name(entity, entry.fields[0]):
        # Steep: a name that is nearly the same is worth much, one that is half the same speaks against it.
        return entry.differ + (entry.agree - entry.differ) * alike**_STEEPNESS
    if alike >= _AGREES_FROM:
        return entry.agree
    return entry.differ if alike < _DIFFERS_BELOW else 0.0


def _limit(entity: EntityMapping, name: str) -> float:
    return _NAMES_DIFFER_BELOW if is_name(entity, name) else _DIFFERS_BELOW


def _text(names: tuple[str, ...], record: CanonicalRecord) -> str:
    if len(names) == 1:
        value = record.values.get(names[0])
        return "" if value is None else str(value)
    values = (record.values.get(name) for name in names)
    return " ".join(str(value) for value in values if value is not None)


def _texts_alike(form: MatchForm, one: str, other: str) -> float:
    if form in _NAMES:
        return names_alike(name_words(one, form), name_words(other, form), form)
    if form is MatchForm.CODE:
        return float(match_form(FieldType.TEXT, one, form) == match_form(FieldType.TEXT, other, form))
    return words_alike(one, other)


def _values_alike(spec: FieldSpec, one: str, other: str) -> float:
    a, b = match_form(spec.type, one), match_form(spec.type, other)
    if not a or not b or a == b:
        return 1.0 if a == b else NEUTRAL
    if spec.type is FieldType.POSTAL_CODE and min(len(a), len(b)) >= 3 and (a.startswith(b) or b.startswith(a)):
        return NEUTRAL  # an outward code, or one cut short
    if spec.type is FieldType.PHONE and not (a[0] == b[0] == "+") and a[-_LAST_DIGITS:] == b[-_LAST_DIGITS:]:
        return NEUTRAL  # one of them was not understood as a number of its country
    return 0.0
