"""Read models and upkeep of the staging database, as the commands use them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from intacct_sf_pipeline.cli.session import load_config, load_settings
from intacct_sf_pipeline.cli.targets import ALL, chosen
from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.engine.review.explain import explain
from intacct_sf_pipeline.model.errors import ConfigurationError, SyncError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import Case
from intacct_sf_pipeline.settings import Settings
from intacct_sf_pipeline.staging import explain_rows, migrate, queries
from intacct_sf_pipeline.staging.dialects import create_staging_engine
from intacct_sf_pipeline.staging.retention import prune_history
from intacct_sf_pipeline.staging.run_report import run_report as report_of_run
from intacct_sf_pipeline.staging.setup import bring_up_to_date, open_staging
from intacct_sf_pipeline.staging.spend_report import budget_status, month_of
from intacct_sf_pipeline.staging.store import SqlStagingStore


class DatabaseError(SyncError):
    """The staging database cannot be used."""


@contextmanager
def staging_engine(settings: Settings) -> Iterator[Engine]:
    """An engine on the staging database, disposed of at the end.

    Raises:
        DatabaseError: the database cannot be reached or refuses; the driver's own first line says why.
    """
    engine = create_staging_engine(settings.database_url)
    try:
        yield engine
    except DBAPIError as error:
        raise _unusable(engine, error) from error
    finally:
        engine.dispose()


@contextmanager
def staging_store(settings: Settings | None = None) -> Iterator[SqlStagingStore]:
    """The staging store, for reading; needs no credentials of either system.

    Raises:
        DatabaseError: the database cannot be reached or refuses.
    """
    settings = settings or load_settings()
    config = load_config(settings)
    with staging_engine(settings):
        store = open_staging(
            settings.database_url, config.mapping, utc_now, hold_retry_minutes=config.policies.hold_retry_minutes
        )
        try:
            yield store
        finally:
            store.database.engine.dispose()


def upgrade_database(settings: Settings | None = None) -> dict[str, Any]:
    """Apply pending migrations and add what the mapping needs; what was done."""
    settings = settings or load_settings()
    mapping = load_config(settings).mapping
    with staging_engine(settings) as engine:
        applied, added = bring_up_to_date(engine, mapping, utc_now)
        return {
            "database": _name(engine),
            "applied": applied,
            "tables": list(added.tables),
            "columns": list(added.columns),
        }


def check_database(settings: Settings | None = None) -> dict[str, Any]:
    """Whether the database can be reached, and which migrations are pending."""
    with staging_engine(settings or load_settings()) as engine:
        return {"database": _name(engine), "revision": migrate.current(engine), "pending": migrate.check(engine)}


def read_status() -> dict[str, Any]:
    """Watermarks, open holds, last runs, API spend and budget, after runs that died were entered as crashed."""
    with staging_store() as store:
        store.close_dead_runs()
        config = load_config(load_settings())
        found = queries.status(store.database, config)
        return {**found, "budget": budget_status(store, config, utc_now())}


def prune_staging(*, dry_run: bool) -> dict[str, int]:
    """Drop the history of the staging database that `retention` does not keep; rows by kind, and the room it takes."""
    with staging_store() as store:
        retention = load_config(load_settings()).retention
        return prune_history(store, retention, now=utc_now(), dry_run=dry_run).as_dict()


def run_report(run_id: str, entities: Sequence[str]) -> dict[str, Any]:
    """What one run did, per flow, and what the month has cost so far."""
    settings = load_settings()
    config = load_config(settings)
    with staging_store(settings) as store:
        found = report_of_run(store.database, store.mapping, run_id, entities)
        with store.database.read() as connection:
            month = month_of(connection, config, utc_now())
    return {**found, "spend": [figure.document() for figure in month]}


def open_holds(entity: str | None) -> list[dict[str, Any]]:
    """The open holds of one flow, or of all.

    Raises:
        ConfigurationError: there is no such flow.
    """
    with staging_store() as store:
        names = {spec.name for spec in chosen(store.mapping, entity or ALL)}
        return [row for row in queries.open_holds(store.database) if row["entity"] in names]


def requeue_holds(hold_id: int | None) -> list[dict[str, Any]]:
    """Put held records (one hold's, or every open one's) back into the reconcile queue; the holds concerned.

    Raises:
        ConfigurationError: there is no such open hold.
    """
    with staging_store() as store:
        rows = [row for row in queries.open_holds(store.database) if hold_id in (None, row["id"])]
        if hold_id is not None and not rows:
            raise ConfigurationError(
                f"there is no open hold {hold_id}", cure="`intacct-sf holds list` shows the open ones"
            )
        for row in rows:
            store.requeue(store.mapping.entity(row["entity"]), Side(row["side"]), [row["key"]])
        return rows


def explain_record(entity: str, key: str) -> dict[str, Any]:
    """Base, both sides, decision and reason of every field of one record, its journal, holds and last plan lines.

    Raises:
        ConfigurationError: there is no such flow, or no record of that key was ever read.
    """
    with staging_store() as store:
        spec = chosen(store.mapping, entity)[0]
        keys = explain_rows.find_record(store, spec, key)
        if not keys:
            raise ConfigurationError(
                f"no record of {spec.name} has the key {key!r}",
                cure="give an Intacct key or id, or an 18-character Salesforce id, that a sync has read",
            )
        rows = explain_rows.explain_rows(store, spec, key)
        explanation = explain(spec, _case(store, spec, keys), _held(store, spec, keys)).as_dict()
        with_history(explanation["fields"], rows["journal"])
        told = {name: rows[name] for name in ("journal", "holds", "lines")}
        return {**explanation, **told, "decisions": _decisions(store, spec, keys)}


def with_history(fields: Any, journal: Sequence[Mapping[str, Any]]) -> None:
    """A field that agrees now is explained by the last write that made it agree."""
    for entry in reversed(journal):
        field = fields.get(entry["field"])
        if field is not None and field["decision"] == "agree":
            field["rule"] = entry["rule"]
            field["reason"] = f"both sides hold the same since the last write to {entry['side']}: {entry['reason']}"


def _case(store: SqlStagingStore, spec: EntityMapping, keys: explain_rows.Keys) -> Case:
    found = {side: store.records(spec, side, [key]).get(key) if (key := keys.get(side)) else None for side in SIDES}
    intacct_key = keys.get(Side.INTACCT)
    if intacct_key is None:
        return Case(None, None, found[Side.SALESFORCE])
    link = store.links(spec.link_entity, Side.INTACCT, [intacct_key]).get(intacct_key)
    return Case(
        link, found[Side.INTACCT], found[Side.SALESFORCE], store.baselines(spec, [intacct_key]).get(intacct_key)
    )


def _decisions(store: SqlStagingStore, spec: EntityMapping, keys: explain_rows.Keys) -> list[dict[str, Any]]:
    """What people decided about the record, and is in force."""
    taken = queries.decisions_taken(store.database)
    return [row for row in taken if row["entity"] == spec.name and keys.get(Side(row["side"])) == row["key"]]


def _held(store: SqlStagingStore, spec: EntityMapping, keys: explain_rows.Keys) -> frozenset[str] | None:
    """The fields on hold: empty when the whole record is held, None when nothing is."""
    found = list(store.open_hold_fields(spec.name, [(side, key) for side, key in keys.items() if key]).values())
    if not found:
        return None
    return frozenset() if any(not names for names in found) else frozenset[str]().union(*found)


def _unusable(engine: Engine, error: DBAPIError) -> DatabaseError:
    reason = str(error.orig).strip().splitlines()[0] if error.orig else type(error).__name__
    return DatabaseError(f"the staging database {_name(engine)} cannot be used: {reason}")


def _name(engine: Engine) -> str:
    return engine.url.render_as_string(hide_password=True)
