"""Every error the project raises on purpose, classified by what to do next.

Messages name what failed, where, and how to mend it; they never hold credentials or field values of persons.
"""

from __future__ import annotations

from dataclasses import dataclass


class SyncError(Exception):
    """Base of all expected errors; the CLI prints its text without a traceback."""


class ConfigurationError(SyncError):
    """A setting, the mapping or the target's schema is wrong; nothing was run (exit code 2).

    Args:
        what: what is wrong, in one sentence.
        where: the file and line, variable or object it was found in.
        cure: what would be right.
    """

    def __init__(self, what: str, *, where: str = "", cure: str = "") -> None:
        self.what, self.where, self.cure = what, where, cure
        parts = [f"{where}: {what}" if where else what]
        if cure:
            parts.append(cure)
        super().__init__(" - ".join(parts))


class LeaseHeldError(SyncError):
    """Another run is at work on the same entity (exit code 4)."""

    def __init__(self, entity: str, holder: str) -> None:
        self.entity, self.holder = entity, holder
        super().__init__(self._text())

    def _text(self) -> str:
        cure = "let it end (`sync --wait SECONDS` waits for it), or look at `intacct-sf status`"
        return f"{self.entity}: another run ({self.holder}) is at work; {cure}"


class LeaseLostError(LeaseHeldError):
    """This run stood still too long and is no longer the entity's one writer; `holder` says who is, or why."""

    def _text(self) -> str:
        left = "it writes nothing more, and the next run takes up what it left"
        return f"{self.entity}: this run is no longer the one writer ({self.holder}); {left}"


class LimitExceededError(SyncError):
    """A run would write more than its limits allow; it stopped before it wrote anything."""

    def __init__(self, exceeded: tuple[str, ...]) -> None:
        self.exceeded = exceeded
        cure = "do it in parts, raise the limit, or name it in --force"
        super().__init__(f"stopped before writing: {'; '.join(exceeded)} - {cure}")


@dataclass(frozen=True)
class ServiceReply:
    """What a service said when it refused; safe to log (no field values, no credentials)."""

    system: str
    operation: str
    status: int | None = None
    code: str = ""
    message: str = ""
    reference: str = ""
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line: system, operation, HTTP status, the service's code, its message and its support reference."""
        status = f" HTTP {self.status}" if self.status else ""
        code = f" {self.code}" if self.code else ""
        ref = f" (reference {self.reference})" if self.reference else ""
        return f"{self.system} {self.operation}:{status}{code} {self.message}{ref}".strip()


class LinkConflictError(SyncError):
    """A record would get a second partner; nothing of the transaction was stored.

    Args:
        entity: the entity.
        intacct_key: with `salesforce_id`, the pair that was refused.
        salesforce_id: the other half of it.
    """

    def __init__(self, entity: str, intacct_key: str, salesforce_id: str) -> None:
        self.entity, self.intacct_key, self.salesforce_id = entity, intacct_key, salesforce_id
        super().__init__(
            f"{entity}: Intacct {intacct_key} or Salesforce {salesforce_id} is linked to another record already"
        )

    def concerns(self, intacct_key: str, salesforce_id: str) -> bool:
        """Whether a pair wants one of the two records."""
        return self.intacct_key == intacct_key or self.salesforce_id == salesforce_id


class ServiceError(SyncError):
    """A call to Intacct or Salesforce failed; subclasses say what to do about it."""

    def __init__(self, reply: ServiceReply, cure: str = "") -> None:
        self.reply, self.cure = reply, cure
        super().__init__(f"{reply} - {cure}" if cure else str(reply))


class TransientError(ServiceError):
    """The service is in trouble for the moment and the call had no effect: try again later."""


class ThrottledError(TransientError):
    """A rate or concurrency limit was met; `retry_after` holds the seconds the service asked for, if it did."""

    def __init__(self, reply: ServiceReply, retry_after: float | None = None, cure: str = "") -> None:
        self.retry_after = retry_after
        super().__init__(reply, cure)


class QuotaExceededError(ServiceError):
    """The daily API allowance is used up: stop until the window rolls."""


class AuthenticationError(ServiceError):
    """Credentials or token were refused; never retried with the same ones."""


class PermissionDeniedError(ServiceError):
    """The user lacks a right; an administrator has to grant it."""


class ValidationFailedError(ServiceError):
    """The service refused the content of the request; the same content will be refused again."""


class DuplicateRecordError(ValidationFailedError):
    """A record with the same unique key exists already: look it up and adopt it."""


class RecordNotFoundError(ServiceError):
    """The addressed record or object does not exist."""


class OutcomeUnknownError(ServiceError):
    """A write was sent and no answer came back: settle it by looking, never by repeating blindly."""


def our_kind(name: str) -> str:
    """The class of this module that an error named `name` is, itself or by its bases; empty for somebody else's.

    The texts of these may be shown: they are written for people and name no values.
    """
    kinds: list[type[SyncError]] = [SyncError]
    for kind in kinds:
        kinds += kind.__subclasses__()
    found = next((kind for kind in kinds if kind.__name__ == name), None)
    bases = () if found is None else found.__mro__
    return next((base.__name__ for base in bases if globals().get(base.__name__) is base), "")
