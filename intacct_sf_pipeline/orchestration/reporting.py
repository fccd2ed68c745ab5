"""Engine reports become materialisation metadata: counts, API spend, lag, a preview table. Names of fields appear,
their values never.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import dagster as dg

from intacct_sf_pipeline.engine.review.compare import CompareReport
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.month import MonthFigure
from intacct_sf_pipeline.model.records import Scalar
from intacct_sf_pipeline.model.results import StepReport

if TYPE_CHECKING:
    Materialised = dg.MaterializeResult[Any]
else:
    Materialised = dg.MaterializeResult
"""What an asset's function returns. Dagster knows it by identity, so that a type parameter would hide it."""

PREVIEW_ROWS = 20
SEE_HELD = "`intacct-sf holds list` shows what waits for a person, `intacct-sf explain ENTITY KEY` says why."
NOTHING_TOUCHED = "Nothing had to be touched."
NOTHING_WRITTEN = "A rehearsal: this is what a sync would do; nothing was written to either system."


def materialisation(
    reports: Sequence[StepReport],
    *,
    preview: Sequence[Mapping[str, Scalar]] | None = None,
    row_count: int | None = None,
    planned_only: bool = False,
    month: Sequence[MonthFigure] = (),
    checks: Sequence[dg.AssetCheckResult] = (),
) -> Materialised:
    """The reports of one step (an extract has one per feed) as a materialisation; every count is a plottable number.

    `preview` is shown instead of the reports' own rows, `month` is what the month has cost so far, `checks` are the
    results of the asset's checks. A step that the budget kept back says so.
    """
    counts: Counter[str] = Counter()
    for report in reports:
        counts.update(report.counts)
    metadata: dict[str, Any] = dict(counts)
    metadata["seconds"] = round(sum(report.seconds for report in reports), 3)
    lags = [report.lag_seconds for report in reports if report.lag_seconds is not None]
    if lags:
        metadata["lag_seconds"] = round(min(lags), 1)
    if row_count is not None:
        metadata["dagster/row_count"] = row_count
    rows = preview if preview is not None else [row for report in reports for row in report.preview]
    metadata["preview"] = table(rows[:PREVIEW_ROWS])
    if counts["held"]:
        metadata["held records"] = dg.MetadataValue.md(SEE_HELD)
    if planned_only:
        metadata["note"] = NOTHING_WRITTEN
    waiting = [report.waiting for report in reports if report.waiting]
    if waiting:
        metadata["waits for the budget"] = dg.MetadataValue.text("; ".join(dict.fromkeys(waiting)))
    metadata |= month_metadata(month)
    return dg.MaterializeResult(metadata=metadata, check_results=checks)


def month_metadata(month: Sequence[MonthFigure]) -> dict[str, Any]:
    """The month to date, its forecast and what goes beyond the included number, in units and, where the price is
    known, in money.
    """
    metadata: dict[str, Any] = {}
    for figure in month:
        name = figure.side.value
        metadata[f"{name}_month_to_date"] = figure.billed
        metadata[f"{name}_month_forecast"] = figure.forecast
        if figure.included is not None:
            metadata[f"{name}_month_over"] = figure.over.units
            metadata[f"{name}_month_over_forecast"] = figure.over_forecast.units
        if figure.over.amount is not None and figure.over_forecast.amount is not None:
            money = f"{figure.over.amount:f} {figure.currency}, forecast {figure.over_forecast.amount:f}"
            metadata[f"{name}_month_cost"] = dg.MetadataValue.text(money)
    return metadata


def extract_rows(feeds: Sequence[FeedSpec], reports: Sequence[StepReport]) -> list[dict[str, Scalar]]:
    """One row per feed of an extract: what was read and what of it was news."""
    return [
        {"object": feed.object, **{name: report.counts[name] for name in ("read", "new", "changed", "deleted")}}
        for feed, report in zip(feeds, reports, strict=True)
    ]


def agreement(report: CompareReport) -> dict[str, Any]:
    """A full compare as metadata: pairs by verdict, the same counted by field, what was healed, who has no partner, and
    where the first differences are.
    """
    metadata: dict[str, Any] = {
        "equal": report.equal,
        "explained": report.explained,
        "unexplained": report.unexplained,
        "healed": report.healed,
    }
    metadata |= {f"fields_{verdict}": count for verdict, count in report.fields.items()}
    for what, counts in (("healed_fields", report.healed_fields), ("causes", report.causes)):
        if counts:
            metadata[what] = ", ".join(f"{name}: {count}" for name, count in counts.items())
    for side, alone in report.unlinked.items():
        metadata |= {f"without_partner_{side}_{category}": count for category, count in alone.items() if count}
    if report.stopped:
        metadata["stopped"] = report.stopped
    if report.differences:
        rows = [asdict(difference) for difference in report.differences[:PREVIEW_ROWS]]
        metadata["differences"] = table(rows)
    return metadata


def table(rows: Sequence[Mapping[str, Scalar]]) -> dg.TableMetadataValue | dg.TextMetadataValue:
    """Rows with the same keys as a table that the UI shows in place; a sentence when there are none."""
    if not rows:
        return dg.MetadataValue.text(NOTHING_TOUCHED)
    columns = [dg.TableColumn(name, _type(value)) for name, value in rows[0].items()]
    records = [dg.TableRecord({name: _cell(value) for name, value in row.items()}) for row in rows]
    return dg.MetadataValue.table(records, schema=dg.TableSchema(columns=columns))


def _type(value: Scalar) -> str:
    return "int" if isinstance(value, int) else "string"


def _cell(value: Scalar) -> str | int:
    return value if isinstance(value, int) else "" if value is None else str(value)
