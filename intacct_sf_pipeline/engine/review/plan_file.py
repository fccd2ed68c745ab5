"""A plan as a file: every record to touch, field by field with what is there now, and a hash over all of it.

The file is what somebody reads, approves and hands back to `sync --apply`. It holds values of records, so only its
owner may read it. Keys of records that the plan itself creates do not exist yet: `new:ENTITY:SIDE:KEY` stands for the
record created from `KEY` of `SIDE`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from intacct_sf_pipeline import __version__
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.plans import Operation, PlanLine
from intacct_sf_pipeline.model.records import Scalar, Side

FORMAT = 1
_SIMULATED, _NEW = "new-", "new:"
_STAMP = "stamp"
_PLACEHOLDER = re.compile(rf"{_NEW}[a-z][a-z0-9_]*:(?:intacct|salesforce):.+")
Value = str | int | bool | None | dict[str, str] | list[Any]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class PlannedField(_Part):
    """One field of a line: what the target holds, what it is to hold, and why."""

    field: str
    before: Value
    after: Value
    rule: str
    reason: str


class PlannedLine(_Part):
    """One record to touch; `keys` by side, where there is a record."""

    entity: str
    side: str
    operation: str
    keys: dict[str, str]
    id: str | None
    reason: str
    fields: tuple[PlannedField, ...]


class PlanFile(_Part):
    """The whole file; `mapping` is the fingerprint of what it was planned with, `counts` are of lines per operation."""

    version: int
    program: str
    run_id: str
    made_at: str
    mapping: str
    entities: tuple[str, ...]
    counts: dict[str, dict[str, int]]
    lines: tuple[PlannedLine, ...]
    hash: str

    def of(self, entity: str) -> tuple[PlannedLine, ...]:
        """The lines of one entity."""
        return tuple(line for line in self.lines if line.entity == entity)


@dataclass(frozen=True, slots=True)
class Header:
    """What a plan file says of itself besides its lines."""

    run_id: str
    made_at: datetime
    entities: Sequence[str]


def plan_document(header: Header, lines: Iterable[PlanLine], config: SyncConfig) -> dict[str, Any]:
    """The document of a plan, ready to be written as JSON."""
    known = list(lines)
    placeholders = _Placeholders(config.mapping, known)
    rows = [_row(line, placeholders) for line in known]
    counts: dict[str, Counter[str]] = {name: Counter() for name in header.entities}
    for row in rows:
        counts.setdefault(row["entity"], Counter())[row["operation"]] += 1
    document: dict[str, Any] = {
        "version": FORMAT,
        "program": __version__,
        "run_id": header.run_id,
        "made_at": header.made_at.astimezone(UTC).isoformat(timespec="seconds"),
        "mapping": fingerprint(config),
        "entities": list(header.entities),
        "counts": {name: dict(sorted(counted.items())) for name, counted in counts.items()},
        "lines": rows,
    }
    return {**document, "hash": digest(document)}


def parse_plan(text: str, name: str) -> PlanFile:
    """The plan in `text`; `name` is how people know the file.

    Raises:
        ConfigurationError: it is no plan of this version, or was changed after it was written.
    """
    cure = "make it again with `sync --plan --out`"
    try:
        document = json.loads(text)
    except ValueError:
        raise ConfigurationError("the file is not a plan: it is not JSON", where=name, cure=cure) from None
    if not isinstance(document, dict) or document.get("version") != FORMAT:
        what = f"the file is not a plan of version {FORMAT}"
        raise ConfigurationError(what, where=name, cure=cure)
    if document.get("hash") != digest({key: value for key, value in document.items() if key != "hash"}):
        what = "the plan was changed after it was written: its hash does not fit"
        raise ConfigurationError(what, where=name, cure=cure)
    try:
        return PlanFile.model_validate_json(json.dumps(document))
    except ValidationError:
        raise ConfigurationError("the file is not a plan that this program wrote", where=name, cure=cure) from None


def require_applicable(plan: PlanFile, config: SyncConfig, *, now: datetime, max_age: timedelta, name: str) -> None:
    """See that `plan` still fits what it would be applied with.

    Raises:
        ConfigurationError: it was made by another version, with another mapping, or too long ago.
    """
    cure = "make it again with `sync --plan --out`"
    if plan.program != __version__:
        what = f"the plan was made by version {plan.program} of this program, this is {__version__}"
        raise ConfigurationError(what, where=name, cure=cure)
    if plan.mapping != fingerprint(config):
        raise ConfigurationError("the plan was made with another mapping or policies", where=name, cure=cure)
    age = now - datetime.fromisoformat(plan.made_at)
    if age > max_age or age < -timedelta(hours=1):
        what = f"the plan was made at {plan.made_at}, more than {max_age.days} days ago or in the future"
        raise ConfigurationError(what, where=name, cure=f"{cure}, or allow more with --max-age-days")


def digest(document: Mapping[str, Any]) -> str:
    """SHA-256 over canonical JSON: keys sorted, no blanks, nothing but ASCII."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def fingerprint(config: SyncConfig) -> str:
    """Digest of the mapping and the policies: what a plan depends on besides the records."""
    return digest(
        {"mapping": config.mapping.model_dump(mode="json"), "policies": config.policies.model_dump(mode="json")}
    )


def is_placeholder(key: str) -> bool:
    """Whether `key` stands for a record that the plan creates."""
    return _PLACEHOLDER.fullmatch(key) is not None


def origin(placeholder: str) -> tuple[str, Side, str]:
    """Entity, side and key of the record that the one which `placeholder` stands for is created from."""
    _, entity, side, key = placeholder.split(":", 3)
    return entity, Side(side), key


def shown_value(value: Scalar | tuple[Scalar, ...]) -> Value:
    """A value in the file: text, whole numbers and flags as they are; other numbers, times and broken text marked."""
    if isinstance(value, tuple):
        return [shown_value(part) for part in value]
    if isinstance(value, str):
        return value if _is_whole(value) else {"$text": json.dumps(value)}
    if isinstance(value, datetime):
        return {"$datetime": value.astimezone(UTC).isoformat()}
    if isinstance(value, float):
        return {"$decimal": str(Decimal(repr(value)))}
    return {"$decimal": str(value)} if isinstance(value, Decimal) else value


def same_value(one: Value, other: Value) -> bool:
    """Whether two values of files are the same; numbers are, however they are written."""
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    numbers = _number(one), _number(other)
    return numbers[0] == numbers[1] if None not in numbers else type(one) is type(other) and one == other


def compared_fields(fields: Iterable[PlannedField]) -> dict[str, PlannedField]:
    """The fields by which lines are known to be the same; times of reading are not among them."""
    return {planned.field: planned for planned in fields if planned.rule != _STAMP}


def planned_line(line: PlanLine) -> PlannedLine:
    """A line with its real keys in the form of the file."""
    return PlannedLine.model_validate_json(json.dumps(_row(line, None)))


class _Placeholders:
    """Names for the keys that a rehearsal invented: `new-7` says nothing, the record it is created from does."""

    def __init__(self, mapping: SyncMapping, lines: Sequence[PlanLine]) -> None:
        self._references = {
            (entity.name, spec.name): mapping.entity(spec.to).link_entity
            for entity in mapping.entities
            for spec in entity.fields
            if spec.type is FieldType.REFERENCE and spec.to
        }
        self._names = dict(self._created(mapping, lines))
        self._of = {entity.name: entity.link_entity for entity in mapping.entities}

    def key(self, entity: str, side: Side, key: str) -> str:
        return self._names.get((self._of[entity], side, key), key)

    def value(self, line: PlanLine, name: str, value: Value) -> Value:
        to = self._references.get((line.entity, name))
        return self._names.get((to, line.side, value), value) if to and isinstance(value, str) else value

    @staticmethod
    def _created(mapping: SyncMapping, lines: Sequence[PlanLine]) -> Iterator[tuple[tuple[str, Side, str], str]]:
        for line in lines:
            key = line.target_key or ""
            if line.operation is Operation.CREATE and key.startswith(_SIMULATED):
                name = f"{_NEW}{line.entity}:{line.side.other.value}:{line.source_key}"
                yield (mapping.entity(line.entity).link_entity, line.side, key), name


def _row(line: PlanLine, placeholders: _Placeholders | None) -> dict[str, Any]:
    keys = {Side.INTACCT: line.intacct_key(), Side.SALESFORCE: line.salesforce_id()}
    if placeholders is not None:
        keys = {side: placeholders.key(line.entity, side, key) if key else None for side, key in keys.items()}
    fields = []
    for change in line.changes:
        before, after = shown_value(change.before), shown_value(change.after)
        if placeholders is not None:
            before, after = (placeholders.value(line, change.field, value) for value in (before, after))
        fields.append(
            {"field": change.field, "before": before, "after": after, "rule": change.rule, "reason": change.reason}
        )
    return {
        "entity": line.entity,
        "side": line.side.value,
        "operation": line.operation.value,
        "keys": {side.value: key for side, key in keys.items() if key},
        "id": line.natural_id,
        "reason": line.reason,
        "fields": fields,
    }


def _is_whole(text: str) -> bool:
    """Whether a text has no half characters, which services may send and no file may hold."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _number(value: Value) -> Decimal | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    return Decimal(value["$decimal"]) if isinstance(value, dict) and "$decimal" in value else None
