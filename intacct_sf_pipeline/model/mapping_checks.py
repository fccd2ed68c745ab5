"""What a well-formed mapping can still get wrong between its parts: names that do not exist, entities without order,
odd conditions.

`field_checks` looks into the single fields.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from intacct_sf_pipeline.model.field_checks import field_problems
from intacct_sf_pipeline.model.mapping import Condition, EntityMapping, FeedSpec, NewId, ReadMode, SideSpec
from intacct_sf_pipeline.model.matching_checks import matching_problems
from intacct_sf_pipeline.model.money_checks import money_problems
from intacct_sf_pipeline.model.ownership_checks import ownership_problems
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.suggest import closest, did_you_mean

_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TESTS = ("equals", "not_equals", "starts_with", "one_of", "present")


@dataclass(frozen=True, slots=True)
class Names:
    """Every feed (by side) and entity the file names, those that are themselves wrong included."""

    feeds: Mapping[Side, Collection[str]]
    entities: Collection[str]


def feed_problems(feed: FeedSpec) -> Iterator[Problem]:
    """What is wrong with one feed."""
    path = ("feeds", feed.side.value, feed.name)
    yield from _bad_name(feed.name, path, "feed")
    yield from _bad_name(feed.asset, (*path, "asset"), "asset")
    if feed.read is ReadMode.CHANGES and feed.modified is None:
        yield Problem(
            path, f"feed {feed.name!r} is read by changes but names no stamp", "Add 'modified: <field>', or 'read: all'"
        )


def entity_problems(entity: EntityMapping, names: Names) -> Iterator[Problem]:
    """What is wrong with one entity."""
    path = ("entities", entity.name)
    yield from _bad_name(entity.name, path, "entity")
    for key, wanted in (("links", [entity.links] if entity.links else []), ("after", entity.after)):
        for name in wanted:
            if name not in names.entities or name == entity.name:
                others = [n for n in names.entities if n != entity.name]
                yield Problem((*path, key), f"{name!r} is not another entity", did_you_mean(name, others))
    for side in SIDES:
        yield from _side_problems(entity, side, names)
    yield from matching_problems(entity)
    yield from _twice([rule.name for rule in entity.match_rules], (*path, "match"), "match rule")
    yield from field_problems(entity, names.entities)
    yield from money_problems(entity)
    yield from ownership_problems(entity)


def settling_order(entities: Sequence[EntityMapping]) -> tuple[tuple[EntityMapping, ...], list[Problem]]:
    """The entities with each behind those it comes `after` (else as written), and a problem for each circle."""
    waiting, ordered, settled = list(entities), list[EntityMapping](), set[str]()
    known = {entity.name for entity in entities}
    while waiting:
        ready = next((e for e in waiting if not (_before(e) & known) - settled), None)
        if ready is None:
            circle = _in_circles(waiting)
            what = f"{', '.join(entity.name for entity in circle)} wait for one another"
            problems = [Problem(("entities", entity.name, "after"), what, "Remove one 'after'") for entity in circle]
            return (*ordered, *waiting), problems
        waiting.remove(ready)
        ordered.append(ready)
        settled.add(ready.name)
    return tuple(ordered), []


def _in_circles(waiting: Sequence[EntityMapping]) -> list[EntityMapping]:
    """Those that are waited for: what merely stands behind a circle is not part of it."""
    kept = list(waiting)
    while idle := [entity for entity in kept if not any(entity.name in _before(other) for other in kept)]:
        kept = [entity for entity in kept if entity not in idle]
    return kept


def _before(entity: EntityMapping) -> set[str]:
    return {*entity.after, *([entity.links] if entity.links else [])} - {entity.name}


def _side_problems(entity: EntityMapping, side: Side, names: Names) -> Iterator[Problem]:
    path, spec = ("entities", entity.name, side.value), entity.side(side)
    feeds = names.feeds[side]
    if spec.feed not in feeds:
        yield Problem((*path, "feed"), f"there is no {side.value} feed {spec.feed!r}", did_you_mean(spec.feed, feeds))
    for number, related in enumerate(spec.related):
        if related.feed not in feeds:
            what = f"there is no {side.value} feed {related.feed!r}"
            yield Problem((*path, "related", number, "feed"), what, did_you_mean(related.feed, feeds))
        if "." in related.alias:
            yield Problem(
                (*path, "related", number, "alias"), f"the alias {related.alias!r} holds a dot", "Leave the dot out"
            )
    yield from _twice([related.alias for related in spec.related], (*path, "related"), "alias")
    yield from _twice([variant.name for variant in spec.variants], (*path, "variants"), "variant")
    for key, conditions in (("create_when", spec.create_when), ("in_scope_when", spec.in_scope_when)):
        for number, condition in enumerate(conditions):
            yield from _condition_problems(condition, spec, (*path, key, number))
    yield from _template_problems(entity, side)
    yield from _status_problems(entity, side)


def status_problems(entities: Sequence[EntityMapping]) -> Iterator[Problem]:
    """Two flows that tell their state in one column of one object: each would overwrite the other's."""
    tellers: dict[tuple[str, str], str] = {}
    for entity in entities:
        side = entity.salesforce
        for key, column in (("field", side.status.field), ("message", side.status.message)) if side.status else ():
            first = tellers.setdefault((side.object, column or ""), entity.name) if column else entity.name
            if first != entity.name:
                path = ("entities", entity.name, Side.SALESFORCE.value, "status", key)
                yield Problem(
                    path, f"{column!r} of {side.object} shows the state of {first} already", "Name another column"
                )


def _status_problems(entity: EntityMapping, side: Side) -> Iterator[Problem]:
    """Columns for the state of a record belong to Salesforce, and to nothing else."""
    path, status = ("entities", entity.name, side.value, "status"), entity.side(side).status
    if status is None:
        return
    if side is Side.INTACCT:
        yield Problem(path, "the state is shown on Salesforce records only", "Move it to 'salesforce'")
    if status.field == status.message:
        yield Problem((*path, "message"), f"{status.message!r} cannot take both", "Name another column")
    for key, column in (("field", status.field), ("message", status.message)):
        names = [f.name for f in entity.fields if column in f.source(side).columns]
        if names:
            yield Problem((*path, key), f"{column!r} is mapped already: {', '.join(names)}", "Name a column of its own")


def _condition_problems(condition: Condition, spec: SideSpec, path: tuple[str | int, ...]) -> Iterator[Problem]:
    given = [test for test in _TESTS if getattr(condition, test) is not None]
    if len(given) != 1:
        what = "a condition has exactly one test" + (f", this one has {' and '.join(given)}" if given else "")
        yield Problem(path, what, f"Give one of: {', '.join(_TESTS)}")
    yield from misspelt_alias(condition.column, spec, (*path, "column"))


def misspelt_alias(column: str, spec: SideSpec, path: tuple[str | int, ...]) -> Iterator[Problem]:
    """A column whose first part is nearly, but not quite, the alias of a related feed."""
    first, _, rest = column.partition(".")
    aliases = [related.alias for related in spec.related]
    if rest and first not in aliases and (close := closest(first, aliases)) is not None:
        yield Problem(path, f"{column!r} belongs to no related feed", f"Did you mean '{close}.{rest}'?")


def _template_problems(entity: EntityMapping, side: Side) -> Iterator[Problem]:
    path, spec = ("entities", entity.name, side.value), entity.side(side)
    known = {*entity.by_name, "salesforce_id"}
    templates: list[tuple[tuple[str, ...], str]] = [
        ((*path, "on_create", column), text) for column, text in spec.on_create.items() if isinstance(text, str)
    ]
    if side is Side.INTACCT and spec.new_id is NewId.DERIVED:
        templates.append(((*path, "new_id_template"), spec.new_id_template))
        if "{salesforce_id}" not in spec.new_id_template:
            what = "an id derived without the Salesforce id may meet an existing one"
            yield Problem((*path, "new_id_template"), what, "Put {salesforce_id} into it, or set 'new_id: auto'")
    for where, text in templates:
        for name in _names_in(text):
            if name is None or name not in known:
                what = f"{text!r} is not a template" if name is None else f"there is no field {name!r} for the template"
                cure = "Write field names in braces: {name}" if name is None else did_you_mean(name, known)
                yield Problem(where, what, cure)


def _names_in(template: str) -> Iterator[str | None]:
    """The names in braces; None when the braces do not pair."""
    try:
        parsed = list(string.Formatter().parse(template))
    except ValueError:
        yield None
        return
    for _, name, spec, conversion in parsed:
        if name is not None:
            yield None if spec or conversion else name


def _bad_name(name: str, path: tuple[str | int, ...], kind: str) -> Iterator[Problem]:
    if not _NAME.fullmatch(name):
        yield Problem(
            path, f"{name!r} cannot name a {kind}", "Use a-z, 0-9 and '_', beginning with a letter, at most 40"
        )


def _twice(names: Iterable[str], path: tuple[str | int, ...], kind: str) -> Iterator[Problem]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Problem(path, f"the {kind} {name!r} is given {count} times", "Give each its own name")
