"""What to do about a hold: for every reason and side who can mend it, how, and what a person may decide instead. Pure.

`messages` says what is wrong in the particular case; this table is total, so that no hold is ever without a cure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from intacct_sf_pipeline.model.plans import Hold, HoldReason, Verdict, Who
from intacct_sf_pipeline.model.records import Side

SYSTEM = {Side.INTACCT: "Intacct", Side.SALESFORCE: "Salesforce"}
PEOPLE = {Side.INTACCT: Who.FINANCE, Side.SALESFORCE: Who.SALES}
"""Who works in which system, and so can mend a record there."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What people are told: what is wrong (in general), who can mend it, and what to do."""

    message: str
    who: Who
    cure: str


def advice(reason: HoldReason, side: Side) -> Advice:
    """The advice on a hold for `reason` about a record of `side`."""
    template = _ADVICE[reason]
    words = {"here": SYSTEM[side], "there": SYSTEM[side.other]}
    return Advice(template.message.format(**words), _who(template.who, side), template.cure.format(**words))


def advised(hold: Hold) -> Hold:
    """`hold` with what its maker left open: cure and people, and the message if there is none."""
    if hold.message and hold.cure:
        return hold
    told = advice(hold.reason, hold.record_side)
    who = hold.who if hold.cure else told.who
    return replace(hold, message=hold.message or told.message, who=who, cure=hold.cure or told.cure)


def resolutions(reason: HoldReason) -> tuple[Verdict, ...]:
    """What a person may decide about a hold for `reason`; none when only mending the cause helps."""
    return _RESOLUTIONS.get(reason, ())


@dataclass(frozen=True, slots=True)
class _Template:
    """Advice before the systems are named; `who` is a person, or the side whose people they are."""

    message: str
    who: Who | str
    cure: str


_HERE, _THERE = "here", "there"


def _who(who: Who | str, side: Side) -> Who:
    if isinstance(who, Who):
        return who
    return PEOPLE[side if who == _HERE else side.other]


_ADVICE: Mapping[HoldReason, _Template] = {
    HoldReason.CONFLICT: _Template(
        "A field was changed in both systems.",
        Who.FINANCE,
        "Make both the same, or decide which side's value stays.",
    ),
    HoldReason.TOO_LONG: _Template(
        "A value is longer than {there} takes.",
        _HERE,
        "Shorten it in {here}.",
    ),
    HoldReason.MISSING_REQUIRED: _Template(
        "A value that {there} requires is empty in {here}.",
        _HERE,
        "Fill it in in {here}.",
    ),
    HoldReason.INVALID_VALUE: _Template(
        "A value in {here} cannot be understood.",
        _HERE,
        "Correct it in {here}; if it is right as it is, an administrator corrects the mapping.",
    ),
    HoldReason.AMBIGUOUS_MATCH: _Template(
        "Several records in {there} could be the partner of this one.",
        Who.SALES,
        "Merge the twins or make them differ, put the Intacct id on the right Salesforce record, or decide: "
        "link, create or ignore.",
    ),
    HoldReason.CANDIDATE_MATCH: _Template(
        "A record in {there} may be the partner of this one, but not surely.",
        Who.SALES,
        "Put the Intacct id on the right Salesforce record or correct what differs, or decide: link, create or ignore.",
    ),
    HoldReason.UNKNOWN_ID: _Template(
        "The Salesforce record carries an Intacct id that Intacct does not show.",
        Who.SALES,
        "Correct or empty the id on the Salesforce record, or decide: link it to the right record, create or ignore.",
    ),
    HoldReason.UNANSWERED: _Template(
        "A creation in Intacct got no answer, and it is not sure whether this record is concerned.",
        Who.FINANCE,
        "Look whether the candidate is the same: link it then; else decide create, for the record that is to be "
        "created.",
    ),
    HoldReason.PARENT_NOT_LINKED: _Template(
        "The record it belongs to exists in {here} only.",
        _HERE,
        "Usually nothing: it follows once that record is linked. If that one is held too, mend that first.",
    ),
    HoldReason.REJECTED: _Template(
        "{there} refused the write.",
        _HERE,
        "Correct the record in {here}; a corrected one is written by itself.",
    ),
    HoldReason.DUPLICATE: _Template(
        "{there} has a record with the same unique value already.",
        _THERE,
        "Merge the two in {there}, or correct the value that must be unique.",
    ),
    HoldReason.PERMISSION: _Template(
        "The integration user may not write this in {there}.",
        Who.ADMINISTRATOR,
        "Grant the integration user the right in {there} (`intacct-sf doctor` helps); it is then written by itself.",
    ),
    HoldReason.DELETED: _Template(
        "The record was deleted in {here}; its partner in {there} is left as it is.",
        _THERE,
        "Deactivate it in {there} if that is meant, restore it in {here}, or decide: approve or ignore.",
    ),
    HoldReason.OUT_OF_SCOPE: _Template(
        "The record in {here} is no longer one that is synchronised; its partner in {there} is left as it is.",
        _HERE,
        "Bring it back into scope in {here} if that was a mistake, or decide: approve (its partner is deactivated) "
        "or ignore.",
    ),
    HoldReason.MERGED: _Template(
        "The record was merged into another one in {here}, and both have a partner in {there}.",
        _THERE,
        "Look which of the two in {there} is to stay and merge or deactivate the other, or decide: approve or ignore.",
    ),
    HoldReason.BREAKER: _Template(
        "A value changed further than is believed without a look.",
        _HERE,
        "Correct it in {here}, or approve it if it is right.",
    ),
    HoldReason.LIMIT: _Template(
        "More records would be written than one run may write.",
        Who.ADMINISTRATOR,
        "Look what caused so many; approve those that are meant, or raise the limit.",
    ),
}

_MATCHING = (Verdict.LINK, Verdict.CREATE, Verdict.IGNORE)
_RESOLUTIONS: Mapping[HoldReason, tuple[Verdict, ...]] = {
    HoldReason.CONFLICT: (Verdict.TAKE_INTACCT, Verdict.TAKE_SALESFORCE, Verdict.IGNORE),
    HoldReason.AMBIGUOUS_MATCH: _MATCHING,
    HoldReason.CANDIDATE_MATCH: _MATCHING,
    HoldReason.UNKNOWN_ID: _MATCHING,
    HoldReason.UNANSWERED: _MATCHING,
    HoldReason.DELETED: (Verdict.APPROVE, Verdict.IGNORE),
    HoldReason.OUT_OF_SCOPE: (Verdict.APPROVE, Verdict.IGNORE),
    HoldReason.MERGED: (Verdict.APPROVE, Verdict.IGNORE),
    HoldReason.BREAKER: (Verdict.APPROVE,),
    HoldReason.LIMIT: (Verdict.APPROVE,),
}
