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
    """What a plan line does to its target record.

    `force` is of the journal alone: an override that let lines or values pass, not a write.
    """

    CREATE = "create"
    UPDATE = "update"
    LINK = "link"
    DEACTIVATE = "deactivate"
    NONE = "none"
    FORCE = "force"


class LineStatus(StrEnum):
    """The life of a plan line; `sent` means the outcome is not known yet.

    `held`: a limit keeps it back until somebody approves; `refused`: not in the plan that is being applied.
    """

    PREVIEW = "preview"
    PLANNED = "planned"
    SENT = "sent"
    WRITTEN = "written"
    REJECTED = "rejected"
    FAILED = "failed"
    UNKNOWN = "unknown"
    SUPERSEDED = "superseded"
    HELD = "held"
    REFUSED = "refused"
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
    UNANSWERED = "unanswered"
    PARENT_NOT_LINKED = "parent_not_linked"
    REJECTED = "rejected"
    DUPLICATE = "duplicate"
    PERMISSION = "permission"
    DELETED = "deleted"
    OUT_OF_SCOPE = "out_of_scope"
    MERGED = "merged"
    BREAKER = "breaker"
    LIMIT = "limit"


class Who(StrEnum):
    """Who can mend a hold."""

    SALES = "sales"
    FINANCE = "finance"
    ADMINISTRATOR = "administrator"


class Verdict(StrEnum):
    """What a person may decide about a hold.

    `link` (with a partner) and `create` answer a match that is not sure; `ignore` leaves the record alone until the
    decision is withdrawn; `take_*` settle a conflict; `approve` lets a held write or deactivation pass.
    """

    LINK = "link"
    CREATE = "create"
    IGNORE = "ignore"
    TAKE_INTACCT = "take_intacct"
    TAKE_SALESFORCE = "take_salesforce"
    APPROVE = "approve"


@dataclass(frozen=True, slots=True)
class Decision:
    """A person's answer to a hold, in force until it is carried out or the hold's `state` is another.

    `record_side` and `key` name the record of the hold; `partner_key` the record on the other side to link to.
    `decision_id` is None until it is stored.
    """

    entity: str
    record_side: Side
    key: str
    reason: HoldReason
    verdict: Verdict
    decided_at: datetime
    fields: tuple[str, ...] = ()
    partner_key: str | None = None
    state: str = ""
    decided_by: str = ""
    note: str = ""
    decision_id: int | None = None


@dataclass(frozen=True, slots=True)
class Hold:
    """Something that is not written until a person or a newer change settles it.

    `record_side` and `key` name the record it is about; `target` the side that does not get the write; `fields` are
    canonical field names (empty: the whole record). `state` is a digest of what the decision rested on: a hold with the
    same state is the same hold, and keeps its `since`. `who` can mend it, `cure` says how. `scores` go with
    `candidates`, one for each (0 to 1), where they are known. `watched` are keys of further records of its own side on
    which it depends: like its candidates, they bring it up again when they change.
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
    who: Who = Who.ADMINISTRATOR
    cure: str = ""
    scores: tuple[float, ...] = ()
    watched: tuple[str, ...] = ()


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
    """All that a reconciliation concluded about one record or pair; committed as a whole.

    `unlink` ends a link (with its baseline) before `link` is stored: a record was merged, or created again under a new
    key. `closed_decisions` are ids of decisions carried out or overtaken.
    """

    entity: str
    intacct_key: str | None
    salesforce_id: str | None
    lines: tuple[PlanLine, ...] = ()
    link: Link | None = None
    baseline: Baseline | None = None
    holds: tuple[Hold, ...] = ()
    reason: str = ""
    unlink: Link | None = None
    closed_decisions: tuple[int, ...] = ()


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
