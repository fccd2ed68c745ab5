"""What a person means to undo: the run, by its id or the beginning of it; flow, record and field, by their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from sqlalchemy import Connection, select

from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.history import Undo
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.suggest import did_you_mean
from intacct_sf_pipeline.staging.dialects import begins_with
from intacct_sf_pipeline.staging.explain_rows import find_record
from intacct_sf_pipeline.staging.journal_rows import JournalRows
from intacct_sf_pipeline.staging.schema import runs
from intacct_sf_pipeline.staging.store import SqlStagingStore

_NEAR, _REMEMBERED = 3, 500
_WRITES_NOTHING = ("plan", "compare")


@dataclass(frozen=True, slots=True)
class UndoTarget:
    """An undo with the flows it concerns, in settling order; `unmapped` flows were written too, but are switched off or
    gone from the mapping.
    """

    undo: Undo
    entities: tuple[EntityMapping, ...]
    unmapped: tuple[str, ...] = ()


def find_target(
    store: SqlStagingStore,
    run_id: str,
    *,
    entity: str | None = None,
    record: str | None = None,
    field: str | None = None,
) -> UndoTarget:
    """What `run_id` and the options name; without flows there is nothing that could be put back.

    Raises:
        ConfigurationError: there is no such run, flow, record or field, or the run was one that writes nothing.
    """
    with store.database.read() as connection:
        found, kind = _run(connection, run_id)
        rows = JournalRows(store.database)
        wrote, fields = rows.entities(connection, found), rows.fields(connection, found)
        dropped = rows.values_dropped(connection, found)
    if dropped:
        raise ConfigurationError(
            f"run {found} is too old: what its fields held before it is no longer kept",
            cure="`retention.journal_values` in the configuration says for how many days values stay",
        )
    if not wrote and kind in _WRITES_NOTHING:
        raise ConfigurationError(
            f"run {found} is a {kind}: it wrote nothing, so there is nothing to put back",
            cure="`intacct-sf status` lists the last runs",
        )
    if field is not None and wrote and field not in fields:
        raise ConfigurationError(f"run {found} wrote no field {field!r}", cure=did_you_mean(field, fields))
    enabled = {spec.name: spec for spec in store.mapping.enabled()}
    if entity is not None and entity not in enabled:
        raise ConfigurationError(f"there is no flow {entity!r}", cure=did_you_mean(entity, list(enabled)))
    chosen = [name for name in wrote if entity in (None, name)]
    undo = Undo(found, None, field)
    if record is not None:
        if entity is None:
            cure = "name the flow: --entity accounts (keys of several flows may be alike)"
            raise ConfigurationError("a record is known by its flow and key", where="--record", cure=cure)
        keys = find_record(store, enabled[entity], record)
        if not keys:
            raise ConfigurationError(
                f"no record of {entity} has the key {record!r}",
                cure="give an Intacct key or id, or a Salesforce id, that a sync has read",
            )
        undo = Undo(found, keys, field)
    entities = tuple(spec for spec in store.mapping.enabled() if spec.name in chosen)
    return UndoTarget(undo, entities, tuple(name for name in chosen if name not in enabled))


def _run(connection: Connection, text: str) -> tuple[str, str]:
    """The id and kind of the one run whose id is `text` or begins with it."""
    text = text.strip()
    known = select(runs.c.run_id, runs.c.kind)
    exact = connection.execute(known.where(runs.c.run_id == text)).one_or_none()
    if exact is not None:
        return exact.run_id, exact.kind
    begins = known.where(begins_with(runs.c.run_id, text)).order_by(runs.c.started_at.desc())
    found = connection.execute(begins.limit(_NEAR + 1)).all() if text else []
    if len(found) == 1:
        return found[0].run_id, found[0].kind
    if found:
        cure = f"write more of it: {_listed([row.run_id for row in found])}"
        raise ConfigurationError(f"several runs begin with {text!r}", cure=cure)
    last = (
        connection.execute(select(runs.c.run_id).order_by(runs.c.started_at.desc()).limit(_REMEMBERED)).scalars().all()
    )
    near = get_close_matches(text, last, n=_NEAR)
    cure = f"did you mean {_listed(near)}?" if near else "`intacct-sf status` lists the last runs"
    raise ConfigurationError(f"there is no run {text!r}", cure=cure)


def _listed(run_ids: Sequence[str]) -> str:
    more = ", ..." if len(run_ids) > _NEAR else ""
    return ", ".join(run_ids[:_NEAR]) + more
