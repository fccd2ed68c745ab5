"""Records as they are read (source rows), compared (canonical records) and joined (links)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

Scalar = str | int | float | Decimal | bool | datetime | None
"""One raw field value as a service holds it. Money and quantities are Decimal, date-times are aware UTC."""

Canonical = str | Decimal | bool | datetime | None
"""One normalised value, used to compare; empty is always None."""


class Side(StrEnum):
    """One of the two systems kept in agreement."""

    INTACCT = "intacct"
    SALESFORCE = "salesforce"

    @property
    def other(self) -> Side:
        """The system on the far side."""
        return Side.SALESFORCE if self is Side.INTACCT else Side.INTACCT


SIDES = (Side.INTACCT, Side.SALESFORCE)


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row of a feed as read from a service: flat, keyed by the vendor's own (dotted) field names.

    `key` addresses the record for writing (Intacct record number, 18-character Salesforce id); `modified` is the
    service's own stamp (None when it has none); a deleted row carries only its key and, if known, its stamp.
    """

    key: str
    values: Mapping[str, Scalar]
    modified: datetime | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class CanonicalRecord:
    """One record of one side, in the mapping's terms.

    `values` are normalised (to compare), `raw` holds what the source really says for the fields whose text differs from
    the canonical form (to write); `match_keys` maps match rule name -> key text (None: the rule cannot apply);
    `creatable` says whether `create_when` admits creating a counterpart, `scope_reason` why not. `problems` names
    fields whose value could not be understood, with the reason; they are left out of `values`. `raw` also carries,
    under their vendor column names, the keys a sink needs to address related rows. `search_keys` are those under
    which a record that is only alike finds it.
    """

    key: str
    values: Mapping[str, Canonical]
    raw: Mapping[str, Scalar] = field(default_factory=dict)
    modified: datetime | None = None
    deleted: bool = False
    creatable: bool = True
    scope_reason: str = ""
    match_keys: Mapping[str, str | None] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)
    search_keys: tuple[str, ...] = ()

    def raw_value(self, name: str) -> Scalar:
        """The value as the source typed it, for writing to the other side."""
        return self.raw[name] if name in self.raw else self.values.get(name)


@dataclass(frozen=True, slots=True)
class Link:
    """One record here and its partner there, once and for ever."""

    entity: str
    intacct_key: str
    salesforce_id: str
    method: str
    created_at: datetime
    run_id: str

    def key(self, side: Side) -> str:
        """The record's key on `side`."""
        return self.intacct_key if side is Side.INTACCT else self.salesforce_id
