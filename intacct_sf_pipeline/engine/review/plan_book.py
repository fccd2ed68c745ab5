"""The lines of a plan's file, found again among those of the run that applies it: by the keys of the records they
touch, and field by field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.engine.review.plan_file import (
    PlannedField,
    PlannedLine,
    Value,
    compared_fields,
    is_placeholder,
    origin,
    same_value,
    shown_value,
)
from intacct_sf_pipeline.engine.values.normalise import joined
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.records import Side

MOVED, NEEDLESS, UNPLANNED = "the live value has moved since", "no longer needed", "not in the plan"


class PlanBook:
    """The plan's lines of one entity, found by the keys of the records they touch."""

    def __init__(self, store: StagingStore, mapping: SyncMapping, lines: Sequence[PlannedLine]) -> None:
        self._store, self._mapping = store, mapping
        self.lines = lines

    @cached_property
    def _real(self) -> Mapping[str, str]:
        """The keys that placeholders turned out to stand for."""
        mentioned = [text for line in self.lines for text in _texts(line) if is_placeholder(text)]
        wanted: dict[tuple[str, Side], dict[str, str]] = {}
        known = {entity.name for entity in self._mapping.entities}
        for placeholder in mentioned:
            entity, side, key = origin(placeholder)
            if entity not in known:
                continue
            wanted.setdefault((self._mapping.entity(entity).link_entity, side), {})[key] = placeholder
        return {
            keys[key]: link.key(side.other)
            for (entity, side), keys in wanted.items()
            for key, link in self._store.links(entity, side, keys).items()
        }

    @cached_property
    def _places(self) -> Mapping[tuple[str, str], tuple[int, ...]]:
        found: dict[tuple[str, str], tuple[int, ...]] = {}
        for at, line in enumerate(self.lines):
            for side, key in line.keys.items():
                real = self._real.get(key, key)
                found[side, real] = (*found.get((side, real), ()), at)
        return found

    def holds(self, now: PlannedLine) -> bool:
        """Whether the plan has this very line."""
        return any(not list(self.differences(self.lines[at], now)) for at in self._candidates(now))

    def place_of(self, now: PlannedLine) -> int | None:
        """Where the plan has a line for the same record and operation; the same one rather than a changed one."""
        found = self._candidates(now)
        return min(found, key=lambda at: len(list(self.differences(self.lines[at], now))), default=None)

    def knows(self, now: PlannedLine) -> bool:
        """Whether the plan writes to the same record in any way."""
        places = [at for record in now.keys.items() for at in self._places.get(record, ())]
        return any(self.lines[at].side == now.side for at in places)

    def real_keys(self, planned: PlannedLine) -> set[tuple[str, str]]:
        """Sides and keys of the records that a line of the plan touches."""
        return {(side, self._real.get(key, key)) for side, key in planned.keys.items()}

    def differences(self, planned: PlannedLine, present: PlannedLine) -> Iterator[tuple[str, str]]:
        """Fields in which a line of the plan is not the one of the run, each with why."""
        wanted, found = compared_fields(planned.fields), compared_fields(present.fields)
        for name in dict.fromkeys((*wanted, *found)):
            if name not in found:
                yield name, NEEDLESS
            elif name not in wanted:
                yield name, UNPLANNED
            elif not self._same_field(wanted[name], found[name]):
                yield name, MOVED

    def moved(self, entity: EntityMapping, planned: PlannedLine) -> Iterator[str]:
        """Fields of a line that the run does not plan any more whose target holds neither what it held nor what the
        plan wanted: somebody changed it.
        """
        side = Side(planned.side)
        key = dict(self.real_keys(planned)).get(planned.side, "")
        record = self._store.records(entity, side, [key]).get(key) if key else None
        if record is None or record.deleted:
            return
        for name, field in compared_fields(planned.fields).items():
            if name in entity.by_name:
                now = shown_value(record.raw_value(name))
                if not any(self._same(_text_of(value), now) for value in (field.before, field.after)):
                    yield name

    def _same_field(self, planned: PlannedField, present: PlannedField) -> bool:
        return self._same(planned.before, present.before) and self._same(planned.after, present.after)

    def _same(self, planned: Value, present: Value) -> bool:
        real = self._real.get(planned, planned) if isinstance(planned, str) else planned
        return same_value(real, present)

    def _candidates(self, now: PlannedLine) -> list[int]:
        found = dict.fromkeys(at for record in now.keys.items() for at in self._places.get(record, ()))
        return [at for at in found if self._fits(self.lines[at], now)]

    def _fits(self, planned: PlannedLine, now: PlannedLine) -> bool:
        if (planned.side, planned.operation) != (now.side, now.operation):
            return False
        for side in planned.keys.keys() & now.keys.keys():
            key = planned.keys[side]
            if self._real.get(key, key) != now.keys[side] and not (is_placeholder(key) and key not in self._real):
                return False
        return True


def _text_of(value: Value) -> Value:
    """The lines of a text that a service keeps in several columns, as one."""
    if not isinstance(value, list):
        return value
    text = joined(tuple(str(part) for part in value if part is not None))
    return text if isinstance(text, str) else None


def _texts(line: PlannedLine) -> Iterator[str]:
    yield from line.keys.values()
    for planned in line.fields:
        yield from (value for value in (planned.before, planned.after) if isinstance(value, str))
