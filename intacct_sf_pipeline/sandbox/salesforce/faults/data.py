"""What other people do to the org's rows at the worst moment: mass updates, edits, deletions, merges, returns."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.model import SObjectType
from intacct_sf_pipeline.sandbox.salesforce.store.rows import Actor, changed_row

_MASS = 2_000
Happening = Callable[[SalesforceOrg, SObjectType, Hit], None]


def happen(org: SalesforceOrg, hit: Hit, sobject: SObjectType | None) -> None:
    """Makes one fault of data happen to `sobject` or to the object the rule names.

    What the service refuses does not happen; nor does anything where there is no row for it.

    Raises:
        ValueError: the rule names an object the org does not have.
    """
    happening = HAPPENINGS.get(hit.rule.fault)
    if happening is None:
        return
    chosen = named_object(org, hit) or sobject or org.schema.find(_DEFAULTS.get(hit.rule.fault, ""))
    if chosen is not None:
        happening(org, chosen, hit)


def named_object(org: SalesforceOrg, hit: Hit) -> SObjectType | None:
    """The object a rule names; None when it names none.

    Raises:
        ValueError: there is no such object.
    """
    name = hit.rule.object_name
    found = org.schema.find(name) if name is not None else None
    if name is not None and found is None:
        raise ValueError(f"object {name!r} is no Salesforce object of this org")
    return found


def same_second(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A mass update by a person: many rows, one second."""
    actor = org.actor(org.person)
    for record_id in _ids(org, sobject)[: _amount(hit, _MASS)]:
        _touch(org, sobject, record_id, hit, actor)


def touch_between(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A person edits a few rows."""
    for record_id in _chosen(org, sobject, hit):
        _touch(org, sobject, record_id, hit, org.actor(org.person))


def delete_between(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A person deletes a few rows."""
    for record_id in _chosen(org, sobject, hit):
        with suppress(ApiError):
            org.delete_as(org.person, sobject.name, record_id)


def recreate(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A person deletes a row and enters it again: same values, another id. What the deletion took along stays away."""
    ids = _named(org, sobject, hit) if hit.rule.record_id is not None else _ids(org, sobject)
    if ids:
        with suppress(ApiError):
            org.recreate(hit.chance().choice(ids))


def merge(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A person merges one row into another."""
    winner, loser = hit.rule.winner, hit.rule.loser
    if winner is None or loser is None:
        ids = _ids(org, sobject)
        if len(ids) < 2:
            return
        winner, loser = hit.chance().sample(ids, 2)
    with suppress(ApiError):
        org.merge(winner, [loser])


def undelete(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> None:
    """A person takes a row out of the Recycle Bin."""
    rows = org.db.table(sobject.name).rows.values()
    wanted = to_long(hit.rule.record_id) if hit.rule.record_id is not None else None
    binned = [str(row["Id"]) for row in rows if row["IsDeleted"] and org.writer.deleted_with(str(row["Id"])) is None]
    candidates = sorted(binned) if hit.rule.record_id is None else [one for one in binned if one == wanted]
    if candidates:
        with suppress(ApiError):
            org.undelete(hit.chance().choice(candidates))


HAPPENINGS: Mapping[str, Happening] = {
    "same_second": same_second,
    "touch_between": touch_between,
    "delete_between": delete_between,
    "recreate": recreate,
    "merge": merge,
    "undelete": undelete,
}
_DEFAULTS = {"merge": "Account", "undelete": "Account"}


def _touch(org: SalesforceOrg, sobject: SObjectType, record_id: str, hit: Hit, actor: Actor) -> None:
    if hit.rule.field_name is None:
        org.db.put(sobject.name, changed_row(org.db.table(sobject.name).rows[record_id], {}, actor))
        return
    with suppress(ApiError):
        org.writer.update(sobject, record_id, {hit.rule.field_name: hit.rule.value}, actor)


def _ids(org: SalesforceOrg, sobject: SObjectType) -> list[str]:
    return sorted(str(row["Id"]) for row in org.db.table(sobject.name).live())


def _named(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> list[str]:
    row = org.db.table(sobject.name).get(to_long(hit.rule.record_id or ""))
    return [] if row is None or row["IsDeleted"] else [str(row["Id"])]


def _amount(hit: Hit, default: int) -> int:
    return hit.rule.records if isinstance(hit.rule.records, int) else default


def _chosen(org: SalesforceOrg, sobject: SObjectType, hit: Hit) -> list[str]:
    """The ids a rule speaks of: the one it names, the lowest, or some by its seed."""
    if hit.rule.record_id is not None:
        return _named(org, sobject, hit)
    ids, amount = _ids(org, sobject), _amount(hit, 1)
    return ids[:amount] if hit.rule.choose == "lowest" else hit.chance().sample(ids, min(amount, len(ids)))
