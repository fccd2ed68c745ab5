"""The columns that show the state of a record are checked when the file is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from intacct_sf_pipeline.model.findings import ConfigurationFileError
from intacct_sf_pipeline.model.mapping_loader import load_config


def told(tmp_path: Path, text: str) -> list[str]:
    path = tmp_path / "ours.yaml"
    path.write_text(f"version: 1\nentities:\n{text}", encoding="utf-8")
    try:
        load_config(path)
    except ConfigurationFileError as error:
        return [f"{finding.mark.line}: {finding.what}" for finding in error.findings]
    return []


def test_the_message_may_be_left_out(tmp_path):
    assert told(tmp_path, "  accounts: {salesforce: {status: {field: SyncStatus__c}}}\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "  accounts: {intacct: {status: {field: state}}}\n",
            ["3: the state is shown on Salesforce records only"],
        ),
        (
            "  accounts: {salesforce: {status: {field: Phone}}}\n",
            ["3: 'Phone' is mapped already: phone"],
        ),
        (
            "  accounts: {salesforce: {status: {field: A__c, message: A__c}}}\n",
            ["3: 'A__c' cannot take both"],
        ),
        (
            "  products: {salesforce: {status: {field: A__c}}}\n  stock: {salesforce: {status: {field: A__c}}}\n",
            ["4: 'A__c' of Product2 shows the state of products already"],
        ),
    ],
)
def test_columns_that_cannot_show_it_are_refused(tmp_path, text, expected):
    assert told(tmp_path, text) == expected
