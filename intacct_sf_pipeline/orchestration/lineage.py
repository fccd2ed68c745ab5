"""Columns of the tables behind the assets and where each comes from, as Dagster's own schema and lineage values.

The open-source UI draws no column graph, so every lineage is also rendered as the Markdown table of the mapping.
"""

from collections.abc import Iterator, Sequence

import dagster as dg

from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.orchestration.names import extract_key, staging_key

_TYPES = {FieldType.DECIMAL: "decimal", FieldType.BOOLEAN: "boolean", FieldType.DATETIME: "timestamp"}


def extract_schema(mapping: SyncMapping, feeds: Sequence[FeedSpec]) -> dg.TableSchema:
    """The vendor columns that one extract reads; those of further feeds under the feed's name, as `notes.Title`."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                _column_name(mapping, feed, column),
                "string",
                description=f"{column} of {feed.object}",
                constraints=dg.TableColumnConstraints(nullable=column != feed.key),
            )
            for feed in feeds
            for column in dict.fromkeys((feed.key, *mapping.columns(feed)))
        ]
    )


def canonical_schema(entity: EntityMapping) -> dg.TableSchema:
    """The canonical fields of `entity`: normalised values, the same on both sides."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                field.name,
                _TYPES.get(field.type, "string"),
                description=f"{field.title} ({field.direction.value.replace('_', ' ')})",
                constraints=dg.TableColumnConstraints(nullable=not field.required),
            )
            for field in entity.fields
        ]
    )


def canonical_lineage(mapping: SyncMapping, entity: EntityMapping) -> dg.TableColumnLineage:
    """Which vendor columns each canonical field of `entity` is made of."""
    return dg.TableColumnLineage({field.name: list(_sources(mapping, entity, field.name)) for field in entity.fields})


def target_schema(entity: EntityMapping, side: Side) -> dg.TableSchema:
    """The vendor columns that `entity` writes on `side`."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(column, _TYPES.get(field.type, "string"), description=f"{field.title} of {entity.name}")
            for field in entity.fields
            if field.direction.writes(side)
            for column in field.source(side).columns
        ]
    )


def target_lineage(entity: EntityMapping, side: Side) -> dg.TableColumnLineage:
    """Which canonical field each written vendor column comes from."""
    return dg.TableColumnLineage(
        {
            column: [dg.TableColumnDep(asset_key=staging_key(entity), column_name=field.name)]
            for field in entity.fields
            if field.direction.writes(side)
            for column in field.source(side).columns
        }
    )


def _sources(mapping: SyncMapping, entity: EntityMapping, name: str) -> Iterator[dg.TableColumnDep]:
    field = entity.by_name[name]
    for side in SIDES:
        spec = entity.side(side)
        feeds = {related.alias: related.feed for related in spec.related}
        for column in field.source(side).columns:
            alias, _, rest = column.partition(".")
            feed = mapping.feed(side, feeds.get(alias, spec.feed))
            name = _column_name(mapping, feed, rest if alias in feeds else column)
            yield dg.TableColumnDep(asset_key=extract_key(feed), column_name=name)


def _column_name(mapping: SyncMapping, feed: FeedSpec, column: str) -> str:
    first = next(other for other in mapping.used_feeds() if extract_key(other) == extract_key(feed))
    return column if feed == first else f"{feed.name}.{column}"
