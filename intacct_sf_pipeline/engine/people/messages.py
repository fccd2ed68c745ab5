"""What is wrong, in plain words, in the particular case of one hold; no field values of persons.

What to do about it, and who can, is in `advice`.
"""

from __future__ import annotations

from intacct_sf_pipeline.engine.matching.match import Found
from intacct_sf_pipeline.engine.people.advice import SYSTEM
from intacct_sf_pipeline.model.errors import ServiceReply
from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.matching import SIMILAR
from intacct_sf_pipeline.model.records import Side


def too_long(spec: FieldSpec, target: Side, length: int, most: int) -> str:
    """The value is longer than the target's field."""
    return f"{spec.title} has {length} characters; {SYSTEM[target]} takes at most {most}."


def missing(spec: FieldSpec, target: Side) -> str:
    """The target requires a value that the source does not have."""
    return f"{spec.title} is empty in {SYSTEM[target.other]}, and {SYSTEM[target]} requires it."


def not_understood(spec: FieldSpec, side: Side, reason: str) -> str:
    """A value cannot be read as what the mapping says it is."""
    return f"{spec.title} in {SYSTEM[side]} cannot be understood: {reason}."


def parent(spec: FieldSpec, source: Side) -> str:
    """The record refers to one that has no partner on the other side."""
    return f"{spec.title} points to a record that exists in {SYSTEM[source]} only."


def ambiguous(entity: EntityMapping, side: Side, found: Found) -> str:
    """Several records could be the partner, or the only one is taken."""
    shared, other = _shared(entity, found.rule), SYSTEM[side.other]
    if found.taken:
        return (
            f"The record in {other} with the same {shared} belongs to another one already; "
            f"these {entity.name} may be twins."
        )
    return (
        f"{found.own} in {SYSTEM[side]} and {found.number or len(found.others)} in {other} share the same {shared}, "
        f"so it is not sure which of these {entity.name} belong together."
    )


def twins(entity: EntityMapping, side: Side) -> str:
    """Two records of one side carry the same id and neither has a partner."""
    return f"Two of {entity.name} in {SYSTEM[side]} carry the same id; which one is meant cannot be told."


def contested(entity: EntityMapping) -> str:
    """Two links are wanted for one record."""
    return f"One of the two records is the partner of another one already; these {entity.name} may be twins."


def same(entity: EntityMapping, side: Side, twins: int) -> str:
    """Records of one side are the same in everything they are matched by."""
    others = "another one" if twins == 1 else f"{twins} others"
    return (
        f"It is the same as {others} of {entity.name} in {SYSTEM[side]} in everything they are matched by, and none of "
        f"them has a partner; each would become one of its own in {SYSTEM[side.other]}."
    )


def unanswered(entity: EntityMapping, side: Side) -> str:
    """A creation got no answer, and a record appeared that may be what it made; told of the record of `side`."""
    if side is Side.SALESFORCE:
        return (
            f"{SYSTEM[side.other]} gave no answer when it was to be created there, and {entity.name} without a partner "
            "appeared there since; one of them may be it."
        )
    return (
        f"It appeared while {SYSTEM[side]} was creating {entity.name} and gave no answer; it may be one of those that "
        "were to be created."
    )


def unknown_id(entity: EntityMapping, field: FieldSpec) -> str:
    """A Salesforce record carries an Intacct id that no record in Intacct has."""
    return (
        f"{field.title} on the Salesforce record names a record that Intacct does not show: deleted, or hidden from "
        f"the integration user. A new one of {entity.name} is not created over it."
    )


def candidate(entity: EntityMapping, rule: str, other: Side) -> str:
    """One record may be the partner, but not surely."""
    if rule == SIMILAR:
        return f"{SYSTEM[other]} has a record that is much alike; it may be the same one of {entity.name}."
    return (
        f"A record in {SYSTEM[other]} has the same {_shared(entity, rule)}, but nothing else proves that these "
        f"{entity.name} are one."
    )


def conflict(spec: FieldSpec, *, met: bool = False) -> str:
    """Both sides changed the field and its rule is to ask; `met`: they hold different values since they met."""
    if met:
        return f"{spec.title} differs in the two systems since the records were brought together."
    return f"{spec.title} was changed in both systems, to different values."


def rejected(reply: ServiceReply, target: Side) -> str:
    """The target refused the record; its own words are the best explanation there is."""
    code = f" ({reply.code})" if reply.code else ""
    return f"{SYSTEM[target]} refused it{code}: {(reply.message or 'no reason given').rstrip('.')}."


def deleted(side: Side, why: str) -> str:
    """The record is gone on one side and nothing deactivates it on the other; `why` when it merely left the scope."""
    reason = why or f"deleted in {SYSTEM[side]}"
    return f"{reason[0].upper()}{reason[1:]}; its partner in {SYSTEM[side.other]} is left as it is."


def merged(entity: EntityMapping, side: Side) -> str:
    """The record was merged into another one, which has a partner of its own."""
    return (
        f"Merged into another record in {SYSTEM[side]}; both had a partner in {SYSTEM[side.other]}, "
        f"so two {entity.name} are left there."
    )


def _shared(entity: EntityMapping, rule: str) -> str:
    """What records that share a rule's key have in common, by the names that people know."""
    fields = next((found.fields for found in entity.match_rules if found.name == rule), ())
    titles = [entity.by_name[name].title.lower() for name in fields if name in entity.by_name]
    return " and ".join([", ".join(titles[:-1]), titles[-1]] if len(titles) > 1 else titles) or rule
