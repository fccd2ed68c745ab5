"""What a well-formed mapping can get wrong about matching: fields that do not exist, names used twice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import SIMILAR
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.suggest import did_you_mean

_RULE_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}")
_LISTS = ("fields", "unless_differs", "unless_all_differ")


def matching_problems(entity: EntityMapping) -> Iterator[Problem]:
    """What is wrong with the match rules of an entity and with what it calls similar."""
    path: tuple[str | int, ...] = ("entities", entity.name)
    for number, rule in enumerate(entity.match):
        here = (*path, "match", number)
        if not _RULE_NAME.fullmatch(rule.name) or rule.name == SIMILAR:
            cure = f"Use a-z, 0-9 and '-', at most 40; {SIMILAR!r} has a meaning of its own"
            yield Problem((*here, "name"), f"{rule.name!r} cannot name a match rule", cure)
        if not rule.fields:
            yield Problem((*here, "fields"), "a match rule needs fields", did_you_mean("", entity.by_name))
        for key in _LISTS:
            yield from _unknown(entity, getattr(rule, key), (*here, key), "match by")
        if len(rule.unless_all_differ) == 1:
            what = "one field alone is never enough for 'unless_all_differ'"
            yield Problem((*here, "unless_all_differ"), what, "Name two at least, or write 'unless_differs'")
    if entity.similar is None:
        return
    here = (*path, "similar")
    for number, names in enumerate(entity.similar.search):
        yield from _unknown(entity, names, (*here, "search", number), "search by")
    for number, compared in enumerate(entity.similar.compare):
        yield from _unknown(entity, compared.fields, (*here, "compare", number, "fields"), "compare")
    yield from _unknown(entity, entity.similar.tell_apart, (*here, "tell_apart"), "tell records apart by")


def _unknown(
    entity: EntityMapping, names: Iterable[str], path: tuple[str | int, ...], purpose: str
) -> Iterator[Problem]:
    for name in names:
        if name not in entity.by_name:
            yield Problem(path, f"there is no field {name!r} to {purpose}", did_you_mean(name, entity.by_name))
