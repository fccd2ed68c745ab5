"""`doctor` on what an administrator has switched on in the Salesforce org, as far as it changes what a sync may do."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final, Protocol, runtime_checkable

from intacct_sf_pipeline.cli.findings import Finding, ok, warning
from intacct_sf_pipeline.cli.live import Service
from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.model.mapping import EntityMapping, SyncMapping
from intacct_sf_pipeline.model.money_checks import ISO_CODE, currency_field
from intacct_sf_pipeline.model.records import Side

_AREA: Final = "Salesforce"
_PERSON: Final = "IsPersonAccount"


@runtime_checkable
class DuplicateRules(Protocol):
    """A connector that knows of duplicate rules."""

    def duplicate_rules(self, objects: Collection[str]) -> tuple[str, ...] | None:
        """The active ones on `objects`; None when they cannot be seen."""
        ...


def org_findings(mapping: SyncMapping, salesforce: Service) -> Iterator[Finding]:
    """Places, currencies, person accounts and duplicate rules, for the objects that the mapping uses.

    Raises:
        ServiceError: the org could not be asked.
    """
    yield ok(_AREA, "API", "is enabled for the org and this user")
    written = {e.salesforce.object: e for e in mapping.enabled() if e.writes_to(Side.SALESFORCE)}
    if "Account" in written:
        yield from _account(salesforce, written["Account"])
    if "PricebookEntry" in written:
        yield from _currencies(salesforce, written["PricebookEntry"])
    if written and isinstance(salesforce, DuplicateRules):
        yield _duplicates(salesforce.duplicate_rules(sorted(written)))


def _currencies(salesforce: Service, entity: EntityMapping) -> Iterator[Finding]:
    """A mapping that asks for currencies the org does not have is found with its fields (`preflight`)."""
    if ISO_CODE not in salesforce.describe("PricebookEntry").columns:
        yield ok(_AREA, "currencies", "there is one currency")
    elif currency_field(entity) is not None:
        yield ok(_AREA, "currencies", "several currencies are on, and the mapping says in which each price is")
    else:
        found = f"several currencies are on, and {entity.name} does not say in which a price is"
        cure = f"Map {ISO_CODE} in {entity.name} (docs/mapping.md, Prices in several currencies)."
        yield warning(_AREA, "currencies", found, cure)


def _account(salesforce: Service, entity: EntityMapping) -> Iterator[Finding]:
    account = salesforce.describe("Account")
    if capabilities.STATE_COUNTRY_CODES in account.capabilities:
        told = "State and Country picklists are on: only states and countries on their lists are accepted"
        yield ok(_AREA, "places", f"{told} (Setup > State and Country/Territory Picklists)")
    else:
        yield ok(_AREA, "places", "states and countries are free text")
    filtered = (*entity.salesforce.create_when, *entity.salesforce.in_scope_when)
    if _PERSON not in account.columns:
        yield ok(_AREA, "person accounts", "are not in use")
    elif any(condition.column == _PERSON for condition in filtered):
        yield ok(_AREA, "person accounts", f"are in use, and the flow {entity.name} says what becomes of them")
    else:
        cure = f"Add {{column: {_PERSON}, equals: 'false'}} to in_scope_when of {entity.name}, in the mapping."
        yield warning(_AREA, "person accounts", "are in use: their names cannot be written as one field", cure)


def _duplicates(rules: tuple[str, ...] | None) -> Finding:
    if rules is None:
        return ok(_AREA, "duplicate rules", "this user may not see them; those that block make holds `rejected`")
    if not rules:
        return ok(_AREA, "duplicate rules", "none is active on the objects that are written")
    found = f"active: {', '.join(rules[:8])}; a rule that only alerts is passed, one that blocks refuses new records"
    cure = (
        "Let the rule pass the integration user (Setup > Duplicate Rules > the rule > Conditions), or set it to Allow."
    )
    return warning(_AREA, "duplicate rules", found, cure)
