"""The keys of a record: by which each match rule finds it, and under which one that is only alike does.

Most rules and searches look at the same few fields, so the form of each is worked out once per record.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from intacct_sf_pipeline.engine.matching.match_form import form_of_text, match_form
from intacct_sf_pipeline.engine.matching.search_keys import SearchKeys
from intacct_sf_pipeline.engine.values.references import is_unlinked
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType, MatchForm
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import EXTERNAL_ID_RULE
from intacct_sf_pipeline.model.records import Canonical

_LONGEST_KEY = 200
_Form = Callable[[Canonical], str | None]


class RecordKeys:
    """The keys of the records of one entity; made once, used for any number of records."""

    def __init__(self, entity: EntityMapping) -> None:
        places: dict[tuple[str, MatchForm], int] = {}
        self._rules: list[tuple[str, tuple[int, ...]]] = []
        for rule in entity.match_rules:
            by_code = rule.name == EXTERNAL_ID_RULE
            forms = [(name, MatchForm.CODE if by_code else entity.by_name[name].matched_as) for name in rule.fields]
            self._rules.append((rule.name, tuple([places.setdefault(form, len(places)) for form in forms])))
        self._parts = [(name, _form(entity.by_name[name], form)) for name, form in places]
        self._search = SearchKeys(entity)

    def match(self, values: Mapping[str, Canonical]) -> dict[str, str | None]:
        """The key by which each match rule finds a record of these values; None: the rule cannot apply."""
        parts = [form(values.get(name)) for name, form in self._parts]
        keys: dict[str, str | None] = {}
        for rule, places in self._rules:
            found = [part for place in places if (part := parts[place])]
            keys[rule] = _key(found) if len(found) == len(places) else None
        return keys

    def search(self, values: Mapping[str, Canonical]) -> tuple[str, ...]:
        """The keys under which a record that is only alike finds one of these values."""
        return self._search.of(values)


def _form(spec: FieldSpec, form: MatchForm) -> _Form:
    if spec.type is FieldType.REFERENCE:
        return _linked
    of_text = form_of_text(spec.type, form)
    return lambda value: of_text(value) if type(value) is str else match_form(spec.type, value, form)


def _linked(value: Canonical) -> str | None:
    return value if isinstance(value, str) and not is_unlinked(value) else None


def _key(parts: list[str]) -> str:
    key = "|".join(parts)
    return key if len(key) <= _LONGEST_KEY else hashlib.sha256(key.encode()).hexdigest()
