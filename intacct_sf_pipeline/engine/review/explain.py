"""Why a record is as it is: base, both sides, decision, rule and reason per field, and what was last written to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.engine.planning.merge import merge
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldDecision
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord, Link, Side
from intacct_sf_pipeline.model.results import Case


@dataclass(frozen=True, slots=True)
class Explanation:
    """One record or pair explained; `as_dict` is the CLI's JSON (without the journal, which the caller adds)."""

    link: Link | None
    fields: tuple[FieldDecision, ...]

    def as_dict(self) -> dict[str, object]:
        """The link and, per field, base, both values, decision, rule and reason."""
        link = self.link
        return {
            "link": None
            if link is None
            else {
                "intacct_key": link.intacct_key,
                "salesforce_id": link.salesforce_id,
                "method": link.method,
                "created_at": link.created_at.isoformat(),
                "run_id": link.run_id,
            },
            "fields": {d.field: _field(d) for d in self.fields},
        }


def explain(entity: EntityMapping, case: Case, held: frozenset[str] | None = None) -> Explanation:
    """Explain a case; `held` names the fields on hold (empty: the whole record, None: nothing)."""
    intacct, salesforce = case.intacct, case.salesforce
    if case.link is not None and intacct is not None and salesforce is not None:
        decisions = merge(entity, intacct, salesforce, case.baseline)
    else:
        decisions = _alone(entity, case)
    return Explanation(case.link, tuple(_with_hold(decision, held) for decision in decisions))


def _alone(entity: EntityMapping, case: Case) -> tuple[FieldDecision, ...]:
    side, record = (Side.INTACCT, case.intacct) if case.intacct is not None else (Side.SALESFORCE, case.salesforce)
    if record is None:
        return ()
    reason = _why_alone(record, side)
    values: Mapping[str, Canonical] = record.values
    return tuple(
        FieldDecision(
            spec.name,
            None,
            values.get(spec.name) if side is Side.INTACCT else None,
            values.get(spec.name) if side is Side.SALESFORCE else None,
            "none",
            "no-partner",
            reason,
        )
        for spec in entity.fields
    )


def _why_alone(record: CanonicalRecord, side: Side) -> str:
    if record.deleted:
        return f"deleted in {side.value}"
    return record.scope_reason or "no partner yet"


def _with_hold(decision: FieldDecision, held: frozenset[str] | None) -> FieldDecision:
    if held is None or (held and decision.field not in held) or decision.decision == "agree":
        return decision
    return FieldDecision(
        decision.field,
        decision.base,
        decision.intacct,
        decision.salesforce,
        "hold",
        decision.rule,
        f"on hold; {decision.reason}",
    )


def _field(decision: FieldDecision) -> dict[str, object]:
    return {
        "base": _plain(decision.base),
        "intacct": _plain(decision.intacct),
        "salesforce": _plain(decision.salesforce),
        "decision": decision.decision,
        "rule": decision.rule,
        "reason": decision.reason,
    }


def _plain(value: Canonical) -> object:
    return value if value is None or isinstance(value, bool | str) else str(value)
