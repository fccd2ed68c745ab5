"""One `dg.AssetSpec` per asset: key, group, dependencies and the facts that never change between runs.

Static facts (columns, lineage, the mapping as a table) belong here, in definition metadata; what a run found out
belongs in `reporting.py`. Everything follows from the mapping, so a new object or field needs no change here.
"""

import dagster as dg

from intacct_sf_pipeline.engine.guarding.limits import limit_text
from intacct_sf_pipeline.model.config import LIMITED, SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, ReadMode
from intacct_sf_pipeline.model.mapping_table import markdown_table
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.orchestration import lineage, names
from intacct_sf_pipeline.orchestration.cadences import freshness
from intacct_sf_pipeline.orchestration.partitions import daily

OWNERS = ("team:finance-data",)
SYSTEMS = {Side.INTACCT: "Sage Intacct", Side.SALESFORCE: "Salesforce"}


def extract_spec(config: SyncConfig, feeds: tuple[FeedSpec, ...]) -> dg.AssetSpec:
    """The extract of `feeds` (one side, one asset; the first is the object itself, the rest belongs to it)."""
    first = feeds[0]
    cadences = [entity.cadence for feed in feeds for entity in config.mapping.consumers(feed)]
    tables = "\n".join(f"- `{feed.object}` into `{feed.table}`, {_how_read(feed)}" for feed in feeds)
    return dg.AssetSpec(
        key=names.extract_key(first),
        group_name=first.side.value,
        partitions_def=daily(),
        kinds={first.side.value, "table"},
        owners=OWNERS,
        description=(
            f"Rows of {SYSTEMS[first.side]}, as the service holds them, in the landing tables of the staging database."
            f"\n\n{tables}\n\n"
            "A tick reads what changed since the watermark, less an overlap. A backfill over some days reads the rows "
            "modified in those days once more. A row whose content is unchanged is not marked changed, so reading "
            "twice does nothing twice."
        ),
        metadata={
            "dagster/table_name": first.table,
            "dagster/column_schema": lineage.extract_schema(config.mapping, feeds),
        },
        freshness_policy=freshness(config.schedule, cadences),
    )


def staging_spec(config: SyncConfig, entity: EntityMapping) -> dg.AssetSpec:
    """The canonical records of `entity`, both sides; waits until the entities it refers to are written back."""
    mapping = config.mapping
    waits = [key for earlier in _earlier(config, entity) for key in names.writeback_keys(mapping, earlier)]
    return dg.AssetSpec(
        key=names.staging_key(entity),
        deps=[*names.extract_keys(mapping, entity), *waits],
        group_name=names.STAGING,
        partitions_def=daily(),
        kinds={"sql", "table"},
        owners=OWNERS,
        description=(
            f"{entity.description or entity.name.capitalize()}: changed rows of both sides as canonical records. "
            "Values are normalised so that they can be compared; what each side really says is kept beside them, to be "
            "written." + (f" Starts when {_and(entity.after)} are settled, because it refers to them." if waits else "")
        ),
        metadata={
            "dagster/table_name": f"canonical_{entity.name}_intacct, canonical_{entity.name}_salesforce",
            "dagster/column_schema": lineage.canonical_schema(entity),
            "dagster/column_lineage": lineage.canonical_lineage(mapping, entity),
            "mapping": dg.MetadataValue.md(markdown_table(entity)),
        },
    )


def reconcile_spec(config: SyncConfig, entity: EntityMapping) -> dg.AssetSpec:
    """The plan of `entity`: what will be written where, and why.

    It takes whatever waits, whichever day it was staged for. Dagster is told of the last day only: as a reader of all
    of them it would list every day since the first, in every run.
    """
    rules = ", ".join(
        f"`{rule.name}`" + (" (asks a person)" if rule.action == "candidate" else "") for rule in entity.match
    )
    return dg.AssetSpec(
        key=names.reconcile_key(entity),
        deps=[dg.AssetDep(names.staging_key(entity), partition_mapping=dg.LastPartitionMapping())],
        group_name=names.RECONCILE,
        kinds={"python", "table"},
        owners=OWNERS,
        description=(
            f"The plan for {entity.name}: records find their partner, changes are merged field by field against what "
            "both sides last agreed on, and each record to touch becomes one plan line with its reason. What must not "
            "be written is held.\n\n"
            + (
                f"Partners are found by external id, then by {rules}."
                if rules
                else "Uses the links of the entity it rides on."
            )
        ),
        metadata={
            "dagster/table_name": "plan_lines",
            "mapping": dg.MetadataValue.md(markdown_table(entity)),
            "limits": dg.MetadataValue.md(_limits(config, entity)),
        },
    )


def writeback_spec(config: SyncConfig, entity: EntityMapping, side: Side) -> dg.AssetSpec:
    """What is written to `side` for `entity`; Salesforce comes second, so that new numbers arrive in the same run."""
    before = [s for s in names.writeback_sides(entity) if SIDES.index(s) < SIDES.index(side)]
    target = entity.side(side)
    return dg.AssetSpec(
        key=names.writeback_key(config.mapping, entity, side),
        deps=[names.reconcile_key(entity), *(names.writeback_key(config.mapping, entity, s) for s in before)],
        group_name=names.WRITEBACK,
        kinds={side.value},
        owners=OWNERS,
        description=(
            f"Planned changes of {entity.name}, written to `{target.object}` in {SYSTEMS[side]}. The intent is "
            "committed before each call and the outcome after it; a call without an answer is settled by looking, "
            "never by repeating. Every field written is in the journal."
        ),
        metadata={
            "dagster/table_name": "journal",
            "dagster/column_schema": lineage.target_schema(entity, side),
            "dagster/column_lineage": lineage.target_lineage(entity, side),
            "mapping": dg.MetadataValue.md(markdown_table(entity)),
        },
        freshness_policy=freshness(config.schedule, [entity.cadence]),
    )


def _earlier(config: SyncConfig, entity: EntityMapping) -> list[EntityMapping]:
    """The entities that settle before this one."""
    return [other for other in config.mapping.enabled() if other.name in entity.after]


def _how_read(feed: FeedSpec) -> str:
    if feed.read is ReadMode.ALL or feed.modified is None:
        return "every row each time (the object has no stamp that moves with its figures)"
    return f"by `{feed.modified}`"


def _limits(config: SyncConfig, entity: EntityMapping) -> str:
    limits = config.limits_for(entity.name)
    lines = "\n".join(f"| {name} | {limit_text(limits, name)} |" for name in LIMITED)
    return f"| a run may at most | records |\n|---|---|\n{lines}"


def _and(names_: tuple[str, ...]) -> str:
    return " and ".join(names_)
