"""Limits of one run: which lines count, whether there are too many, and what becomes of them. Pure.

Lines that a limit of the kind `hold` keeps back wait for approval until somebody approves them, the limit is raised to
what the flood was, or `--force` names it; they do not count against later runs. So approving some of a flood never lets
the rest slip below the limit.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from intacct_sf_pipeline.engine.people.advice import SYSTEM, advised
from intacct_sf_pipeline.engine.people.holds import state_of
from intacct_sf_pipeline.engine.review.plan_file import shown_value
from intacct_sf_pipeline.model.budget import BUDGET
from intacct_sf_pipeline.model.config import LIMITED, PERCENT_FROM, LimitedOperation, Limits, SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Decision, Hold, HoldReason, LineStatus, Operation, PlanLine, Verdict
from intacct_sf_pipeline.model.records import Side

Record = tuple[Side, str]
Counts = Mapping[tuple[Side, Operation, LineStatus], int]
Fate = Literal["pass", "queued", "fresh"]

_SEPARATOR = ":"
_TRIED = (LineStatus.SENT, LineStatus.WRITTEN, LineStatus.UNKNOWN, LineStatus.FAILED, LineStatus.REJECTED)
_COUNTS_AS: Mapping[Operation, LimitedOperation] = {
    Operation.CREATE: "create",
    Operation.UPDATE: "update",
    Operation.LINK: "update",
    Operation.DEACTIVATE: "deactivate",
}
_DONE = {
    "create": "created in",
    "update": "changed in",
    "deactivate": "deactivated in",
}


@dataclass(frozen=True, slots=True)
class Exceeded:
    """A limit that a run's plan exceeds (or that keeps lines of earlier plans waiting), and what follows from it.

    Of the `planned` lines that an override lets pass, `waited` waited for approval.
    """

    entity: str
    side: Side
    operation: LimitedOperation
    planned: int
    most: int
    action: Literal["stop", "hold", "force"]
    waited: int = 0

    @property
    def name(self) -> str:
        """How `--force` names the limit."""
        return f"{self.entity}.{self.operation}"


def forceable(config: SyncConfig) -> tuple[str, ...]:
    """Every name that `--force` takes: the limits of each entity, its fields with a breaker, and the budget."""
    return BUDGET, *(
        f"{entity.name}.{name}"
        for entity in config.mapping.enabled()
        for name in (*LIMITED, *(spec.name for spec in entity.fields if spec.breaker is not None))
    )


def require_forceable(names: Iterable[str], config: SyncConfig) -> frozenset[str]:
    """`names`, every one of which says what it overrides.

    Raises:
        ConfigurationError: a name is no limit or breaker; it lists those there are.
    """
    known, wanted = forceable(config), frozenset(names)
    for name in sorted(wanted):
        if name not in known:
            what = f"there is no limit or breaker {name!r}"
            raise ConfigurationError(what, where="--force", cure=f"choose of: {', '.join(known)}")
    return wanted


def counts_as(entity: EntityMapping, line: PlanLine) -> LimitedOperation | None:
    """The limit a line falls under; one that writes nothing but ids falls under none."""
    if line.operation is Operation.LINK and all(_is_id(entity, change.field) for change in line.changes):
        return None
    return _COUNTS_AS.get(line.operation)


def rough_counts(counts: Counts) -> dict[tuple[Side, LimitedOperation], int]:
    """At most how many lines each limit may have to judge, tried ones included."""
    found: dict[tuple[Side, LimitedOperation], int] = {}
    for (side, operation, status), count in counts.items():
        name = _COUNTS_AS.get(operation)
        if name is not None and status in (LineStatus.PLANNED, *_TRIED):
            found[side, name] = found.get((side, name), 0) + count
    return found


def tried(counts: Counts, side: Side, operation: LimitedOperation) -> int:
    """How many records the run has touched already (in an earlier pass)."""
    return sum(counts.get((side, Operation(operation), status), 0) for status in _TRIED)


def bounds(limits: Limits, pairs: int) -> dict[LimitedOperation, int]:
    """The most records by operation, where there is a limit."""
    found = {operation: limits.bound(operation).most(pairs) for operation in LIMITED}
    return {operation: most for operation, most in found.items() if most is not None}


def limit_text(limits: Limits, operation: LimitedOperation) -> str:
    """One limit in words: how many records on a side in one run, and what happens beyond."""
    bound = limits.bound(operation)
    share = f"{bound.percent:f} % of the pairs (from {PERCENT_FROM} pairs on)" if bound.percent is not None else ""
    most = " or ".join(filter(None, ("" if bound.count is None else str(bound.count), share)))
    return f"{most}, else {limits.action(operation)}" if most else "no limit"


def record_of(line: PlanLine) -> Record:
    """The record a line is about: its source, or its target when there is none."""
    if line.source_key:
        return line.side.other, line.source_key
    return line.side, line.target_key or ""


def fate(line: PlanLine, waiting: str | None, decisions: Iterable[Decision], most: int) -> Fate:
    """What becomes of a line: approved ones pass, ones that wait for approval go on waiting, all others are fresh.

    `waiting` is the state of the open hold that keeps the record from being written to the line's side.
    """
    if waiting is None:
        return "fresh"
    content = state_of(_content(line))
    approvals = (d for d in decisions if d.reason is HoldReason.LIMIT and d.verdict is Verdict.APPROVE)
    if any(decision.state.partition(_SEPARATOR)[0] == content for decision in approvals):
        return "pass"
    return "queued" if _flood(waiting) > most else "fresh"


def forced_text(found: Exceeded) -> str:
    """What an override let pass, in words: how many lines, which of them waited, and the limit if they exceed it."""
    lines = f"{found.planned} line" if found.planned == 1 else f"{found.planned} lines"
    if found.waited == found.planned:
        lines = f"{lines} waiting for approval"
    elif found.waited:
        lines = f"{lines}, {found.waited} of them waiting for approval"
    return f"{lines}, the limit is {found.most}" if found.planned > found.most else lines


def limit_hold(line: PlanLine, exceeded: Exceeded, waiting: str | None) -> Hold:
    """The hold that keeps a line back; `waiting` is the state it had before, if it waited already."""
    side, key = record_of(line)
    flood = max(exceeded.planned, _flood(waiting) if waiting else 0)
    message = (
        f"{flood} of {exceeded.entity} were to be {_DONE[exceeded.operation]} {SYSTEM[line.side]} in one run; "
        f"the limit is {exceeded.most}."
    )
    state = f"{state_of(_content(line))}{_SEPARATOR}{flood}"
    return advised(Hold(line.entity, side, key, line.side, HoldReason.LIMIT, message, state=state))


def _flood(state: str) -> int:
    """How many lines there were when the hold began, from its state."""
    number = state.partition(_SEPARATOR)[2]
    return int(number) if number.isdigit() else 0


def _content(line: PlanLine) -> str:
    """What is approved: this operation, with these values."""
    changes = [(change.field, shown_value(change.after)) for change in line.changes if change.rule != "stamp"]
    return json.dumps([line.side, line.operation, changes])


def _is_id(entity: EntityMapping, name: str) -> bool:
    spec = entity.by_name.get(name)
    return spec is not None and (
        spec.intacct.columns == ("id",) or spec.salesforce.columns == (entity.salesforce.external_id,)
    )
