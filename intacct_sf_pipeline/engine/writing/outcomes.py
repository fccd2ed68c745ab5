"""What follows from a service's answers.

Line statuses, links, baselines, journal, holds, and what the target now holds; one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from intacct_sf_pipeline.engine.context import SyncContext
from intacct_sf_pipeline.engine.matching.search_keys import search_keys
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.advice import advised
from intacct_sf_pipeline.engine.people.refusals import administrators_cure
from intacct_sf_pipeline.engine.planning.deletions import RESTORED
from intacct_sf_pipeline.engine.values.canonical import match_keys
from intacct_sf_pipeline.engine.values.normalise import joined
from intacct_sf_pipeline.engine.values.references import wake_dependants
from intacct_sf_pipeline.engine.writing.write_requests import column_values, needs_read_back
from intacct_sf_pipeline.model.errors import LinkConflictError, ServiceReply
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import (
    Baseline,
    Hold,
    HoldReason,
    JournalEntry,
    LineStatus,
    Operation,
    PlanLine,
    Settlement,
)
from intacct_sf_pipeline.model.records import CanonicalRecord, Link, Side, SourceRow
from intacct_sf_pipeline.model.results import WriteOutcome, WriteStatus

_STATUS = {
    WriteStatus.WRITTEN: LineStatus.WRITTEN,
    WriteStatus.REJECTED: LineStatus.REJECTED,
    WriteStatus.UNKNOWN: LineStatus.UNKNOWN,
    WriteStatus.NOT_SENT: LineStatus.FAILED,
}


class Outcomes:
    """Commits the outcomes of one call."""

    def __init__(self, ctx: SyncContext, entity: EntityMapping, side: Side) -> None:
        self._ctx, self._entity, self._side = ctx, entity, side
        self._now = ctx.clock()

    def commit(self, pairs: Sequence[tuple[PlanLine, WriteOutcome]]) -> list[PlanLine]:
        """Commit; the lines that were written come back with the key of their target.

        A create that led to a record with another partner is refused, and what it wrote there counts as an edit that
        the partner takes back.
        """
        pairs, astray = list(pairs), list[PlanLine]()
        while pairs:
            try:
                return self._commit(pairs, astray)
            except LinkConflictError as conflict:
                strays = [pair for pair in pairs if self._is_contested(pair, conflict)]
                if not strays:
                    raise
                astray += self._owners(strays)
                pairs = [
                    (line, _contested(outcome) if (line, outcome) in strays else outcome) for line, outcome in pairs
                ]
        return []

    def _is_contested(self, pair: tuple[PlanLine, WriteOutcome], conflict: LinkConflictError) -> bool:
        line, outcome = pair
        if outcome.status is not WriteStatus.WRITTEN:
            return False
        link = self._link(replace(line, target_key=outcome.key or line.target_key))
        return link is not None and conflict.concerns(link.intacct_key, link.salesforce_id)

    def _owners(self, strays: Sequence[tuple[PlanLine, WriteOutcome]]) -> list[PlanLine]:
        """What was written to records with another partner, as changes of these pairs; Salesforce upserts alone write
        to a record that exists.
        """
        if self._side is not Side.SALESFORCE:
            return []
        keys = {line.line_id: outcome.key or line.target_key or "" for line, outcome in strays}
        links = self._ctx.store.links(self._entity.link_entity, self._side, set(keys.values()))
        self._ctx.store.requeue(self._entity, self._side, set(links))
        return [
            replace(line, operation=Operation.UPDATE, target_key=key, source_key=links[key].key(self._side.other))
            for line, _ in strays
            if (key := keys[line.line_id]) in links
        ]

    def _commit(self, pairs: Sequence[tuple[PlanLine, WriteOutcome]], astray: Sequence[PlanLine]) -> list[PlanLine]:
        written = [
            replace(line, target_key=outcome.key or line.target_key)
            for line, outcome in pairs
            if outcome.status is WriteStatus.WRITTEN
        ]
        stored = [*written, *_saved_parts(pairs), *astray]
        links = {line.line_id: link for line in written if (link := self._link(line)) is not None}
        baselines = self._ctx.store.baselines(self._entity, [key for line in stored if (key := line.intacct_key())])
        settlements = [self._settled(line, links.get(line.line_id), baselines) for line in stored]
        settlements += [
            self._refused(line, outcome) for line, outcome in pairs if outcome.status is WriteStatus.REJECTED
        ]
        self._retry_later([line for line, outcome in pairs if outcome.status is WriteStatus.NOT_SENT])
        # Before the commit, so that a crash after it leaves nobody waiting; and after it, for a stage that ran between.
        self._wake(links)
        self._ctx.store.commit_outcomes(
            self._entity,
            [line for line, _ in pairs],
            {line.line_id: _STATUS[o.status] for line, o in pairs},
            settlements=settlements,
            journal=[entry for line in stored for entry in self._journal(line)],
            predicted=[self._row(line) for line in stored],
            records=self._records(stored),
            again=self._to_stage_again(written),
            side=self._side,
            run_id=self._ctx.run_id,
        )
        self._wake(links)
        return written

    def _to_stage_again(self, written: Sequence[PlanLine]) -> list[str]:
        """Records that show more than was written, should this run end before it has looked.

        In Salesforce nothing but the prediction tells of it; what Intacct adds comes with the next read.
        """
        if self._side is not Side.SALESFORCE:
            return []
        return [line.target_key for line in written if line.target_key and needs_read_back(self._entity, line)]

    def _wake(self, links: Mapping[str, Link]) -> None:
        wake_dependants(self._ctx.store, self._ctx.config.mapping, self._entity.name, list(links.values()))

    def _link(self, line: PlanLine) -> Link | None:
        intacct, salesforce = line.intacct_key(), line.salesforce_id()
        if line.operation is not Operation.CREATE or intacct is None or salesforce is None:
            return None
        return Link(
            self._entity.link_entity, intacct, salesforce, f"created in {self._side.value}", self._now, self._ctx.run_id
        )

    def _settled(self, line: PlanLine, link: Link | None, baselines: Mapping[str, Baseline]) -> Settlement:
        before = baselines.get(line.intacct_key() or "")
        values = dict(before.values) if before else {}
        accepted = dict(before.accepted) if before else {}
        for change in line.changes:
            if change.accepted is not None:
                accepted[change.field] = change.accepted
            elif change.rule == RESTORED:
                accepted.pop(change.field, None)
            elif change.field in self._entity.by_name:
                values[change.field] = change.canonical
                accepted.pop(change.field, None)
        return Settlement(
            self._entity.name,
            line.intacct_key(),
            line.salesforce_id(),
            link=link,
            baseline=Baseline(values, accepted),
            reason=line.reason,
        )

    def _refused(self, line: PlanLine, outcome: WriteOutcome) -> Settlement:
        reply = outcome.error or ServiceReply(self._side.value, line.operation.value)
        reason = HoldReason.DUPLICATE if outcome.duplicate else _reason(reply)
        hold = advised(
            Hold(
                self._entity.name,
                self._side.other,
                line.source_key or line.target_key or "",
                self._side,
                reason,
                messages.rejected(reply, self._side),
                self._fields_named(reply),
                state=reply.code,
                cure=administrators_cure(reply),
            )
        )
        return Settlement(
            self._entity.name, line.intacct_key(), line.salesforce_id(), holds=(hold,), reason=hold.message
        )

    def _fields_named(self, reply: ServiceReply) -> tuple[str, ...]:
        """The mapped fields that the service blames, by the last part of their column names."""
        blamed = {name.rpartition(".")[2].casefold() for name in reply.fields}
        return tuple(
            spec.name
            for spec in self._entity.fields
            if any(c.rpartition(".")[2].casefold() in blamed for c in spec.source(self._side).write_columns)
        )

    def _journal(self, line: PlanLine) -> list[JournalEntry]:
        """A write belongs to the run that sent it, also where a later one found out what became of it."""
        return [
            JournalEntry(
                line.run_id,
                self._entity.name,
                self._side,
                line.target_key or "",
                line.operation,
                change.field,
                change.before,
                joined(change.after),
                change.rule,
                change.reason,
                self._now,
            )
            for change in line.changes
        ]

    def _row(self, line: PlanLine) -> SourceRow:
        """The target's row as it must read now; columns of related rows belong to other feeds and are read back."""
        spec = self._entity.side(self._side)
        feed = self._ctx.config.mapping.feed(self._side, spec.feed)
        aliases = {related.alias for related in spec.related}
        values = {c: value for c, value in column_values(line).items() if c.partition(".")[0] not in aliases}
        if line.operation is Operation.CREATE:
            values[feed.key] = line.target_key
            if feed.id and line.natural_id:
                values[feed.id] = line.natural_id
        return SourceRow(line.target_key or "", values)

    def _records(self, written: Sequence[PlanLine]) -> list[CanonicalRecord]:
        """What the targets now hold, with the keys by which others find them.

        One that left the scope before the answer was known stays out of it.
        """
        before = self._ctx.store.records(self._entity, self._side, [line.target_key or "" for line in written])
        outside = {key for key, known in before.items() if known.deleted}
        records = [self._record(line) for line in written if line.target_key not in outside]
        values = [{**(known.values if (known := before.get(r.key)) else {}), **r.values} for r in records]
        return [
            replace(record, match_keys=match_keys(self._entity, now), search_keys=search_keys(self._entity, now))
            for record, now in zip(records, values, strict=True)
        ]

    def _record(self, line: PlanLine) -> CanonicalRecord:
        known = [change for change in line.changes if change.field in self._entity.by_name]
        typed = {change.field: joined(change.after) for change in known if joined(change.after) != change.canonical}
        status = self._entity.side(self._side).deactivate
        columns = {name: value for name, value in column_values(line).items() if name in status}
        values = {change.field: change.canonical for change in known}
        return CanonicalRecord(line.target_key or "", values, {**typed, **columns})

    def _retry_later(self, lines: Sequence[PlanLine]) -> None:
        sources = {line.source_key for line in lines if line.source_key}
        if sources:
            self._ctx.store.requeue(self._entity, self._side.other, sources)


def _reason(reply: ServiceReply) -> HoldReason:
    """Whether a refusal is about a missing right, which an administrator grants, or about the record.

    Source: REST API Guide, status 403; Salesforce SOAP guide, StatusCode INSUFFICIENT_ACCESS_*.
    """
    lacks_right = reply.status == 403 or "INSUFFICIENT_ACCESS" in reply.code
    return HoldReason.PERMISSION if lacks_right else HoldReason.REJECTED


def _contested(outcome: WriteOutcome) -> WriteOutcome:
    """What a write comes to when the record it led to is somebody else's partner."""
    reply = ServiceReply("", "create", code="LINKED", message="the record it led to is the partner of another one")
    return replace(outcome, status=WriteStatus.REJECTED, key=None, error=reply, duplicate=True)


def _saved_parts(pairs: Sequence[tuple[PlanLine, WriteOutcome]]) -> list[PlanLine]:
    """Of refused changes the part that was stored: a contact's own fields, where its place on a list was refused."""
    parts = [
        replace(line, changes=tuple(change for change in line.changes if set(change.columns) <= set(outcome.saved)))
        for line, outcome in pairs
        if outcome.status is WriteStatus.REJECTED and outcome.saved and line.operation is not Operation.CREATE
    ]
    return [part for part in parts if part.changes]
