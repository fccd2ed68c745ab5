"""Proof of agreement: both sides read afresh, every linked pair, every compared field.

Equal, explained (rule or hold) or unexplained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.merge import AGREE, KEEP, merge
from intacct_sf_pipeline.engine.stage import stage_entity
from intacct_sf_pipeline.engine.steps import extract
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import FieldDecision
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import Case

EQUAL, EXPLAINED, UNEXPLAINED = "equal", "explained", "unexplained"
_CHUNK = 2000
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Difference:
    """One field on which a pair differs; no values, so that it may be shown anywhere."""

    intacct_key: str
    salesforce_id: str
    field: str
    verdict: str
    reason: str


@dataclass(frozen=True, slots=True)
class CompareReport:
    """Linked pairs by verdict, the same by field, and the first differences; a pair is as good as its worst field."""

    equal: int
    explained: int
    unexplained: int
    fields: Mapping[str, int]
    differences: tuple[Difference, ...] = ()


def compare_entities(ctx: SyncContext, entities: Sequence[EntityMapping]) -> dict[str, CompareReport]:
    """Read every feed of `entities` in full, once, then compare all their pairs.

    Nothing is written to either system.
    """
    whole = replace(ctx, options=replace(ctx.options, full=True))
    for feed in ctx.config.mapping.used_feeds(*entities):
        extract(whole, feed)
    reports: dict[str, CompareReport] = {}
    for entity in entities:
        stage_entity(whole, entity)
        reports[entity.name] = compare_pairs(ctx, entity)
    return reports


def compare(ctx: SyncContext, entity: EntityMapping) -> CompareReport:
    """Compare one entity; see `compare_entities`."""
    return compare_entities(ctx, [entity])[entity.name]


def compare_pairs(ctx: SyncContext, entity: EntityMapping) -> CompareReport:
    """Compare all linked pairs as they are staged now."""
    records: Counter[str] = Counter()
    fields: Counter[str] = Counter()
    shown: list[Difference] = []
    for chunk in ctx.store.pairs(entity, size=_CHUNK):
        held = ctx.store.open_hold_fields(entity.name, [key for case in chunk for key in _keys(case)])
        for case in chunk:
            differences, compared_fields = _differences(entity, case, held)
            verdicts = {difference.verdict for difference in differences}
            records[UNEXPLAINED if UNEXPLAINED in verdicts else EXPLAINED if verdicts else EQUAL] += 1
            fields.update(difference.verdict for difference in differences)
            fields[EQUAL] += compared_fields - len(differences)
            shown.extend(differences[: max(0, _SHOWN - len(shown))])
        ctx.progress(f"compare {entity.name}", records.total(), None)
    counts = {verdict: fields[verdict] for verdict in (EQUAL, EXPLAINED, UNEXPLAINED)}
    shown.sort(key=lambda difference: difference.verdict != UNEXPLAINED)
    return CompareReport(records[EQUAL], records[EXPLAINED], records[UNEXPLAINED], counts, tuple(shown))


def _keys(case: Case) -> list[tuple[Side, str]]:
    return [(side, case.link.key(side)) for side in Side if case.link is not None]


def _differences(
    entity: EntityMapping, case: Case, held: Mapping[tuple[Side, str], frozenset[str]]
) -> tuple[list[Difference], int]:
    holds = [held[key] for key in _keys(case) if key in held]
    everything = any(not names for names in holds)
    names = frozenset[str]().union(*holds)
    intacct, salesforce = case.intacct, case.salesforce
    if intacct is None or salesforce is None or intacct.deleted or salesforce.deleted:
        return _missing(entity, case, everything), 1
    decisions = merge(entity, intacct, salesforce, case.baseline)
    differences = [
        _difference(case, decision, explained=everything or decision.field in names)
        for decision in decisions
        if decision.decision != AGREE
    ]
    return differences, len(decisions)


def _missing(entity: EntityMapping, case: Case, held: bool) -> list[Difference]:
    gone = all(record is None or record.deleted for record in (case.intacct, case.salesforce))
    dealt_with = case.baseline is not None and "*" in case.baseline.accepted
    if gone:
        return []
    verdict = EXPLAINED if held or dealt_with or entity.links else UNEXPLAINED
    link = case.link
    return [
        Difference(
            link.intacct_key if link else "", link.salesforce_id if link else "", "*", verdict, "gone on one side"
        )
    ]


def _difference(case: Case, decision: FieldDecision, *, explained: bool) -> Difference:
    link = case.link
    verdict = EXPLAINED if explained or decision.decision == KEEP else UNEXPLAINED
    reason = "on hold" if explained else decision.reason
    return Difference(
        link.intacct_key if link else "", link.salesforce_id if link else "", decision.field, verdict, reason
    )
