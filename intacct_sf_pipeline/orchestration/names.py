"""What things are called in the asset graph: keys, groups and pools, derived from the mapping.

Keys are `[system, object]`: `intacct/customers`, `salesforce/accounts` (extracts), `staging/accounts`,
`reconcile/accounts`, `intacct_writeback/customers`, `salesforce_writeback/accounts`. Nothing else builds a key by
hand.
"""

from collections.abc import Iterable

import dagster as dg

from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side

STAGING = "staging"
RECONCILE = "reconcile"
WRITEBACK = "writeback"


def pool(side: Side) -> str:
    """The concurrency pool that guards one system's API (`dagster.yaml` gives each pool one run at a time)."""
    return f"{side.value}_api"


def extract_key(feed: FeedSpec) -> dg.AssetKey:
    """The asset that reads `feed`; feeds of one side with the same `asset` share it."""
    return dg.AssetKey([feed.side.value, feed.asset])


def staging_key(entity: EntityMapping) -> dg.AssetKey:
    """The asset that holds the canonical records of `entity`."""
    return dg.AssetKey([STAGING, entity.name])


def reconcile_key(entity: EntityMapping) -> dg.AssetKey:
    """The asset that is the plan of `entity`."""
    return dg.AssetKey([RECONCILE, entity.name])


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
    return dg.AssetKey([f"{side.value}_{WRITEBACK}", name])


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


def _primary_asset(mapping: SyncMapping, entity: EntityMapping) -> str:
    return mapping.feed(Side.INTACCT, entity.intacct.feed).asset
