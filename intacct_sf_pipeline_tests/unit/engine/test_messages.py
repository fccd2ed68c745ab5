"""What is wrong, in words: fields by the names people know, and nothing said that nobody did."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.engine.matching.match import Found
from intacct_sf_pipeline.engine.people import messages
from intacct_sf_pipeline.engine.people.holds import conflict_holds
from intacct_sf_pipeline.engine.planning.merge import merge
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.plans import Baseline
from intacct_sf_pipeline.model.records import Side

from .builders import entity, field, record

ACCOUNTS = load_config().mapping.entity("accounts")


@pytest.mark.parametrize("rule", ACCOUNTS.match_rules, ids=lambda rule: rule.name)
def test_what_two_records_share_is_told_by_the_titles_of_the_fields(rule):
    titles = [ACCOUNTS.by_name[name].title.lower() for name in rule.fields]
    shared = " and ".join(filter(None, (", ".join(titles[:-1]), titles[-1])))
    candidate = messages.candidate(ACCOUNTS, rule.name, Side.SALESFORCE)
    ambiguous = messages.ambiguous(ACCOUNTS, Side.INTACCT, Found(rule.name, others=("001A", "001B")))
    assert f"has the same {shared}, but" in candidate
    assert f"share the same {shared}, so" in ambiguous
    assert rule.name == shared or rule.name not in candidate


def test_the_account_number_is_one_field():
    assert "the same account number, but" in messages.candidate(ACCOUNTS, "account-number", Side.INTACCT)


@pytest.mark.parametrize(("base", "changed"), [(None, False), ("Old", True)])
def test_values_that_differ_at_the_first_meeting_were_not_changed_by_anybody(base, changed):
    things = entity(field("name", conflict="hold"))
    records = {Side.INTACCT: record("1", name="Here"), Side.SALESFORCE: record("A", name="There")}
    baseline = None if base is None else Baseline({"name": base})
    decisions = merge(things, records[Side.INTACCT], records[Side.SALESFORCE], baseline)
    (hold,) = conflict_holds(things, decisions, records)
    assert ("was changed in both systems" in hold.message) is changed
    assert ("since the records were brought together" in hold.message) is not changed
