"""What other people do to the company's records at the worst moment: mass updates, edits, deletions, re-entries."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany, nest
from intacct_sf_pipeline.sandbox.intacct.errors import ApiError
from intacct_sf_pipeline.sandbox.intacct.schema.types import ObjectSpec
from intacct_sf_pipeline.sandbox.intacct.writes import history
from intacct_sf_pipeline.sandbox.intacct.writes.recreation import recreate as put_anew

_MASS = 2_000
Happening = Callable[[IntacctCompany, ObjectSpec, Hit], None]


def happen(company: IntacctCompany, hit: Hit, about: ObjectSpec | None) -> None:
    """Makes one fault of data happen to the object `about` or to the one the rule names.

    What the service refuses does not happen; nor does anything where there is no record for it.

    Raises:
        ValueError: the rule names an object the company does not have.
    """
    happening = HAPPENINGS.get(hit.rule.fault)
    chosen = named_object(company, hit) or about if happening is not None else None
    if happening is not None and chosen is not None:
        happening(company, chosen, hit)


def named_object(company: IntacctCompany, hit: Hit) -> ObjectSpec | None:
    """The object a rule names, in full or by its last part; None when it names none.

    Raises:
        ValueError: there is no such object.
    """
    name = hit.rule.object_name
    if name is None:
        return None
    catalog = company.store.catalog
    try:
        return catalog[catalog.full_name(name)]
    except KeyError:
        raise ValueError(f"object {name!r} is no Intacct object of this company") from None


def same_second(company: IntacctCompany, spec: ObjectSpec, hit: Hit) -> None:
    """A mass update by a person: many records, one second."""
    amount = hit.rule.records if isinstance(hit.rule.records, int) else _MASS
    with company.store.clock.held():
        for key in _keys(company, spec)[:amount]:
            _touch(company, spec, key, hit)


def touch_between(company: IntacctCompany, spec: ObjectSpec, hit: Hit) -> None:
    """A person edits a few records."""
    for key in _ordered(company, spec, hit)[: _amount(hit)]:
        _touch(company, spec, key, hit)


def delete_between(company: IntacctCompany, spec: ObjectSpec, hit: Hit) -> None:
    """A person deletes a few records; those that others refer to are passed over."""
    left = _amount(hit)
    for key in _ordered(company, spec, hit):
        if not left:
            return
        with suppress(ApiError):
            company.people.delete(company.person(), spec, key)
            left -= 1


def recreate(company: IntacctCompany, spec: ObjectSpec, hit: Hit) -> None:
    """A person deletes a record and enters it again under the same id."""
    keys = _ordered(company, spec, hit) if hit.rule.record_id is not None else _keys(company, spec)
    if keys:
        put_anew(company.store, company.person(), spec, hit.chance().choice(keys))


HAPPENINGS: Mapping[str, Happening] = {
    "same_second": same_second,
    "touch_between": touch_between,
    "delete_between": delete_between,
    "recreate": recreate,
}


def _touch(company: IntacctCompany, spec: ObjectSpec, key: str, hit: Hit) -> None:
    actor, table = company.person(), company.store[spec.name]
    if hit.rule.field_name is not None:
        with suppress(ApiError):
            company.people.update(actor, spec, key, nest({hit.rule.field_name: hit.rule.value}))
        return
    row = dict(table.rows[key])
    history.stamp_modified(company.store, actor, row)
    table.replace(key, row)


def _amount(hit: Hit) -> int:
    return hit.rule.records if isinstance(hit.rule.records, int) else 1


def _keys(company: IntacctCompany, spec: ObjectSpec) -> list[str]:
    """All keys, lowest first."""
    return sorted(company.store[spec.name].rows, key=lambda key: (len(key), key))


def _ordered(company: IntacctCompany, spec: ObjectSpec, hit: Hit) -> list[str]:
    """The keys a rule may act on, in its order: the one it names by id or key, else the lowest first or by its seed."""
    if hit.rule.record_id is not None:
        row = company.store[spec.name].find(hit.rule.record_id)
        return [] if row is None else [str(row["key"])]
    keys = _keys(company, spec)
    return keys if hit.rule.choose == "lowest" else hit.chance().sample(keys, len(keys))
