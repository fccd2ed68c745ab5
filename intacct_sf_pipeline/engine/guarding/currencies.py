"""A mapping that asks for currencies needs an org that has several: refused before anything is read or written.

Costs a description of each object concerned, and nothing at all where the mapping does not ask.
"""

from __future__ import annotations

from collections.abc import Mapping

from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.model.errors import ConfigurationError, ServiceError
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.money_checks import ISO_CODE, in_currencies
from intacct_sf_pipeline.model.records import Side

SWITCH_ON = "switch on multiple currencies in Salesforce (Setup > Company Information), or remove the field"


def require_currencies(mapping: SyncMapping, connectors: Mapping[Side, Connector]) -> None:
    """Refuse a mapping that the org cannot follow.

    An org that does not answer is not judged here: whoever reads or writes next says what is wrong.

    Raises:
        ConfigurationError: a field is mapped to the currency of records, and the org has one currency.
    """
    for entity, field in in_currencies(mapping):
        sobject = entity.salesforce.object
        try:
            columns = connectors[Side.SALESFORCE].describe(sobject).columns
        except ServiceError:
            continue
        if ISO_CODE not in columns:
            raise ConfigurationError(
                f"{field.name!r} is mapped to {sobject}.{ISO_CODE}, but the Salesforce org has one currency only",
                where=f"entities.{entity.name}.fields.{field.name}",
                cure=SWITCH_ON,
            )
