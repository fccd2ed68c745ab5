"""An org that nobody has prepared: the flow stops before its first write and says what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest

from intacct_sf_pipeline.engine.guarding.targets import require_targets
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.server import SandboxOptions

from .loop import running_loop


def test_without_the_custom_fields_nothing_is_written_and_the_cure_is_named(tmp_path: Path) -> None:
    options = SandboxOptions(accounts=4, contacts=2, items=2, seed=5, features=OrgFeatures(custom_fields=False))
    with running_loop(tmp_path, options) as loop:
        customers, accounts = loop.sandbox.company.count("customer"), loop.sandbox.org.count("Account")
        with pytest.raises(ConfigurationError, match=r"Account\.IntacctID__c does not exist.*salesforce-package"):
            loop.sync()
        assert (loop.sandbox.company.count("customer"), loop.sandbox.org.count("Account")) == (customers, accounts)


@pytest.mark.parametrize(
    ("column", "wrong"),
    [
        (None, r"fields\.phone: Account\.Phone does not exist"),
        (ColumnSchema("Phone", "phone", creatable=False, updatable=False), "is read-only for this user"),
    ],
)
def test_a_column_that_cannot_be_written_stops_the_flow(column: ColumnSchema | None, wrong: str) -> None:
    accounts = load_config(None).mapping.entity("accounts")
    names = {c for f in accounts.fields for c in f.source(Side.SALESFORCE).columns} | {"IntacctID__c"}
    columns = {name: ColumnSchema(name, "string") for name in names}
    require_targets(accounts, {Side.SALESFORCE: ObjectSchema("Account", columns)})
    columns = {name: known for name, known in columns.items() if name != "Phone"} | (
        {"Phone": column} if column else {}
    )
    with pytest.raises(ConfigurationError, match=wrong):
        require_targets(accounts, {Side.SALESFORCE: ObjectSchema("Account", columns)})
