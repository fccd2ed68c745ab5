"""The keys under which a record is found again by one that is only alike: few per record, each shared by few others.

A telephone number, a postal code; of a name all its words but one, so that a slip of the pen in one word leaves a key
as it is. Pure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice, product

from intacct_sf_pipeline.engine.matching.evidence import is_name
from intacct_sf_pipeline.engine.matching.match_form import match_form
from intacct_sf_pipeline.engine.matching.name_words import name_words, undigraphed
from intacct_sf_pipeline.engine.values.references import is_unlinked
from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Canonical

_LONGEST_KEY = 48
_MOST_WORDS = 5
_MOST_KEYS = 6
_Parts = Callable[[Mapping[str, Canonical]], tuple[str, ...]]
_Texts = Callable[[Mapping[str, Canonical]], Sequence[str]]


class SearchKeys:
    """The search keys of the records of one entity; made once, used for any number of records."""

    def __init__(self, entity: EntityMapping) -> None:
        searched = entity.similar.search if entity.similar is not None else ()
        self._searches = [
            (f"{number}:", _whole_name(entity.by_name[names[0]]))
            if len(names) == 1 and is_name(entity, names[0])
            else (f"{number}:", _combined([_parts(entity, name) for name in names]))
            for number, names in enumerate(searched)
        ]

    def of(self, values: Mapping[str, Canonical]) -> tuple[str, ...]:
        """The search keys of a record with these canonical values; none when the mapping asks for no candidates."""
        found: dict[str, None] = {}
        for prefix, texts in self._searches:
            for text in texts(values):
                found[_key(prefix + text)] = None
        return tuple(found)


def search_keys(entity: EntityMapping, values: Mapping[str, Canonical]) -> tuple[str, ...]:
    """The search keys of a record with these canonical values; none when the mapping asks for no candidates."""
    return SearchKeys(entity).of(values)


def _whole_name(spec: FieldSpec) -> _Texts:
    """Of a name that is searched by itself: its words, all but one."""

    def texts(values: Mapping[str, Canonical]) -> list[str]:
        value = values.get(spec.name)
        words = name_words(value, spec.matched_as) if isinstance(value, str) else ()
        return _all_but_one([undigraphed(word) for word in words])

    return texts


def _combined(parts: Sequence[_Parts]) -> _Texts:
    """Of one or several fields: each combination of what they add."""
    if len(parts) == 1:
        (only,) = parts
        return lambda values: only(values)[:_MOST_KEYS]

    def texts(values: Mapping[str, Canonical]) -> list[str]:
        combinations = product(*[part(values) for part in parts])
        return ["|".join(combination) for combination in islice(combinations, _MOST_KEYS)]

    return texts


def _parts(entity: EntityMapping, name: str) -> _Parts:
    """What a field adds to a key: the words of a name, the form of anything else."""
    spec, named = entity.by_name[name], is_name(entity, name)

    def parts(values: Mapping[str, Canonical]) -> tuple[str, ...]:
        value = values.get(name)
        if value is None:
            return ()
        if spec.type is FieldType.REFERENCE:
            return () if is_unlinked(str(value)) else (str(value),)
        if named:
            return tuple([undigraphed(word) for word in name_words(str(value), spec.matched_as) if len(word) > 1])
        form = match_form(spec.type, value, spec.matched_as)
        return (form,) if form else ()

    return parts


def _all_but_one(words: list[str]) -> list[str]:
    """The words without each of them in turn, sorted; of two words one, and how the other begins."""
    kept = sorted(set(words))
    if len(kept) > _MOST_WORDS:
        kept = sorted(sorted(kept, key=lambda word: (-len(word), word))[:_MOST_WORDS])
    if len(kept) <= 1:
        return [word[:5] for word in kept]
    if len(kept) == 2:
        one, other = kept
        return [f"{one} {other[:2]}", f"{other} {one[:2]}"]
    return [" ".join(kept[:left] + kept[left + 1 :]) for left in range(len(kept))]


def _key(text: str) -> str:
    return text if len(text) <= _LONGEST_KEY else text[:8] + hashlib.sha256(text.encode()).hexdigest()[:40]
