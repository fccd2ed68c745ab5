"""The keys under which a record is found again by one that is only alike: few per record, each shared by few others.

A telephone number, a postal code; of a name all its words but one, so that a slip of the pen in one word leaves a key
as it is. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import product

from intacct_sf_pipeline.engine.matching.evidence import is_name
from intacct_sf_pipeline.engine.matching.match_form import match_form
from intacct_sf_pipeline.engine.matching.name_words import name_words, undigraphed
from intacct_sf_pipeline.engine.values.references import is_unlinked
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Canonical

_LONGEST_KEY = 48
_MOST_WORDS = 5
_MOST_KEYS = 6


def search_keys(entity: EntityMapping, values: Mapping[str, Canonical]) -> tuple[str, ...]:
    """The search keys of a record with these canonical values; none when the mapping asks for no candidates."""
    if entity.similar is None:
        return ()
    found: dict[str, None] = {}
    for number, names in enumerate(entity.similar.search):
        for parts in _combinations(entity, names, values):
            found[_key(f"{number}:{'|'.join(parts)}")] = None
    return tuple(found)


def _combinations(
    entity: EntityMapping, names: tuple[str, ...], values: Mapping[str, Canonical]
) -> list[tuple[str, ...]]:
    if len(names) == 1 and is_name(entity, names[0]):
        value = values.get(names[0])
        words = name_words(value, entity.by_name[names[0]].matched_as) if isinstance(value, str) else ()
        return [(key,) for key in _all_but_one([undigraphed(word) for word in words])]
    return list(product(*(_parts(entity, name, values.get(name)) for name in names)))[:_MOST_KEYS]


def _parts(entity: EntityMapping, name: str, value: Canonical) -> tuple[str, ...]:
    """What a field adds to a key: the words of a name, the form of anything else."""
    spec = entity.by_name[name]
    if value is None:
        return ()
    if spec.type is FieldType.REFERENCE:
        return () if is_unlinked(str(value)) else (str(value),)
    if is_name(entity, name):
        return tuple(undigraphed(word) for word in name_words(str(value), spec.matched_as) if len(word) > 1)
    form = match_form(spec.type, value, spec.matched_as)
    return (form,) if form else ()


def _all_but_one(words: list[str]) -> list[str]:
    """The words without each of them in turn, sorted; of two words one, and how the other begins."""
    kept = sorted(sorted(set(words), key=lambda word: (-len(word), word))[:_MOST_WORDS])
    if len(kept) <= 1:
        return [word[:5] for word in kept]
    if len(kept) == 2:
        one, other = kept
        return [f"{one} {other[:2]}", f"{other} {one[:2]}"]
    return [" ".join(kept[:left] + kept[left + 1 :]) for left in range(len(kept))]


def _key(text: str) -> str:
    return text if len(text) <= _LONGEST_KEY else text[:8] + hashlib.sha256(text.encode()).hexdigest()[:40]
