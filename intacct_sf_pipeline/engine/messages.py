"""What people are told about a hold: plain words, what to do, no field values of persons."""

from __future__ import annotations

from intacct_sf_pipeline.engine.match import Found
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Side

SYSTEM = {Side.INTACCT: "Intacct", Side.SALESFORCE: "Salesforce"}


def too_long(spec: FieldSpec, target: Side, length: int, most: int) -> str:
    """The value is longer than the target's field."""
    return (
        f"{spec.title} has {length} characters; {SYSTEM[target]} takes at most {most}. "
        f"Shorten it in {SYSTEM[target.other]}."
    )


def missing(spec: FieldSpec, target: Side) -> str:
    """The target requires a value that the source does not have."""
    return f"{spec.title} is empty in {SYSTEM[target.other]}, and {SYSTEM[target]} requires it. Fill it in there."


def not_understood(spec: FieldSpec, side: Side, reason: str) -> str:
    """A value cannot be read as what the mapping says it is."""
    return f"{spec.title} in {SYSTEM[side]} cannot be understood: {reason}. Correct it there, or the mapping."


def parent(spec: FieldSpec, source: Side) -> str:
    """The record refers to one that has no partner on the other side."""
    return (
        f"{spec.title} points to a record that exists in {SYSTEM[source]} only. It follows once that record is linked."
    )


def ambiguous(entity: EntityMapping, side: Side, found: Found) -> str:
    """Several records could be the partner, or the only one is taken."""
    shared = found.rule.replace("-", ", ")
    other = SYSTEM[side.other]
    if found.taken:
        return (
            f"The record in {other} with the same {shared} belongs to another one already. "
            f"If these {entity.name} are twins, merge them; if not, make the names differ."
        )
    return (
        f"{found.own} in {SYSTEM[side]} and {len(found.others)} in {other} share the same {shared}. "
        f"Put the Intacct id on the right Salesforce record to link these {entity.name}, or merge the twins."
    )


def unknown_id(entity: EntityMapping, field: FieldSpec) -> str:
    """A Salesforce record carries an Intacct id that no record in Intacct has."""
    return (
        f"{field.title} on the Salesforce record names a record that Intacct does not show: "
        "deleted, or hidden from the integration user. "
        f"Correct or empty the field; a new one of {entity.name} is not created over it."
    )


def candidate(entity: EntityMapping, rule: str, other: Side) -> str:
    """One record may be the partner, but not surely."""
    return (
        f"A record in {SYSTEM[other]} has the same {rule.replace('-', ', ')}, "
        f"but nothing else proves that these {entity.name} are one. "
        f"Put the Intacct id on the Salesforce record to link them, or correct the names."
    )


def conflict(spec: FieldSpec) -> str:
    """Both sides changed the field and its rule is to ask."""
    return f"{spec.title} was changed in both systems. Make both the same, or choose a side."


def rejected(reply: ServiceReply, target: Side) -> str:
    """The target refused the record; its own words are the best explanation there is."""
    code = f" ({reply.code})" if reply.code else ""
    return (
        f"{SYSTEM[target]} refused it{code}: {reply.message or 'no reason given'}. "
        "Correct the record, and it goes through by itself."
    )


def deleted(side: Side, why: str) -> str:
    """The record is gone on one side and the mapping names no way to deactivate it on the other."""
    reason = why or f"deleted in {SYSTEM[side]}"
    return (
        f"{reason[0].upper()}{reason[1:]}; its partner in {SYSTEM[side.other]} is left as it is. "
        "Deactivate it there if that is meant."
    )
