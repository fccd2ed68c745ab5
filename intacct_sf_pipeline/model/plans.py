"""The plan: what a run means to write, field by field, and why; and the holds for what it must not write.

A plan line is also the outbox entry of its write: it is committed as `planned`, becomes `sent` before the call and is
settled after it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from intacct_sf_pipeline.model.records import Canonical, Link, Scalar, Side


class Operation(StrEnum):
    """What a plan line does to its target record."""

    CREATE = "create"
    UPDATE = "update"
    LINK = "link"
    DEACTIVATE = "deactivate"
    NONE = "none"


class LineStatus(StrEnum):
    """The life of a plan line; `sent` means the outcome is not known yet."""

    PREVIEW = "preview"
    PLANNED = "planned"
    SENT = "sent"
    WRITTEN = "written"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A difference that was looked at and left standing (a service default, a value kept by rule)."""

    intacct: Canonical
    salesforce: Canonical
    reason: str


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of one line.

    Raw value there now, raw value to write (a tuple for a field of several columns), and the canonical value the target
    will hold.

    `columns` are the vendor columns written. `accepted` is set when the target will hold less than the source by
    decision.
    """

    field: str
    before: Scalar
    after: Scalar | tuple[Scalar, ...]
    canonical: Canonical
    rule: str
    reason: str
    columns: tuple[str, ...] = ()
    accepted: Accepted | None = None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One record to touch on one side.

    `source_key` is the key of the record on the other side. `natural_id` is the key a created record will carry (the
    Intacct id, or the Salesforce external id value), by which an unknown outcome is settled. `line_id` is unique over
    all runs.
    """

    line_id: str
    run_id: str
    entity: str
    side: Side
    operation: Operation
    target_key: str | None
    source_key: str | None
    changes: tuple[FieldChange, ...] = ()
    natural_id: str | None = None
    reason: str = ""
    status: LineStatus = LineStatus.PLANNED
    attempt: int = 1

    @property
    def idempotency_key(self) -> str:
        """Stable over retries of the same write, changed by a new attempt (at most 256 characters)."""
        return f"{self.line_id}-{self.attempt}"

    def intacct_key(self) -> str | None:
        """The Intacct record's key, if there is one yet."""
        return self.target_key if self.side is Side.INTACCT else self.source_key

    def salesforce_id(self) -> str | None:
        """The Salesforce record's id, if there is one yet."""
        return self.target_key if self.side is Side.SALESFORCE else self.source_key


class HoldReason(StrEnum):
    """Why something waits for a person (or for the cause to go away)."""

    CONFLICT = "conflict"
    TOO_LONG = "too_long"
    MISSING_REQUIRED = "missing_required"
    INVALID_VALUE = "invalid_value"
    AMBIGUOUS_MATCH = "ambiguous_match"
    CANDIDATE_MATCH = "candidate_match"
    UNKNOWN_ID = "unknown_id"
    PARENT_NOT_LINKED = "parent_not_linked"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    PERMISSION = "permission"
    DELETED = "deleted"
    LIMIT = "limit"


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that is not written until a person or a newer change settles it.

    `record_side` and `key` name the record it is about; `target` the side that does not get the write; `fields` are
    canonical field names (empty: the whole record). `state` is a digest of what the decision rested on: a hold with the
    same state is the same hold, and keeps its `since`.
    """

    entity: str
    record_side: Side
    key: str
    target: Side
    reason: HoldReason
    message: str
    fields: tuple[str, ...] = ()
    state: str = ""
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Baseline:
    """What both sides of a link last agreed on.

    `accepted` holds fields on which the two sides differ by decision: name -> (intacct, salesforce) canonical values
    and the reason.
    """

    values: Mapping[str, Canonical]
    accepted: Mapping[str, Accepted] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FieldDecision:
    """What was decided about one field: `decision` is one of agree, to_intacct, to_salesforce, hold, keep."""

    field: str
    base: Canonical
    intacct: Canonical
    salesforce: Canonical
    decision: str
    rule: str
    reason: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """All that a reconciliation concluded about one record or pair; committed as a whole."""

    entity: str
    intacct_key: str | None
    salesforce_id: str | None
    lines: tuple[PlanLine, ...] = ()
    link: Link | None = None
    baseline: Baseline | None = None
    holds: tuple[Hold, ...] = ()
    reason: str = ""


@dataclass(frozen=True, slots=True)
class JournalEntry:
    """One field written: before and after, by which run and rule."""

    run_id: str
    entity: str
    side: Side
    record_key: str
    operation: Operation
    field: str
    before: Scalar
    after: Scalar
    rule: str
    reason: str
    at: datetime
