"""How records without a link find each other, as the mapping says it: match rules, and what makes two records alike."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from intacct_sf_pipeline.model.fields import MappingModel

EXTERNAL_ID_RULE = "external-id"
"""The rule every entity with an external id begins with."""

SIMILAR = "similar"
"""Stands for a rule where records are only alike."""


class MatchRule(MappingModel):
    """Records without a link are partners when these fields are equal and the key is unique on both sides.

    `fields` are canonical field names compared by their match form (`FieldSpec.matched_as`). `action: candidate` makes
    a hold for a person instead of a link. `unless_differs` names evidence that speaks against it: when both records
    have one of these fields and it differs, they are candidates only; such a rule also asks that no further record
    could be the partner. `unless_all_differ` asks for more: two of these fields at least, and all that both have, must
    differ.
    """

    name: str
    fields: tuple[str, ...]
    action: Literal["link", "candidate"] = "link"
    unless_differs: tuple[str, ...] = ()
    unless_all_differ: tuple[str, ...] = ()


class Compared(MappingModel):
    """One comparison of two records: the points (log odds) it adds when the fields agree, and when they differ.

    Several fields are compared as one text (first and last name). A field that one of the two lacks adds nothing.
    """

    fields: tuple[str, ...] = Field(min_length=1)
    agree: float = Field(ge=0)
    differ: float = Field(le=0)


class Similar(MappingModel):
    """When a record of the other side is too much alike to create a new one: it is held with its candidates.

    Records are compared when they share one of the `search` entries (a list of fields each; of a name alone, all words
    but one). The score is the logistic of `prior` plus the points of all comparisons, so between 0 and 1; from
    `at_least` on a record is a candidate. Where several records share a name, one that differs in a `tell_apart` field
    is none. `taken_at_least` is asked of a record that has a partner already to count as a twin.
    """

    search: tuple[tuple[str, ...], ...] = Field(min_length=1)
    compare: tuple[Compared, ...] = Field(min_length=1)
    prior: float = -4.5
    at_least: float = Field(default=0.5, gt=0, lt=1)
    taken_at_least: float = Field(default=0.8, gt=0, lt=1)
    tell_apart: tuple[str, ...] = ()

    def fields(self) -> tuple[str, ...]:
        """Every field named, without repetition."""
        compared = (name for entry in self.compare for name in entry.fields)
        searched = (name for entry in self.search for name in entry)
        return tuple(dict.fromkeys((*compared, *searched, *self.tell_apart)))
