"""What a single mapped field can get wrong: keys of its type, where it is written, a target or group it shares."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator

from intacct_sf_pipeline.model.config import LIMITED
from intacct_sf_pipeline.model.fields import Direction, FieldSpec, FieldType, Source
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.suggest import closest, did_you_mean

COMPUTED_SOURCES = ("notes", "price_book", "quantity", "read_time")
"""The computed sources that `compute:` may name (functions of `engine/values/compose.py`)."""

_WRITABLE_COMPUTED = ("price_book",)
_TEXTS = (FieldType.TEXT, FieldType.MULTILINE, FieldType.STREET)
_BOUNDS = ("rise_percent", "fall_percent", "at_least", "at_most", "rename_percent")
_WORD = re.compile(r"[A-Za-z_][\w.]*")
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_READ_ONLY = {
    ("Product2", "ProductClass"): (
        "Product2.ProductClass is read-only: Salesforce derives it from the product's type",
        "Map to a field of your own, such as ProductClass__c",
    ),
}
"""Targets that refuse every write (Source: Object Reference, Product2); `mapping check` asks describe about others."""

Path = tuple[str | int, ...]


def field_problems(entity: EntityMapping, entities: Collection[str]) -> Iterator[Problem]:
    """What is wrong with the fields of one entity; `entities` are the names a reference may point to."""
    base: Path = ("entities", entity.name, "fields")
    seen: set[str] = set()
    for number, field in enumerate(entity.fields):
        path = (*base, number)
        if field.name in seen:
            yield Problem((*path, "name"), f"the field {field.name!r} is given twice", "Give each its own name")
        seen.add(field.name)
        if not _NAME.fullmatch(field.name):
            cure = "Use a-z, 0-9 and '_', beginning with a letter, at most 40"
            yield Problem((*path, "name"), f"{field.name!r} cannot name a field", cure)
        yield from _type_problems(field, entities, path)
        yield from _breaker_problems(field, (*path, "breaker"))
        for side in SIDES:
            yield from _source_problems(entity, field, side, (*path, side.value))
    yield from _group_problems(entity, base)
    for side in SIDES:
        yield from _shared_targets(entity, side, base)


def _type_problems(field: FieldSpec, entities: Collection[str], path: Path) -> Iterator[Problem]:
    if field.type in (FieldType.ENUM, FieldType.TABLE):
        yield from _values_problems(field, path)
    elif field.values:
        yield Problem(
            (*path, "values"),
            f"only an enum has values, or a table; {field.name!r} is {field.type.value}",
            "Add 'type: enum' (one to one), or 'type: table' (several Intacct values may become one)",
        )
    if field.scale is not None and field.type is not FieldType.DECIMAL:
        yield Problem(
            (*path, "scale"), f"only a decimal has a scale, {field.name!r} is {field.type.value}", "Add 'type: decimal'"
        )
    elif field.scale is not None and not 0 <= field.scale <= 10:
        yield Problem((*path, "scale"), f"the scale of {field.name!r} is {field.scale}", "Use 0 to 10 decimal places")
    if field.type is FieldType.REFERENCE and field.to is None:
        yield Problem(
            path, f"the reference {field.name!r} does not say to what", f"Add 'to:' with one of: {', '.join(entities)}"
        )
    elif field.to is not None and field.type is not FieldType.REFERENCE:
        yield Problem(
            (*path, "to"), f"only a reference has 'to', {field.name!r} is {field.type.value}", "Add 'type: reference'"
        )
    elif field.to is not None and field.to not in entities:
        yield Problem((*path, "to"), f"{field.to!r} is not an entity", did_you_mean(field.to, entities))


def _values_problems(field: FieldSpec, path: Path) -> Iterator[Problem]:
    if not field.values:
        what = f"the {field.type.value} {field.name!r} has no values"
        yield Problem(path, what, "Add 'values: {intacct code: Salesforce value, ...}'")
    here = (*path, "values")
    if field.type is FieldType.TABLE:
        if any(isinstance(partner, bool) for partner in field.values.values()):
            yield Problem(here, f"the table {field.name!r} has a value that is no text", "Use 'type: enum' for flags")
        if not field.direction.writes(Side.INTACCT):
            return
    for words, side in ((field.values.keys(), "Intacct"), (field.values.values(), "Salesforce")):
        folded = [str(word).casefold() for word in words]
        if len(set(folded)) < len(folded):
            what = f"the values of {field.name!r} are not one-to-one: two stand for the same {side} value"
            yield Problem(here, what, "Give each value its own partner (case makes no difference)")


def _breaker_problems(field: FieldSpec, path: Path) -> Iterator[Problem]:
    breaker = field.breaker
    if breaker is None:
        return
    if field.direction is Direction.MATCH or field.stamp:
        yield Problem(path, f"{field.name!r} is never compared, so nothing of it can be held", "Remove 'breaker'")
    if field.name in LIMITED:
        what = f"'--force' could not tell the breaker of {field.name!r} from the limit of that name"
        yield Problem(path, what, "Give the field another name")
    if breaker.of_numbers and field.type is not FieldType.DECIMAL:
        what = f"only a decimal rises and falls, {field.name!r} is {field.type.value}"
        yield Problem(path, what, "Use 'rename_percent' for text")
    if breaker.rename_percent is not None and field.type not in _TEXTS:
        what = f"{field.name!r} is {field.type.value}, not text that could be renamed"
        yield Problem((*path, "rename_percent"), what, "Use 'rise_percent', 'fall_percent', 'at_least' or 'at_most'")
    if not breaker.of_numbers and breaker.rename_percent is None:
        yield Problem(path, f"the breaker of {field.name!r} bounds nothing", f"Give one of: {', '.join(_BOUNDS)}")
    if breaker.at_least is not None and breaker.at_most is not None and breaker.at_least > breaker.at_most:
        what = f"no value of {field.name!r} is at least {breaker.at_least} and at most {breaker.at_most}"
        yield Problem((*path, "at_least"), what, "Exchange the two")


def _source_problems(entity: EntityMapping, field: FieldSpec, side: Side, path: Path) -> Iterator[Problem]:
    source = field.source(side)
    if source.compute is not None:
        yield from _computed_problems(source, path)
    elif not source.columns:
        yield Problem(path, f"{field.name!r} names no {side.value} column", "Name the vendor's field")
    aliases = {related.alias for related in entity.side(side).related}
    for column in source.columns:
        first, _, rest = column.partition(".")
        if rest and first not in aliases and (close := closest(first, aliases)) is not None:
            yield Problem(path, f"{column!r} belongs to no related feed", f"Did you mean '{close}.{rest}'?")
    if field.direction.writes(side):
        yield from _target_problems(entity, field, side, path)


def _computed_problems(source: Source, path: Path) -> Iterator[Problem]:
    if source.compute not in COMPUTED_SOURCES:
        cure = did_you_mean(str(source.compute), COMPUTED_SOURCES)
        yield Problem((*path, "compute"), f"there is no computed source {source.compute!r}", cure)
    if any("-" in column for column in source.columns):
        return  # a hyphen in a name cannot be told from a minus here; the formula parser decides
    for key, text in (("expression", source.expression), ("otherwise", source.otherwise)):
        for word in _WORD.findall(text):
            if word not in source.columns:
                what = f"the {key} names {word!r}, which is not among its columns"
                yield Problem((*path, key), what, did_you_mean(word, source.columns))


def _target_problems(entity: EntityMapping, field: FieldSpec, side: Side, path: Path) -> Iterator[Problem]:
    source = field.source(side)
    if source.compute is not None and source.compute not in _WRITABLE_COMPUTED:
        cure = "Use a direction that reads this side only"
        yield Problem(path, f"{field.name!r} is computed in {side.value} and cannot be written there", cure)
    if len(source.write_columns) > 1 and field.type is not FieldType.STREET:
        what = f"{field.name!r} would be written to {len(source.write_columns)} {side.value} fields"
        yield Problem(path, what, "Name one, or use 'type: street' for address lines")
    aliases = {related.alias for related in entity.side(side).related}
    for column in source.write_columns:
        if side is Side.SALESFORCE and source.compute is None and column.partition(".")[0] in aliases:
            what = f"{column!r} belongs to another object and cannot be written with this one"
            yield Problem(path, what, "Use a direction that reads this side only")
        if reason := _READ_ONLY.get((entity.side(side).object, column)):
            yield Problem(path, *reason)


def _group_problems(entity: EntityMapping, base: Path) -> Iterator[Problem]:
    directions: dict[str, tuple[Direction, str]] = {}
    for number, field in enumerate(entity.fields):
        if field.group is None:
            continue
        direction, first = directions.setdefault(field.group, (field.direction, field.name))
        if field.direction is not direction:
            what = f"{field.name!r} and {first!r} are of group {field.group!r} but travel differently"
            yield Problem((*base, number, "group"), what, f"Give all of the group the direction {direction.value!r}")


def _shared_targets(entity: EntityMapping, side: Side, base: Path) -> Iterator[Problem]:
    writers: dict[str, list[str]] = defaultdict(list)
    for number, field in enumerate(entity.fields):
        if not field.direction.writes(side):
            continue
        for column in field.source(side).write_columns:
            writers[column].append(field.name)
            if len(writers[column]) > 1:
                what = f"{' and '.join(repr(name) for name in writers[column])} both write {side.value} {column!r}"
                yield Problem((*base, number, side.value), what, "Let one field write it")
