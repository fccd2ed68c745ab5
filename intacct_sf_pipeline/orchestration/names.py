"""What things are called in the asset graph: keys, groups and pools, derived from the mapping.

Keys are `[system, object]`: `intacct/customers`, `salesforce/accounts` (extracts), `staging/accounts`,
`reconcile/accounts`, `intacct_writeback/customers`, `salesforce_writeback/accounts`. Nothing else builds a key by
hand. Where several companies share a Dagster instance, a code location each, `TENANT` stands in front of every key,
pool and cadence, so that nothing of one company counts for another.
"""

import os
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path

import dagster as dg

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.settings import load_settings

STAGING = "staging"
RECONCILE = "reconcile"
WRITEBACK = "writeback"
_ENV_FILE = Path(".env")


def pool(side: Side) -> str:
    """The concurrency pool that guards one system's API (`dagster.yaml` gives each pool one run at a time)."""
    return of_tenant(f"{side.value}_api")


def tenant() -> str:
    """The company of this code location, as `TENANT` names it; empty where there is only one."""
    try:
        saved_at = _ENV_FILE.stat().st_mtime_ns
    except OSError:  # there is none
        saved_at = 0
    return _tenant(os.environ.get("TENANT", ""), Path.cwd(), saved_at)


def of_tenant(name: str) -> str:
    """`name`, told from that of any other company."""
    return f"{tenant()}_{name}" if tenant() else name


def extract_key(feed: FeedSpec) -> dg.AssetKey:
    """The asset that reads `feed`; feeds of one side with the same `asset` share it."""
    return _key(feed.side.value, feed.asset)


def staging_key(entity: EntityMapping) -> dg.AssetKey:
    """The asset that holds the canonical records of `entity`."""
    return _key(STAGING, entity.name)


def reconcile_key(entity: EntityMapping) -> dg.AssetKey:
    """The asset that is the plan of `entity`."""
    return _key(RECONCILE, entity.name)


def writeback_key(mapping: SyncMapping, entity: EntityMapping, side: Side) -> dg.AssetKey:
    """The asset that is what was written to `side` for `entity`.

    Salesforce write-backs carry the entity's name, Intacct ones the name of the object there (accounts are customers),
    unless two entities write the same Intacct object: then the entity's name tells them apart.
    """
    name = entity.name
    if side is Side.INTACCT:
        asset = _primary_asset(mapping, entity)
        rivals = [e for e in mapping.enabled() if e.writes_to(side) and _primary_asset(mapping, e) == asset]
        name = asset if len(rivals) <= 1 else entity.name
    return _key(f"{side.value}_{WRITEBACK}", name)


def writeback_sides(entity: EntityMapping) -> tuple[Side, ...]:
    """The sides `entity` writes to, in the order in which they are written."""
    return tuple(side for side in SIDES if entity.writes_to(side))


def writeback_keys(mapping: SyncMapping, entity: EntityMapping) -> tuple[dg.AssetKey, ...]:
    """Every write-back asset of `entity`, in the order in which they run."""
    return tuple(writeback_key(mapping, entity, side) for side in writeback_sides(entity))


def extract_keys(mapping: SyncMapping, entity: EntityMapping) -> tuple[dg.AssetKey, ...]:
    """The extracts `entity` is staged from, on both sides."""
    return tuple(dict.fromkeys(extract_key(feed) for feed in mapping.used_feeds(entity)))


def entity_keys(mapping: SyncMapping, entities: Iterable[EntityMapping]) -> tuple[dg.AssetKey, ...]:
    """Every asset a whole sync of `entities` runs: extracts, staging, plan and write-backs (the CLI selects by it)."""
    keys: dict[dg.AssetKey, None] = {}
    for entity in entities:
        keys.update(dict.fromkeys(extract_keys(mapping, entity)))
        keys.update(dict.fromkeys((staging_key(entity), reconcile_key(entity), *writeback_keys(mapping, entity))))
    return tuple(keys)


def entities_of(mapping: SyncMapping, keys: Iterable[dg.AssetKey]) -> tuple[EntityMapping, ...]:
    """The entities a run over `keys` works on; a run of extracts alone works for every entity that reads them."""
    chosen = set(keys)
    own = tuple(
        entity
        for entity in mapping.enabled()
        if chosen & {staging_key(entity), reconcile_key(entity), *writeback_keys(mapping, entity)}
    )
    return own or tuple(e for e in mapping.enabled() if chosen & set(extract_keys(mapping, e)))


def _key(*path: str) -> dg.AssetKey:
    return dg.AssetKey([tenant(), *path] if tenant() else list(path))


@lru_cache(maxsize=4)
def _tenant(_given: str, _folder: Path, _saved_at: int) -> str:
    """Read once, until the environment or the file says something else."""
    return load_settings().tenant or ""


def _primary_asset(mapping: SyncMapping, entity: EntityMapping) -> str:
    return mapping.feed(Side.INTACCT, entity.intacct.feed).asset


def op_name(key: dg.AssetKey) -> str:
    """The name of the step that makes an asset."""
    return "__".join(key.path)
