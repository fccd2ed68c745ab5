"""The state of held records, told on the Salesforce records themselves (optional: `status` of an entity's side).

Only what changed is told: a record that is newly held, held for another reason, or free again. This is no part of the
plan: the columns are never compared, so telling causes no echo, and telling twice does no harm. What was told is
remembered with the holds; an answer that got lost is therefore told again by the next run, a refused one only when the
state has changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.people.answers import by_whom
from intacct_sf_pipeline.engine.people.holds import state_of
from intacct_sf_pipeline.model.mapping import EntityMapping, StatusFields
from intacct_sf_pipeline.model.notices import Notice
from intacct_sf_pipeline.model.plans import Decision, Verdict
from intacct_sf_pipeline.model.records import CanonicalRecord, Scalar, Side
from intacct_sf_pipeline.model.results import ObjectSchema, WriteRequest, WriteStatus

ELLIPSIS = "…"


class State(StrEnum):
    """What the status column says; standing texts, so that Salesforce reports can group by them."""

    IN_SYNC = "In sync"
    HELD = "Held"
    NOT_SYNCHRONISED = "Not synchronised"


@dataclass(frozen=True, slots=True)
class Concern:
    """The holds that concern one Salesforce record: open ones, and former ones that it was told of last."""

    salesforce_id: str
    present: tuple[Notice, ...]
    former: tuple[Notice, ...]

    @property
    def text(self) -> str:
        """What is wrong with the record, and what to do; empty when nothing is."""
        return " ".join(dict.fromkeys(notice.text for notice in self.present))

    @property
    def mark(self) -> str:
        """What is remembered of having told it so."""
        return f"{self.salesforce_id}:{state_of(self.text)}"

    @property
    def is_told(self) -> bool:
        """Whether the record says this already."""
        return not self.former and all(notice.shown == self.mark for notice in self.present)

    @property
    def remembered(self) -> dict[int, str | None]:
        """What its holds remember once it is told; one still told on another record is left for the next run."""
        mine = [n for n in self.present if n.shown is None or _told_to(n.shown) == self.salesforce_id]
        return {notice.hold_id: None for notice in self.former} | {notice.hold_id: self.mark for notice in mine}


def concerns(notices: Iterable[Notice]) -> list[Concern]:
    """Notices by the Salesforce record they concern, or that was told of them. Pure."""
    present: dict[str, list[Notice]] = {}
    former: dict[str, list[Notice]] = {}
    for notice in notices:
        if notice.is_open and notice.salesforce_id:
            present.setdefault(notice.salesforce_id, []).append(notice)
        told = _told_to(notice.shown)
        if told and not (notice.is_open and told == notice.salesforce_id):
            former.setdefault(told, []).append(notice)
    return [
        Concern(key, tuple(present.get(key, ())), tuple(former.get(key, ()))) for key in sorted({*present, *former})
    ]


def cut(text: str, most: int | None) -> str:
    """`text` in at most `most` characters, an ellipsis showing where it was cut. Pure."""
    if most is None or len(text) <= most:
        return text
    return text[: max(0, most - len(ELLIPSIS))].rstrip() + ELLIPSIS[:most]


def tell_states(ctx: SyncContext, entity: EntityMapping) -> int:
    """Tell the Salesforce records of `entity` whose state changed how they stand; how many were told.

    Never for a plan, nor while one is applied (nothing but its lines is written then); costs no call when no hold
    changed.
    """
    status = entity.salesforce.status
    if status is None or ctx.options.plan_only or ctx.options.plan is not None:
        return 0
    changed = [concern for concern in concerns(ctx.store.notices(entity)) if not concern.is_told]
    if not changed:
        return 0
    keys = [concern.salesforce_id for concern in changed]
    records = ctx.store.records(entity, Side.SALESFORCE, keys)
    gone = [
        c for c in changed if (record := records.get(c.salesforce_id)) and record.deleted and not record.scope_reason
    ]
    # A record that is deleted cannot be told anything any more.
    ctx.store.remember_shown(entity, {k: v for concern in gone for k, v in concern.remembered.items()})
    left = [concern for concern in changed if concern not in gone]
    return _Teller(ctx, entity, status, records).tell(left) if left else 0


@dataclass(frozen=True, slots=True)
class _Teller:
    ctx: SyncContext
    entity: EntityMapping
    status: StatusFields
    records: Mapping[str, CanonicalRecord]

    def tell(self, changed: Sequence[Concern]) -> int:
        connector = self.ctx.connectors[Side.SALESFORCE]
        most = self._longest(connector.describe(self.entity.salesforce.object))
        keys = [concern.salesforce_id for concern in changed]
        linked = frozenset(self.ctx.store.links(self.entity.link_entity, Side.SALESFORCE, keys))
        decisions = self.ctx.store.decisions(self.entity, [(Side.SALESFORCE, key) for key in keys])
        size, told = connector.batch_size(), 0
        for start in range(0, len(changed), size):
            batch = {concern.salesforce_id: concern for concern in changed[start : start + size]}
            requests = [
                self._request(concern, most, linked, decisions.get((Side.SALESFORCE, key), ()))
                for key, concern in batch.items()
            ]
            self.ctx.store.may_write(self.entity)
            for outcomes in connector.write(requests):
                # Refused is as good as told: the same words would be refused again in every run.
                done = [o for o in outcomes if o.status in (WriteStatus.WRITTEN, WriteStatus.REJECTED)]
                shown = {k: v for outcome in done for k, v in batch[outcome.ref].remembered.items()}
                self.ctx.store.remember_shown(self.entity, shown)
                told += sum(outcome.status is WriteStatus.WRITTEN for outcome in done)
        return told

    def _request(
        self, concern: Concern, most: int | None, linked: frozenset[str], decisions: Sequence[Decision]
    ) -> WriteRequest:
        key = concern.salesforce_id
        state, text = self._state(concern, decisions, linked=key in linked)
        values: dict[str, Scalar] = {self.status.field: state.value}
        if self.status.message is not None:
            values[self.status.message] = cut(text, most) or None
        return WriteRequest(key, self.entity.name, self.entity.salesforce.object, False, key, None, values)

    def _state(self, concern: Concern, decisions: Sequence[Decision], *, linked: bool) -> tuple[State, str]:
        if concern.present:
            return State.HELD, concern.text
        record = self.records.get(concern.salesforce_id)
        if linked and record is not None and not record.deleted:
            return State.IN_SYNC, ""
        ignored = next((by_whom(d) for d in decisions if d.verdict is Verdict.IGNORE), "")
        return State.NOT_SYNCHRONISED, (record.scope_reason if record is not None else "") or ignored

    def _longest(self, schema: ObjectSchema) -> int | None:
        column = schema.columns.get(self.status.message or "")
        return column.max_length if column else None


def _told_to(shown: str | None) -> str:
    """The record that was told, from what is remembered of it."""
    return (shown or "").partition(":")[0]
