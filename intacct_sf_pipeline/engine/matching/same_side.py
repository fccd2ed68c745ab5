"""Records of one side that are the same in everything they are matched by, none of which has a partner.

Most likely one company was entered twice. To create a partner for each would carry the mistake to the other side, so a
person is asked; whatever tells two of them apart, if only a telephone number, makes them two.
"""

from __future__ import annotations

from collections.abc import Sequence

from intacct_sf_pipeline.engine.matching.evidence import differs
from intacct_sf_pipeline.engine.matching.exact import ExactSearch
from intacct_sf_pipeline.engine.ports import StagingStore
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import EXTERNAL_ID_RULE
from intacct_sf_pipeline.model.records import CanonicalRecord, Side

MOST_TWINS = 5
"""Twins that are told of one record."""

MOST_COMPARED = 50


def same_side_twins(
    store: StagingStore, entity: EntityMapping, side: Side, records: Sequence[CanonicalRecord], exact: ExactSearch
) -> dict[str, tuple[str, ...]]:
    """For those of `records` that have twins on their own side: the keys of these.

    Args:
        store: where further records are.
        entity: their entity.
        side: their side.
        records: records that would get a new partner; `exact` has searched for theirs.
        exact: the search.
    """
    company = {record.key: sorted(near)[:MOST_COMPARED] for record in records if (near := exact.company(side, record))}
    others = store.records(entity, side, {key for keys in company.values() for key in keys}) if company else {}
    found: dict[str, tuple[str, ...]] = {}
    for record in records:
        known = [others[key] for key in company.get(record.key, ()) if key in others]
        twins = tuple(other.key for other in known if _are_twins(entity, record, other))
        if twins:
            found[record.key] = twins[:MOST_TWINS]
    return found


def _are_twins(entity: EntityMapping, one: CanonicalRecord, other: CanonicalRecord) -> bool:
    if other.deleted or not other.creatable:
        return False
    rules = [rule for rule in entity.match_rules if rule.name != EXTERNAL_ID_RULE]
    if any(one.match_keys.get(rule.name) != other.match_keys.get(rule.name) for rule in rules):
        return False
    telling = {name for rule in rules for name in (*rule.unless_differs, *rule.unless_all_differ)}
    telling.update(entity.similar.fields() if entity.similar else ())
    return not any(differs(entity, name, one, other) for name in telling)
