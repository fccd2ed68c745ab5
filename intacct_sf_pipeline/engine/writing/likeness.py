"""Finding what became of a create whose record carries no id of ours: a free record that holds exactly what was sent.

One such record for each line of the same content is the line's; records that were there before the line was made, have
a partner, or differ in anything that was sent, are not.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.stage import stage_side
from intacct_sf_pipeline.model.fields import FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import PlanLine
from intacct_sf_pipeline.model.records import CanonicalRecord, Side, SourceRow


@dataclass(frozen=True, slots=True)
class Likenesses:
    """Lines with the row that is theirs, lines of which nothing is there, and lines that may be one of several."""

    found: list[tuple[PlanLine, SourceRow]] = field(default_factory=list)
    absent: list[PlanLine] = field(default_factory=list)
    unsure: list[PlanLine] = field(default_factory=list)


def alike(ctx: SyncContext, entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> Likenesses:
    """Read the records that share a line's required value, and tell which of them it made.

    The rows are landed either way, so that the match rules judge the lines that stay unsure.
    """
    column, values = _likeness(entity, side, lines)
    if not column or not values:
        return Likenesses(absent=list(lines))
    feed = ctx.config.mapping.feed(side, entity.side(side).feed)
    rows = ctx.connectors[side].lookup(feed, ctx.config.mapping.columns(feed), column, set(values))
    if not rows:
        return Likenesses(absent=list(lines))
    ctx.store.land(feed, rows, run_id=ctx.run_id)
    stage_side(ctx, entity, side, Counter())
    records = ctx.store.records(entity, side, [row.key for row in rows])
    linked = ctx.store.links(entity.link_entity, side, list(records))
    free = {row.key: row for row in rows if row.key in records and row.key not in linked}
    result = Likenesses()
    for line in lines:
        same = [key for key in free if _is_content_of(entity, line, records[key])]
        if not same:
            result.absent.append(line)
        elif len(same) > sum(1 for other in lines if _content(other) == _content(line)):
            result.unsure.append(line)
        else:
            result.found.append((line, free.pop(same[0])))
    return result


def _is_content_of(entity: EntityMapping, line: PlanLine, record: CanonicalRecord) -> bool:
    if record.deleted:
        return False
    return all(
        record.values.get(change.field) == change.canonical
        for change in line.changes
        if (spec := entity.by_name.get(change.field)) is not None
        and not spec.stamp
        and spec.type is not FieldType.REFERENCE
        and change.canonical is not None
    )


def _content(line: PlanLine) -> list[tuple[str, object]]:
    return sorted((change.field, str(change.canonical)) for change in line.changes)


def _likeness(entity: EntityMapping, side: Side, lines: Sequence[PlanLine]) -> tuple[str, list[str]]:
    """The column and values by which similar records are read: those of the first required field."""
    for spec in entity.fields:
        columns = spec.source(side).write_columns
        if spec.required and spec.direction.writes(side) and len(columns) == 1:
            changes = [change for line in lines for change in line.changes if change.field == spec.name]
            return columns[0], [str(change.after) for change in changes if change.after is not None]
    return "", []
