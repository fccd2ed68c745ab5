"""Checks fault rules against the systems they will meet: objects, fields and ids that a rule names must make sense."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from intacct_sf_pipeline.sandbox.errors import FaultFileError
from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.rules import FaultRule
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.faults import data as intacct_data
from intacct_sf_pipeline.sandbox.salesforce.faults import data as salesforce_data
from intacct_sf_pipeline.sandbox.salesforce.ids import to_long
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.recycling import MERGEABLE


def check_rules(path: Path, rules: Iterable[FaultRule], org: SalesforceOrg, company: IntacctCompany) -> None:
    """Refuse rules of the file at `path` that name what the systems do not have.

    Raises:
        FaultFileError: with the number of the rule, its fault and what is wrong.
    """
    for number, rule in enumerate(rules, start=1):
        try:
            if rule.service == "salesforce":
                _check_salesforce(rule, org)
            else:
                _check_intacct(rule, company)
        except ValueError as error:
            raise FaultFileError(path, None, f"rule {number} ({rule.fault}): {error}") from error


def _check_salesforce(rule: FaultRule, org: SalesforceOrg) -> None:
    named = salesforce_data.named_object(org, Hit(rule))
    if rule.fault == "merge" and named is not None and named.name not in MERGEABLE:
        raise ValueError(f"object must be one of {', '.join(MERGEABLE)}, not {named.name}")
    for key, given in (("id", rule.record_id), ("winner", rule.winner), ("loser", rule.loser)):
        if given is not None and to_long(given) is None:
            raise ValueError(f"{key} {given!r} is no Salesforce record id (15 or 18 characters)")
    if rule.field_name is not None:
        types = [named] if named is not None else list(org.schema.types.values())
        fields = [one for one in (each.field(rule.field_name) for each in types) if one is not None]
        if not any(one.updateable for one in fields):
            raise ValueError(f"field {rule.field_name!r} cannot be written in Salesforce")


def _check_intacct(rule: FaultRule, company: IntacctCompany) -> None:
    named = intacct_data.named_object(company, Hit(rule))
    if rule.field_name is not None:
        catalog = company.store.catalog
        specs = [named] if named is not None else list(catalog)
        paths = [path for path in (catalog.resolve(spec, rule.field_name) for spec in specs) if path is not None]
        if not any(path.field.mutable and not path.field.read_only for path in paths):
            raise ValueError(f"field {rule.field_name!r} cannot be written in Intacct")
