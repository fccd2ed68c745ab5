"""The match rules at work: which records share a key, and which pairs of them nothing speaks against.

A pair is linked only when both sides come to the same verdict on their own (`pairing.py`), so every doubt of one side
is enough.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from intacct_sf_pipeline.engine.matching.evidence import contradicts, differs, part_of_partnership
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import EXTERNAL_ID_RULE, MatchRule
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import MatchGroup

MOST_RIVALS = 500
"""Where more records than that have nothing but the name, half of the evidence is never enough."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """Records of the other side that share a rule's key with one record; `own` counts those of its side that do."""

    rule: str
    fields: tuple[str, ...]
    others: tuple[str, ...]
    own: int
    linked: frozenset[str]


@dataclass(slots=True)
class Exact:
    """What the rules found for one record: the partner, if one is sure, and all that share a key with it, by rule.

    `dismissed` are those that a rule would link, had not everything else spoken against it.
    """

    partner: str | None = None
    rule: str = ""
    sightings: list[Sighting] = field(default_factory=list)
    dismissed: set[str] = field(default_factory=set)

    def settle(self, rule: MatchRule, partner: str) -> None:
        """`rule` found the partner."""
        self.partner, self.rule = partner, rule.name

    def doubt(self) -> None:
        """The partner found is not sure after all."""
        self.partner, self.rule = None, ""


class ExactSearch:
    """Applies the match rules of one entity; `known` are records of either side that need not be fetched again."""

    def __init__(
        self, store: StagingStore, entity: EntityMapping, known: Mapping[Side, Mapping[str, CanonicalRecord]]
    ) -> None:
        self._store, self._entity, self._known = store, entity, known
        self._groups: dict[tuple[Side, str], dict[str, MatchGroup]] = {}

    def verdicts(self, side: Side, records: Iterable[CanonicalRecord]) -> dict[str, Exact]:
        """What the rules say of each record of `side`; records that share no key with anybody are absent."""
        waiting = {record.key: record for record in records}
        astray = self._astray(side, waiting)
        found: dict[str, Exact] = {}
        weak: dict[str, MatchRule] = {}
        for rule in self._entity.match_rules:
            asked = {key for record in waiting.values() if (key := record.match_keys.get(rule.name))}
            if not asked:
                continue
            groups = self._store.match_groups(self._entity, rule.name, asked)
            self._groups.setdefault((side, rule.name), {}).update(groups)
            shared = {key: sighting for key, group in groups.items() if (sighting := _sighting(rule, side, group))}
            likely = [
                (record, sighting.others[0])
                for record in waiting.values()
                if (sighting := shared.get(record.match_keys.get(rule.name) or ""))
                and self._may_link(rule, side, sighting, found.setdefault(record.key, Exact()), record.key in astray)
            ]
            refused = self._contradicted(rule, side, likely)
            for record, partner in likely:
                if record.key in refused:
                    found[record.key].dismissed.add(partner)
                    continue
                found[record.key].settle(rule, partner)
                if rule.unless_differs:
                    weak[record.key] = rule
                else:
                    del waiting[record.key]
        self._doubt_contested(side, {key: waiting[key] for key in weak}, weak, found)
        return found

    def company(self, side: Side, record: CanonicalRecord) -> frozenset[str]:
        """Records of its own side, without a partner, that share every key which `verdicts` saw of a record."""
        shared: set[str] | None = None
        for rule in self._entity.match_rules:
            key = record.match_keys.get(rule.name)
            if key is None or rule.name == EXTERNAL_ID_RULE:
                continue
            group = self._groups.get((side, rule.name), {}).get(key)
            own = () if group is None else group.intacct if side is Side.INTACCT else group.salesforce
            if group is None or len(own) <= 1:
                return frozenset()
            shared = set(own).difference(group.linked) if shared is None else shared.intersection(own)
        return frozenset((shared or set()) - {record.key})

    def engaged(self, side: Side, records: list[CanonicalRecord]) -> set[str]:
        """Those of `records` whose partner is sure, on both sides, whether or not the link was made already."""
        if not records:
            return set()
        links = self._store.links(self._entity.link_entity, side, {record.key for record in records})
        live = [record for record in records if record.key not in links and not record.deleted]
        here = {key: verdict.partner for key, verdict in self.verdicts(side, live).items() if verdict.partner}
        partners = self._store.records(self._entity, side.other, set(here.values()))
        there = self.verdicts(side.other, [record for record in partners.values() if not record.deleted])
        mutual = {key for key, partner in here.items() if partner in there and there[partner].partner == key}
        return mutual | set(links)

    def _astray(self, side: Side, records: Mapping[str, CanonicalRecord]) -> set[str]:
        """Salesforce records that carry an Intacct id: what the id does not find, no other rule may link."""
        if side is not Side.SALESFORCE:
            return set()
        return {key for key, record in records.items() if record.match_keys.get(EXTERNAL_ID_RULE)}

    def _may_link(self, rule: MatchRule, side: Side, sighting: Sighting, verdict: Exact, astray: bool) -> bool:
        """Whether the rule alone would link; the sighting is noted in any case.

        A record that names another one by a stronger rule never links by a weaker one. It is the Salesforce record that
        names: a wrong number there is nothing the Intacct record could help.
        """
        earlier = list(verdict.sightings)
        verdict.sightings.append(sighting)
        if verdict.partner is not None or rule.action != "link" or sighting.own > 1 or len(sighting.others) > 1:
            return False
        if sighting.linked or (astray and rule.name != EXTERNAL_ID_RULE):
            return False
        ignored = verdict.dismissed if side is Side.INTACCT else frozenset[str]()
        return all(sighting.others[0] in before.others or ignored.issuperset(before.others) for before in earlier)

    def _contradicted(self, rule: MatchRule, side: Side, pairs: list[tuple[CanonicalRecord, str]]) -> set[str]:
        """Keys of the records whose likely partner is contradicted by what else is known of the two."""
        asks = bool(rule.unless_differs or rule.unless_all_differ)
        looked = [pair for pair in pairs if asks or part_of_partnership(rule, self._entity, pair[0])]
        others = self._records(side.other, {partner for _, partner in looked}) if looked else {}
        return {
            record.key
            for record, partner in looked
            if partner not in others or contradicts(rule, self._entity, record, others[partner])
        }

    def _records(self, side: Side, keys: set[str]) -> Mapping[str, CanonicalRecord]:
        known = self._known.get(side, {})
        absent = self._store.records(self._entity, side, {key for key in keys if key not in known})
        return {**{key: known[key] for key in keys if key in known}, **absent}

    def _doubt_contested(
        self,
        side: Side,
        records: Mapping[str, CanonicalRecord],
        rules: Mapping[str, MatchRule],
        found: dict[str, Exact],
    ) -> None:
        """A partner found on half of the evidence must be the only record that could be meant.

        Records that share a name but have another key of the same rule are told apart by it: only those without one
        are looked at.
        """
        sharing = {key for record in records for s in found[record].sightings for key in s.others}
        others = self._records(side.other, sharing)
        keyless: dict[tuple[str, int], frozenset[str]] = {}
        for key, record in records.items():
            rule, verdict = rules[key], found[key]
            rivals: set[str] = set()
            for sighting in verdict.sightings:
                group = (rule.name, id(sighting))
                if group not in keyless:
                    keyless[group] = frozenset(_keyless(rule, sighting, others))
                rivals |= keyless[group]
            rivals.discard(verdict.partner or "")
            telling = (*rule.unless_differs, *rule.fields)
            if len(rivals) > MOST_RIVALS or any(
                not any(differs(self._entity, name, record, others[rival]) for name in telling) for rival in rivals
            ):
                verdict.doubt()


def _sighting(rule: MatchRule, side: Side, group: MatchGroup) -> Sighting | None:
    own, others = (group.intacct, group.salesforce) if side is Side.INTACCT else (group.salesforce, group.intacct)
    if not own or not others:
        return None
    return Sighting(rule.name, rule.fields, others, len(own), group.linked.intersection(others))


def _keyless(rule: MatchRule, sighting: Sighting, others: Mapping[str, CanonicalRecord]) -> Iterator[str]:
    """Free records of a sighting to which the rule cannot apply, because they lack one of its fields."""
    for key in sighting.others:
        if key not in sighting.linked and key in others and others[key].match_keys.get(rule.name) is None:
            yield key
