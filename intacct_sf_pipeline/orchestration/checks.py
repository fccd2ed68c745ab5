"""The asset checks: promises that the data itself can show, three per entity, asked of what the run touched.

The checks on staging and on the plan are blocking: with severity ERROR the run stops before anything is written. What
concerns single records only is a warning, because those are held one by one and never stop their neighbours. Dagster
stores several events per check and run and more per step, so related promises share one check, whose metadata lists
each of them, and each check is made by the step of its asset: a step of its own would cost as much as the asset's.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import dagster as dg

from intacct_sf_pipeline.engine.guarding.limits import limit_text
from intacct_sf_pipeline.model.config import LIMITED, SyncConfig
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.orchestration import names
from intacct_sf_pipeline.orchestration.pipeline import Pipeline
from intacct_sf_pipeline.orchestration.reporting import SEE_HELD

IDENTITY, SAFE_TO_WRITE, SETTLED = "identity", "safe_to_write", "settled"


@dataclass(frozen=True, slots=True)
class Check:
    """One check of the asset `key`, asked by the asset's own step; `find` looks, `about` says what is promised."""

    key: dg.AssetKey
    name: str
    about: str
    find: Callable[[Pipeline], "Findings"]
    blocking: bool

    @property
    def spec(self) -> dg.AssetCheckSpec:
        """As Dagster is told of it."""
        return dg.AssetCheckSpec(self.name, asset=self.key, description=self.about, blocking=self.blocking)

    def result(self, pipeline: Pipeline) -> dg.AssetCheckResult:
        """What is found now; an error makes the run a failed one."""
        return pipeline.noted(self.find(pipeline).result(self.name))


def identity_check(entity: EntityMapping) -> Check:
    """No record has two partners, none shares its external id, and what it belongs to is known."""
    about = (
        "No record has two partners and no two linked records of a side carry one external id (both stop the run). "
        "Copies without a partner, and records whose parent is not staged, are a warning: they are held or wait."
    )

    def find(pipeline: Pipeline) -> Findings:
        questions, found = pipeline.questions, Findings()
        found.figures["records to decide on"] = questions.waiting(entity)
        if not found.figures["records to decide on"]:
            return found
        found.error("records with two partners", questions.double_links(entity))
        for side, copies in questions.shared_external_ids(entity).items():
            found.error(f"{side.value}: external ids on two linked records", copies.linked)
            found.warn(f"{side.value}: records that share an external id", copies.shared)
        found.warn("records whose parent is not staged", questions.dangling_references(entity))
        return found

    return Check(names.staging_key(entity), IDENTITY, about, find, blocking=True)


def plan_check(config: SyncConfig, entity: EntityMapping) -> Check:
    """The plan stays within limits and value breakers, and writes no record twice."""
    about = (
        "The run creates, updates and deactivates no more records on a side than allowed, no value breaks bounds that "
        "stop the run, and each record is written once. What a limit or a breaker holds for approval is a warning."
    )
    stopping = {spec.name for spec in entity.fields if spec.breaker is not None and spec.breaker.action == "stop"}

    def find(pipeline: Pipeline) -> Findings:
        questions, found = pipeline.questions, Findings()
        run_id = questions.last_run(entity) or ""
        planned = questions.planned(entity, run_id)
        found.figures = {f"{side.value} {op}": count for side, ops in planned.items() for op, count in ops.items()}
        report = found.warn if pipeline.options.plan_only else found.error
        for excess in questions.exceeded(entity, run_id):
            what = f"more than {excess.limit} to {excess.operation}"
            if excess.action == "stop":
                report(f"{excess.side}: {what}", excess.planned)
            elif excess.action == "force":
                found.figures[f"{excess.side}: {what}, let pass by --force"] = excess.planned
            else:
                found.warn(f"{excess.side}: {what}; held for approval", excess.held)
        if found.breaches or stopping or any(found.figures.values()):
            for name, count in questions.broken(entity).items():
                stop = name in stopping
                tell = report if stop else found.warn
                tell(f"values of {name} that break their bounds" + ("" if stop else "; held"), count)
        if any(found.figures.values()):
            limits = config.limits_for(entity.name)
            found.notes["limits"] = "; ".join(f"{name}: {limit_text(limits, name)}" for name in LIMITED)
            found.error("records planned twice", questions.touched_twice(entity, run_id))
        found.cure = SEE_HELD if found.warnings and not pipeline.options.plan_only else ""
        return found

    return Check(names.reconcile_key(entity), SAFE_TO_WRITE, about, find, blocking=True)


def settled_check(config: SyncConfig, entity: EntityMapping) -> Check:
    """Every planned write came to an end, nothing waits for a person, and both sides now hold what was written.

    It belongs to the last write-back of `entity`, which has at least one.
    """
    last = names.writeback_keys(config.mapping, entity)[-1]
    about = "Every planned write ended, nothing waits for a person, and what was written now agrees on both sides."

    def find(pipeline: Pipeline) -> Findings:
        questions, found = pipeline.questions, Findings()
        run_id = questions.last_run(entity) or ""
        if questions.has_written(entity, run_id):
            for side in names.writeback_sides(entity):
                for status, count in questions.unsettled(entity, side, run_id).items():
                    found.warn(f"{side.value}: writes still {status}", count)
            for name, count in questions.disagreeing(entity, run_id).items():
                found.warn(f"records just written that differ in {name}", count)
        held = questions.open_holds(entity)
        waiting = pipeline.waiting(entity)
        found.warn("waits for the budget", 1 if waiting else 0)
        if waiting:
            found.notes["budget"] = waiting
        for reason, count in held.items():
            found.warn(f"held: {reason}", count)
        found.cure = SEE_HELD if held else ""
        return found

    return Check(last, SETTLED, about, find, blocking=False)


@dataclass
class Findings:
    """What a check found: each promise with the number of offenders, zero included."""

    figures: dict[str, int] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    notes: dict[str, str] = field(default_factory=dict)
    cure: str = ""

    @property
    def breaches(self) -> bool:
        """Whether anything was found."""
        return bool(self.errors or self.warnings)

    def error(self, what: str, count: int) -> None:
        """A promise whose breach must stop the run."""
        self._note(what, count, self.errors)

    def warn(self, what: str, count: int) -> None:
        """Something to look at that concerns single records."""
        self._note(what, count, self.warnings)

    def _note(self, what: str, count: int, breaches: list[str]) -> None:
        self.figures[what] = count
        if count:
            breaches.append(f"{what}: {count}")

    def result(self, name: str | None = None) -> dg.AssetCheckResult:
        """The same for Dagster, as the result of the check `name` (None: of the step's only one)."""
        told = "; ".join((*self.errors, *self.warnings)) or "nothing wrong was found"
        metadata: dict[str, int | str] = {**self.figures, **self.notes}
        return dg.AssetCheckResult(
            check_name=name,
            passed=not self.breaches,
            severity=dg.AssetCheckSeverity.ERROR if self.errors else dg.AssetCheckSeverity.WARN,
            description=f"{told}. {self.cure}".strip(),
            metadata=metadata,
        )
