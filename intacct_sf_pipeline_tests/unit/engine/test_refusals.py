"""Refusals that an administrator has to mend say so; those about the record do not."""

from __future__ import annotations

import pytest

from intacct_sf_pipeline.engine.people.advice import advised
from intacct_sf_pipeline.engine.people.refusals import INACTIVE, administrators_cure
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.plans import Hold, HoldReason, Who
from intacct_sf_pipeline.model.records import Side


def held(reply: ServiceReply) -> Hold:
    target = Side(reply.system)
    cure = administrators_cure(reply)
    return advised(Hold("things", target.other, "1", target, HoldReason.REJECTED, reply.message, cure=cure))


def intacct(message: str, code: str = "BL01001973") -> ServiceReply:
    return ServiceReply("intacct", "update customer", 422, code, message)


@pytest.mark.parametrize(
    "message",
    [
        "Top level records cannot be changed inside an entity; Could not update Customer record!",
        "Top level records cannot be changed inside an entity; update request on objects/x was unsuccessful",
        "You cannot update a root level vendor from an entity/restricted user with one entity",
        "Inside an entity, a top-level customer cannot be edited",
    ],
)
@pytest.mark.parametrize("code", ["BL01001973", "operationFailed", ""])
def test_a_top_level_record_met_in_an_entity_is_the_administrators_business(message, code):
    hold = held(intacct(message, code))
    assert hold.who is Who.ADMINISTRATOR
    assert "INTACCT_ENTITY_ID" in hold.cure
    assert "owned_by" in hold.cure
    assert "Correct the record" not in hold.cure


def test_so_is_a_record_of_another_entity():
    hold = held(intacct("Records private to an entity can be changed in that entity only"))
    assert hold.who is Who.ADMINISTRATOR
    assert "owned_by" in hold.cure


@pytest.mark.parametrize(
    "message",
    [
        "Could not update Customer record!",
        "Another Contact with the given value(s) Entity Top Ltd already exists",
        "Illegal format for Contactversion : Primary Email Address",
        "the entity is required",
        "High level review required",
    ],
)
def test_the_same_code_with_other_words_is_about_the_record(message):
    hold = held(intacct(message))
    assert hold.who is not Who.ADMINISTRATOR
    assert "Correct the record" in hold.cure


@pytest.mark.parametrize("code", ["INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"])
def test_fields_and_objects_that_lack_are_the_administrators_business(code):
    reply = ServiceReply("salesforce", "update Account", 400, code, "m", fields=("Foo__c",))
    hold = held(reply)
    assert hold.who is Who.ADMINISTRATOR
    assert "intacct-sf doctor" in hold.cure
    assert "Foo__c" in hold.cure or code == "INVALID_TYPE"


def test_codes_of_one_service_mean_nothing_at_the_other():
    assert administrators_cure(ServiceReply("intacct", "update", 422, INACTIVE, "m")) == ""
    assert administrators_cure(ServiceReply("salesforce", "update", 400, "BL01001973", "top level in an entity")) == ""
