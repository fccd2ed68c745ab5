"""Refusals over fields and objects name them, tell why, and which command shows it; through the sandbox too."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.connectors.http import Call
from intacct_sf_pipeline.connectors.salesforce.bulk.rows import error_of
from intacct_sf_pipeline.connectors.salesforce.faults import item_refusal, refusal
from intacct_sf_pipeline.connectors.salesforce.field_access import Blamed, blamed
from intacct_sf_pipeline.model.errors import RecordNotFoundError, ValidationFailedError
from intacct_sf_pipeline.model.results import WriteStatus
from intacct_sf_pipeline.model.windows import Window

from .builders import salesforce_feed, update, written
from .rigs import SalesforceRig

NO_FIELD, NO_WRITE, NO_OBJECT = "INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"
IN_SOQL = "\nSELECT Id,X__c\n ^\nERROR at Row:1:Column:11\nNo such column 'X__c' on entity 'Account'. If you are"
NOT_WRITABLE = "Unable to create/update fields: Foo__c, Name. Please check the security settings of this field"


@pytest.mark.parametrize(
    ("code", "message", "operation", "expected"),
    [
        (NO_FIELD, IN_SOQL, "query Account", Blamed("Account", ("X__c",))),
        (NO_FIELD, "No such column 'X__c' on sobject of type Contact", "update", Blamed("Contact", ("X__c",))),
        (NO_FIELD, "Didn't understand relationship 'L__r' in field path.", "query A", Blamed("A", ("L__r",))),
        (NO_FIELD, "field 'Description' can not be filtered in a query call", "query Account", Blamed("Account")),
        (NO_WRITE, NOT_WRITABLE, "update Account by job", Blamed("Account", ("Foo__c", "Name"))),
        (NO_OBJECT, "sObject type 'Stock__c' is not supported. If you", "query Stock__c", Blamed("Stock__c")),
        ("STRING_TOO_LONG", "No such column 'X__c' on entity 'Account'", "query Account", Blamed()),
    ],
)
def test_object_and_fields_are_read_from_every_wording(code, message, operation, expected):
    assert blamed(code, message, operation) == expected


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE"])
def test_a_row_of_a_job_is_told_of_like_one_of_a_call(code):
    text = f"{code}:Unable to create/update fields: Foo__c. Please check the security settings:Foo__c --"
    error = item_refusal(Call("salesforce", "upsert Account by job", write=True), [error_of(text)])
    assert isinstance(error, ValidationFailedError)
    assert error.reply.fields == ("Foo__c",)
    assert "Account.Foo__c" in error.cure
    assert "intacct-sf doctor" in error.cure


def test_an_object_that_lacks_is_named_with_its_causes():
    items = [{"errorCode": "INVALID_TYPE", "message": "sObject type 'Stock__c' is not supported."}]
    error = refusal(Call("salesforce", "query Stock__c"), 400, items)
    assert isinstance(error, RecordNotFoundError)
    for word in ("Stock__c", "no access", "intacct-sf doctor", "intacct-sf salesforce-package"):
        assert word in error.cure


def test_a_read_of_a_field_that_lacks_says_which_and_why(
    salesforce_rig: SalesforceRig, caplog: pytest.LogCaptureFixture
) -> None:
    salesforce_rig.seed(["One"])
    (page,) = salesforce_rig.connector().read(salesforce_feed(), ["Name", "Lacking__c"], Window())
    assert "Lacking__c" not in page.rows[0].values
    (told,) = [record.message for record in caplog.records if "left out" in record.message]
    for word in ("Account.Lacking__c", "field-level security", "intacct-sf doctor", "intacct-sf salesforce-package"):
        assert word in told


def test_a_write_of_a_field_that_lacks_names_it(salesforce_rig: SalesforceRig) -> None:
    (key,) = salesforce_rig.seed(["One"])
    (outcome,) = written(salesforce_rig.connector(), [update("Account", "1", key, {"Lacking__c": "x"})])
    assert outcome.status is WriteStatus.REJECTED
    assert outcome.error is not None
    assert outcome.error.fields == ("Lacking__c",)
