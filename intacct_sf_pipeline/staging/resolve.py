"""Answers of people to holds, held against what the database knows, and stored as decisions: all of them, or none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from intacct_sf_pipeline.engine.people.advice import SYSTEM
from intacct_sf_pipeline.engine.people.answer_sheet import RECORD, Answer, AnswersRefusedError, Refusal
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.plans import Decision, HoldReason, Verdict
from intacct_sf_pipeline.model.records import SIDES, Link, Side
from intacct_sf_pipeline.model.suggest import did_you_mean
from intacct_sf_pipeline.staging.explain_rows import record_key
from intacct_sf_pipeline.staging.queries import closed_at, decisions_taken, open_holds
from intacct_sf_pipeline.staging.store import SqlStagingStore

_LIST = "`intacct-sf holds list` shows the open ones"
_MOST_DIGITS = 18


def resolve(store: SqlStagingStore, answers: Sequence[Answer], *, by: str) -> list[Decision]:
    """Store the decisions that `answers` come to; the next run of their flows carries them out.

    Raises:
        AnswersRefusedError: an answer is wrong; nothing was stored.
    """
    checked = _Checked(store, by)
    for answer in answers:
        checked.add(answer)
    if checked.refusals:
        raise AnswersRefusedError(checked.refusals)
    store.decide(checked.decisions)
    return checked.decisions


def withdraw(store: SqlStagingStore, decision_id: int) -> Decision:
    """Take back a decision that is in force; the next run of its flow asks again.

    Raises:
        AnswersRefusedError: there is no such decision in force.
    """
    row = next((row for row in decisions_taken(store.database) if row["id"] == decision_id), None)
    if row is None:
        cure = "`intacct-sf holds decisions` shows those in force"
        raise AnswersRefusedError([Refusal("", f"there is no decision {decision_id} in force", cure)])
    decision = replace(_decision(row, Verdict(row["verdict"]), store), decision_id=decision_id)
    store.withdraw(decision)
    return decision


@dataclass
class _Checked:
    """Answers checked one after the other; each may be right by itself and wrong beside another."""

    store: SqlStagingStore
    by: str
    decisions: list[Decision] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._entities = {entity.name: entity for entity in self.store.mapping.enabled()}
        held = [row for row in open_holds(self.store.database) if row["entity"] in self._entities]
        self._by_number = {row["id"]: row for row in held}
        self._by_record: dict[tuple[str, ...], list[dict[str, Any]]] = {}
        for row in held:
            self._by_record.setdefault((row["entity"], row["side"], row["key"], row["reason"]), []).append(row)
        self._answered: dict[int, Answer] = {}
        self._promised = {record: promise for promise in self._promises() for record in promise.places()}

    def add(self, answer: Answer) -> None:
        """Check one answer; a decision for each hold it is about, or a refusal."""
        found = self._holds(answer)
        if isinstance(found, Refusal):
            self.refusals.append(found)
            return
        for hold in found:
            outcome = self._decided(answer, hold)
            if isinstance(outcome, Refusal):
                self.refusals.append(outcome)
                return
            self.decisions.append(outcome)

    def _holds(self, answer: Answer) -> list[dict[str, Any]] | Refusal:
        """The open holds that an answer is about."""
        if answer.hold_id:
            return self._numbered(answer)
        missing = [name for name in RECORD if not getattr(answer, name)]
        if missing:
            return answer.refused("hold_id", "no hold is named", f"Give hold_id, or {', '.join(RECORD)}")
        if answer.entity not in self._entities:
            what = f"there is no flow {answer.entity!r}"
            return answer.refused("entity", what, did_you_mean(answer.entity, self._entities))
        if answer.side not in {side.value for side in SIDES}:
            return answer.refused("side", f"there is no side {answer.side!r}", "Write intacct or salesforce")
        if answer.reason not in {reason.value for reason in HoldReason}:
            what = f"there is no reason {answer.reason!r}"
            return answer.refused("reason", what, did_you_mean(answer.reason, [r.value for r in HoldReason]))
        entity = self._entities[answer.entity]
        key = record_key(self.store, entity, Side(answer.side), answer.key) or answer.key
        found = self._by_record.get((answer.entity, answer.side, key, answer.reason))
        what = f"{answer.entity} {answer.side} {answer.key} is not on hold for {answer.reason}"
        return found or answer.refused("key", what, _LIST)

    def _numbered(self, answer: Answer) -> list[dict[str, Any]] | Refusal:
        if not answer.hold_id.isdecimal() or len(answer.hold_id) > _MOST_DIGITS:
            return answer.refused("hold_id", f"{answer.hold_id!r} is not the number of a hold", _LIST)
        number = int(answer.hold_id)
        hold = self._by_number.get(number)
        if hold is None:
            gone = closed_at(self.store.database, number)
            what = f"hold {number} went away at {gone[:16].replace('T', ' ')}" if gone else f"there is no hold {number}"
            return answer.refused("hold_id", what, "Nothing is left to decide" if gone else _LIST)
        for name in ("entity", "side", "reason"):
            if (given := getattr(answer, name)) and given != hold[name]:
                what = f"hold {number} is about {hold['entity']} {hold['side']} {hold['key']} ({hold['reason']})"
                return answer.refused(name, what, "Give the number alone, or export the holds anew")
        return [hold]

    def _decided(self, answer: Answer, hold: dict[str, Any]) -> Decision | Refusal:
        word = answer.verdict.strip().casefold().replace("-", "_").replace(" ", "_")
        fits = ", ".join(hold["resolutions"])
        if word not in {verdict.value for verdict in Verdict}:
            cure = f"What fits a hold for {hold['reason']}: {fits}" if fits else hold["cure"]
            return answer.refused("verdict", f"there is no verdict {answer.verdict!r}", cure)
        if word not in hold["resolutions"]:
            what = f"{word} does not answer a hold for {hold['reason']}"
            return answer.refused("verdict", what, f"What fits: {fits}" if fits else f"Mend its cause: {hold['cure']}")
        before = self._answered.get(hold["id"])
        if before is not None:
            return answer.refused("hold_id", f"hold {hold['id']} is answered twice ({before.place or 'above'})")
        self._answered[hold["id"]] = answer
        decision = replace(_decision(hold, Verdict(word), self.store), decided_by=self.by, note=answer.note)
        if decision.verdict is not Verdict.LINK:
            what = f"{word} takes no partner"
            return answer.refused("partner", what, "Leave it empty") if answer.partner else decision
        return self._linked(answer, hold, decision)

    def _linked(self, answer: Answer, hold: dict[str, Any], decision: Decision) -> Decision | Refusal:
        """The decision with the key of its partner, if that one exists and both are free."""
        side, entity = decision.record_side, self._entities[decision.entity]
        other, candidates = side.other, ", ".join(one["key"] for one in hold["candidates"])
        cure = f"Its candidates are: {candidates}" if candidates else "A new one has to be read by a sync first"
        if not answer.partner:
            return answer.refused("partner", "link needs the record to link to", cure)
        key = record_key(self.store, entity, other, answer.partner)
        record = self.store.records(entity, other, [key]).get(key) if key else None
        named = f"{SYSTEM[other]} {entity.name} {answer.partner}"
        if key is None or record is None:
            return answer.refused("partner", f"there is no record {named}", cure)
        if record.deleted:
            return answer.refused("partner", f"{named} is not there any more: {record.scope_reason or 'deleted'}", cure)
        for where, mine, column in ((side, decision.key, "key"), (other, key, "partner")):
            link = self._living_link(entity, where, mine)
            if link is not None:
                what = f"{SYSTEM[where]} {mine} is linked to {SYSTEM[where.other]} {link.key(where.other)} already"
                return answer.refused(column, what, "Nothing is left to decide" if column == "key" else cure)
        promise = _Promise(entity.name, {side: decision.key, other: key}, (side, decision.key), answer.place)
        rival = self._rival(promise)
        if rival is not None:
            what = f"{named} or {SYSTEM[side]} {decision.key} is to be linked to another record by {rival}"
            return answer.refused("partner", what, "A record has one partner; `holds withdraw` takes a decision back")
        return replace(decision, partner_key=key)

    def _living_link(self, entity: EntityMapping, side: Side, key: str) -> Link | None:
        """The link of a record, unless what it was linked to is gone."""
        link = self.store.links(entity.link_entity, side, [key]).get(key)
        if link is None:
            return None
        former = self.store.records(entity, side.other, [link.key(side.other)]).get(link.key(side.other))
        return None if former is not None and former.deleted else link

    def _rival(self, promise: _Promise) -> str | None:
        """Where a record of the pair was promised to another one; else the pair is noted."""
        for place in promise.places():
            known = self._promised.get(place, promise)
            if known.pair != promise.pair and known.asker != promise.asker:
                return known.place or "another answer"
        self._promised.update(dict.fromkeys(promise.places(), promise))
        return None

    def _promises(self) -> Iterator[_Promise]:
        """Pairs that earlier decisions make."""
        for row in decisions_taken(self.store.database):
            if row["verdict"] == Verdict.LINK.value and row["partner"]:
                side = Side(row["side"])
                pair = {side: row["key"], side.other: row["partner"]}
                yield _Promise(row["entity"], pair, (side, row["key"]), f"decision {row['id']}")


@dataclass(frozen=True, slots=True)
class _Promise:
    """Two records that a decision links; a newer answer to the same hold (`asker`) takes its place."""

    entity: str
    pair: Mapping[Side, str]
    asker: tuple[Side, str]
    place: str

    def places(self) -> list[tuple[str, Side, str]]:
        """The two records, each with its flow."""
        return [(self.entity, side, key) for side, key in self.pair.items()]


def _decision(row: Mapping[str, Any], verdict: Verdict, store: SqlStagingStore) -> Decision:
    return Decision(
        row["entity"],
        Side(row["side"]),
        row["key"],
        HoldReason(row["reason"]),
        verdict,
        store.database.clock(),
        tuple(row["fields"]),
        state=row.get("state") or "",
    )
