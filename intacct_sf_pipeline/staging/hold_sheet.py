"""Open holds as rows of the sheet on which people answer them, with the names by which people know the records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.staging.queries import open_holds
from intacct_sf_pipeline.staging.store import SqlStagingStore

Named = Mapping[tuple[str, Side, str], str]


def sheet_rows(store: SqlStagingStore, holds: Iterable[Mapping[str, Any]] | None = None) -> list[dict[str, str]]:
    """A row of `engine.answer_sheet` for each of `holds` (default: all open ones of flows in use); no verdict yet."""
    entities = {entity.name for entity in store.mapping.enabled()}
    chosen = [h for h in (open_holds(store.database) if holds is None else holds) if h["entity"] in entities]
    names = record_names(store, chosen)
    return [_row(hold, names) for hold in chosen]


def record_names(store: SqlStagingStore, holds: Iterable[Mapping[str, Any]]) -> Named:
    """What people call the records of `holds` and their candidates: what the match rules compare of it."""
    wanted: dict[tuple[str, Side], set[str]] = {}
    for hold in holds:
        side = Side(hold["side"])
        wanted.setdefault((hold["entity"], side), set()).add(hold["key"])
        wanted.setdefault((hold["entity"], side.other), set()).update(one["key"] for one in hold["candidates"])
    return {
        (name, side, record.key): _name(store.mapping.entity(name), record)
        for (name, side), keys in wanted.items()
        for record in store.records(store.mapping.entity(name), side, keys).values()
    }


def _name(entity: EntityMapping, record: CanonicalRecord) -> str:
    compared = {name for rule in entity.match for name in rule.fields}
    texts = [spec.name for spec in entity.fields if spec.name in compared and spec.type is FieldType.TEXT]
    return " ".join(str(value) for name in texts if (value := record.raw_value(name)) is not None)


def _row(hold: Mapping[str, Any], names: Named) -> dict[str, str]:
    entity, side = hold["entity"], Side(hold["side"])
    candidates = []
    for one in hold["candidates"]:
        score = "" if one["score"] is None else f" ({one['score']:.2f})"
        candidates.append(f"{one['key']}{score} {names.get((entity, side.other, one['key']), '')}".strip())
    return {
        "hold_id": str(hold["id"]),
        **{name: hold[name] for name in ("entity", "side", "key", "reason", "message", "who", "cure")},
        "fields": ", ".join(hold["fields"]),
        "since": hold["since"],
        "name": names.get((entity, side, hold["key"]), ""),
        "candidates": "; ".join(candidates),
        "resolutions": ", ".join(hold["resolutions"]),
    }
