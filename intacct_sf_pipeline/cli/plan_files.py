"""Plan and apply as two acts: which options go together, the plan's file, and what became of an applied plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.table import Table

from intacct_sf_pipeline.cli.database import staging_store
from intacct_sf_pipeline.cli.targets import ALL, chosen
from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.engine.review.plan_file import Header, plan_document, require_applicable
from intacct_sf_pipeline.engine.review.plan_io import read_plan, require_free, write_plan
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import LineStatus

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class PlanChoice:
    """What was asked for: `out` writes the plan to a file, `apply` writes what a file says."""

    plan: bool = False
    out: Path | None = None
    overwrite: bool = False
    apply: Path | None = None
    max_age_days: int = 7

    def entities(self, config: SyncConfig, flow: str, *, others: Mapping[str, object]) -> tuple[EntityMapping, ...]:
        """The flows to run: those asked for, or those of the plan to be applied.

        Raises:
            ConfigurationError: options that do not go together, or a plan that cannot be applied; nothing was run.
        """
        if self.out is not None:
            if not self.plan:
                raise ConfigurationError("only a plan is written to a file", where="--out", cure="add --plan")
            require_free(self.out, overwrite=self.overwrite)
        elif self.overwrite:
            raise ConfigurationError("there is no file to overwrite", where="--overwrite", cure="add --out FILE")
        if self.apply is None:
            return chosen(config.mapping, flow)
        given = [name for name, value in {"--plan": self.plan, **others}.items() if value]
        if given:
            what = f"a plan is applied as it is, not with {', '.join(given)}"
            raise ConfigurationError(what, where="--apply", cure=f"leave {', '.join(given)} out")
        plan = read_plan(self.apply)
        limit = timedelta(days=self.max_age_days)
        require_applicable(plan, config, now=utc_now(), max_age=limit, name=str(self.apply))
        if flow not in (ALL, *plan.entities) or (flow != ALL and len(plan.entities) > 1):
            what = f"the plan is of {', '.join(plan.entities)}"
            raise ConfigurationError(what, where=str(self.apply), cure="leave the flow out")
        return tuple(entity for entity in config.mapping.enabled() if entity.name in plan.entities)


def save_plan(
    path: Path, config: SyncConfig, run_id: str, entities: Sequence[EntityMapping], *, overwrite: bool
) -> str:
    """Write the plan that run `run_id` made to `path`; its hash."""
    with staging_store() as store:
        lines = [
            line
            for entity in entities
            for page in store.lines_of_run(entity, run_id=run_id)
            for line in page
            if line.status is LineStatus.PREVIEW
        ]
    header = Header(run_id, utc_now(), [entity.name for entity in entities])
    document = plan_document(header, lines, config)
    write_plan(path, document, overwrite=overwrite)
    return str(document["hash"])


def refused_table(refused: Sequence[Mapping[str, Any]]) -> Table:
    """What was not written of an applied plan, and why."""
    more = f", the first {_SHOWN}" if len(refused) > _SHOWN else ""
    table = Table(title=f"Refused: {len(refused)}{more}", title_justify="left")
    for heading in ("flow", "side", "key", "field", "why"):
        table.add_column(heading)
    for row in refused[:_SHOWN]:
        table.add_row(row["entity"], row["side"], row["key"], row["field"] or "", row["reason"])
    return table
