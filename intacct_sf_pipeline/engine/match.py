"""How records without a link find their partner.

By the mapping's rules in order, exact keys only, unique on both sides.

A key that several records share, or a rule marked `candidate`, is never linked: it is left to a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.mapping import EntityMapping, MatchRule
from intacct_sf_pipeline.model.records import CanonicalRecord, Side
from intacct_sf_pipeline.model.results import MatchGroup


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules say about one record: a partner to link, or others that may be it.

    `partner` is the key on the other side; with `others` the record must not be linked nor created, only held. `own`
    counts the records of its own side that share the key; `taken`: the only other one has a partner already.
    """

    rule: str
    partner: str | None = None
    others: tuple[str, ...] = ()
    own: int = 1
    taken: bool = False

    @property
    def ambiguous(self) -> bool:
        """Whether more than one pair is possible, or the only one is not free."""
        return self.own > 1 or len(self.others) > 1 or self.taken


def find_partners(
    store: StagingStore, entity: EntityMapping, side: Side, records: Iterable[CanonicalRecord]
) -> dict[str, Found]:
    """What is found for each record of `side` without a link, by record key.

    Records nothing is found for are absent.
    """
    waiting = {record.key: record for record in records if not record.deleted}
    found: dict[str, Found] = {}
    for rule in entity.match_rules:
        keys = {record.match_keys.get(rule.name) for record in waiting.values()} - {None}
        if not keys:
            continue
        groups = store.match_groups(entity, rule.name, [key for key in keys if key is not None])
        for key, record in list(waiting.items()):
            verdict = _judge(rule, side, groups, record)
            if verdict is None:
                continue
            if verdict.partner is not None:
                found[key] = verdict
                del waiting[key]
            else:
                found.setdefault(key, verdict)
    return found


def _judge(rule: MatchRule, side: Side, groups: Mapping[str, MatchGroup], record: CanonicalRecord) -> Found | None:
    group = groups.get(record.match_keys.get(rule.name) or "")
    if group is None:
        return None
    own, others = (group.intacct, group.salesforce) if side is Side.INTACCT else (group.salesforce, group.intacct)
    if not others:
        return None
    taken = len(others) == 1 and others[0] in group.linked
    if len(own) == 1 and len(others) == 1 and not taken and rule.action == "link":
        return Found(rule.name, partner=others[0])
    return Found(rule.name, others=others, own=len(own), taken=taken)
