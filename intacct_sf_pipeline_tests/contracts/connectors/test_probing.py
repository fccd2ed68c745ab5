"""What `doctor` asks a system: one row, the clock, what may be written; for as little as it costs, and no change."""

from __future__ import annotations

from datetime import timedelta

import pytest

from intacct_sf_pipeline.connectors.intacct.xml import IntacctXmlConnector
from intacct_sf_pipeline.model.errors import PermissionDeniedError, ServiceError
from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, XmlOptions

from .rigs import IntacctRig, IntacctXmlRig, Rig, SalesforceRig, Sandbox

CUSTOMER = "accounts-receivable/customer"


def test_a_probe_reads_one_row_and_the_clock(rig: Rig, clock: OffsetClock) -> None:
    keys = rig.seed(["Ashford", "Bramley", "Chilton"])
    connector = rig.connector()
    connector.ping()
    before, spent = rig.billed(), connector.spend().billed
    probe = connector.probe(rig.feed.object, rig.feed.key)
    assert probe.key in keys
    assert abs(probe.at - clock()) < timedelta(seconds=1)
    assert rig.billed() - before == connector.spend().billed - spent == 1


def test_a_probe_of_an_empty_object_names_no_row(rig: Rig) -> None:
    assert rig.connector().probe(rig.feed.object, rig.feed.key).key is None


@pytest.mark.parametrize("switches", [CompanyOptions(denied={CUSTOMER: frozenset({"read"})})])
def test_a_right_that_lacks_is_told_by_the_probe(intacct_rig: IntacctRig, switches: CompanyOptions) -> None:
    assert switches.denied
    with pytest.raises(PermissionDeniedError):
        intacct_rig.connector().probe(CUSTOMER, "key")


@pytest.mark.parametrize("denied", [frozenset[str](), frozenset({"update"})])
def test_whether_a_record_may_be_changed_is_asked_not_tried(
    sandbox: Sandbox, clock: OffsetClock, denied: frozenset[str]
) -> None:
    rig = IntacctRig(sandbox, clock)
    (key,) = rig.seed(["Ashford"])
    connector = rig.connector()
    before = rig.billed()
    object.__setattr__(sandbox.company.options, "denied", {CUSTOMER: denied})
    assert connector.may_edit(CUSTOMER, key) is ("update" not in denied)
    assert rig.billed() == before
    assert connector.spend().billed == 0


def test_an_interface_that_does_not_tell_says_so(xml_rig: IntacctXmlRig, salesforce_rig: SalesforceRig) -> None:
    assert xml_rig.connector().may_edit(CUSTOMER, "1") is None
    assert salesforce_rig.connector().may_edit("Account", "001") is None


@pytest.mark.parametrize("allowed", [True, False])
def test_the_audit_trail_is_tried_with_one_row(sandbox: Sandbox, clock: OffsetClock, allowed: bool) -> None:
    object.__setattr__(sandbox.company.options, "xml", XmlOptions(audit_permission=allowed))
    connector = IntacctXmlRig(sandbox, clock).connector()
    assert isinstance(connector, IntacctXmlConnector)
    if allowed:
        connector.probe_audit_trail()
        assert connector.spend().billed == 1
    else:
        with pytest.raises(ServiceError, match="audit history"):
            connector.probe_audit_trail()


def test_only_active_duplicate_rules_of_these_objects_are_named(salesforce_rig: SalesforceRig) -> None:
    rules = [("Account", "Names", True), ("Contact", "Mails", True), ("Account", "Old", False), ("Lead", "Leads", True)]
    salesforce_rig.sandbox.org.load(
        "DuplicateRule",
        [{"SobjectType": o, "MasterLabel": n, "DeveloperName": n, "IsActive": active} for o, n, active in rules],
    )
    found = salesforce_rig.connector().duplicate_rules(["Account", "Contact"])
    assert found == ("Names (Account)", "Mails (Contact)")


def test_rules_that_may_not_be_seen_are_unknown(salesforce_rig: SalesforceRig) -> None:
    salesforce_rig.sandbox.org.integration_user.hidden_objects.add("duplicaterule")
    assert salesforce_rig.connector().duplicate_rules(["Account"]) is None
