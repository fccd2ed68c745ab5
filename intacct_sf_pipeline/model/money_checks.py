"""What a well-formed mapping can get wrong about money: amounts without a currency, prices told apart without it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from intacct_sf_pipeline.model.fields import FieldSpec, FieldType
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.problems import Problem
from intacct_sf_pipeline.model.suggest import did_you_mean

ISO_CODE: Final = "CurrencyIsoCode"
"""Salesforce's field for a record's currency; orgs with one currency do not have it. Source: salesforce.md 8."""

_PRICES: Final = "PricebookEntry"
_CODES: Final = (FieldType.TEXT, FieldType.TABLE)
"""Types whose canonical value is the ISO code itself."""


def money_problems(entity: EntityMapping) -> Iterator[Problem]:
    """What is wrong with the amounts and currencies of one entity."""
    base: tuple[str | int, ...] = ("entities", entity.name)
    for number, field in enumerate(entity.fields):
        if field.currency is not None:
            yield from _amount_problems(entity, field, (*base, "fields", number, "currency"))
    mapped = currency_field(entity)
    if mapped is None or entity.salesforce.object != _PRICES:
        return
    for number, rule in enumerate(entity.match):
        if mapped.name not in rule.fields:
            what = f"the rule {rule.name!r} would take a price in one currency for that in another"
            yield Problem((*base, "match", number), what, f"Add {mapped.name!r} to its fields")
    if not mapped.create_only:
        number = entity.fields.index(mapped)
        what = f"{mapped.name!r} says in which currency a price is; Salesforce sets that once"
        yield Problem((*base, "fields", number), what, "Add 'create_only: true'")


def currency_field(entity: EntityMapping) -> FieldSpec | None:
    """The field of an entity that is a record's currency in Salesforce."""
    return next((spec for spec in entity.fields if ISO_CODE in spec.salesforce.columns), None)


def in_currencies(mapping: SyncMapping) -> tuple[tuple[EntityMapping, FieldSpec], ...]:
    """The flows in use that need an org with several currencies, each with the field that says so."""
    found = ((entity, currency_field(entity)) for entity in mapping.enabled())
    return tuple((entity, field) for entity, field in found if field is not None)


def _amount_problems(entity: EntityMapping, field: FieldSpec, path: tuple[str | int, ...]) -> Iterator[Problem]:
    named = entity.by_name.get(field.currency or "")
    if field.type is not FieldType.DECIMAL:
        yield Problem(
            path, f"only a decimal has a currency, {field.name!r} is {field.type.value}", "Add 'type: decimal'"
        )
    elif named is None:
        yield Problem(path, f"there is no field {field.currency!r}", did_you_mean(field.currency or "", entity.by_name))
    elif named.type not in _CODES:
        what = f"{named.name!r} is {named.type.value} and does not give the code of a currency"
        yield Problem(path, what, "Use 'type: text', or 'type: table' with codes as its Salesforce values")
