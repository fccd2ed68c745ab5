"""`doctor` on permissions: one row of each object is read; what may be written is asked where the service tells.

Nothing is written, so what only a write would show is said to be unknown, with the screen to look at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol, runtime_checkable

from intacct_sf_pipeline.cli.doctor_clock import Glance
from intacct_sf_pipeline.cli.findings import Finding, Level, failure, ok, problem, warning
from intacct_sf_pipeline.cli.fit import SYSTEM
from intacct_sf_pipeline.cli.live import OUTAGES, Service, outage
from intacct_sf_pipeline.model.errors import PermissionDeniedError, ServiceError, SyncError
from intacct_sf_pipeline.model.mapping import SyncMapping
from intacct_sf_pipeline.model.records import Side

_ROLES: Final = "Company > Admin > Web Services users > the user > Roles or Permissions"
_GRANT: Final = {
    Side.INTACCT: f"Give the web services user List and View on this object ({_ROLES}).",
    Side.SALESFORCE: "Give the integration user read on this object (`intacct-sf salesforce-package DIR` writes the"
    " permission set).",
}
_AUDIT: Final = (
    "Give the web services user View on Platform Services > Custom Reports"
    f" ({_ROLES}); without it deletions are found by the nightly comparison of all keys only."
)


_ZONE: Final = (
    "Give the web services user GMT+00:00 in Intacct (My preferences > Time zone): then both readings agree. Or, if"
    " this company shows UTC whatever the user's zone, set INTACCT_XML_TIME_ZONE=utc."
)


@runtime_checkable
class AuditTrail(Protocol):
    """A connector that reads deletions from an audit trail, and stamps in a user's zone."""

    def probe_audit_trail(self) -> None:
        """Read one row of it."""
        ...

    def stamp_offset(self) -> timedelta:
        """What the user's stamps are off UTC."""
        ...


def access_findings(
    mapping: SyncMapping,
    reached: Mapping[Side, Service],
    known: Sequence[Finding],
    glances: list[Glance],
    clock: Callable[[], datetime],
) -> Iterator[Finding]:
    """One finding per object: may its rows be read, may they be changed? `glances` is given the clocks seen.

    Objects about which `known` says that they cannot be described are left out.
    """
    closed = {finding.area for finding in known if finding.level is Level.ERROR and finding.subject == "object"}
    for side, system in reached.items():
        keys = {feed.object: feed.key for feed in mapping.used_feeds() if feed.side is side}
        try:
            for name, key in keys.items():
                if f"{SYSTEM[side]} {name}" not in closed:
                    yield from _object(mapping, side, system, name, key, glances, clock)
            if isinstance(system, AuditTrail):
                yield _audit(system)
                yield _zone(system.stamp_offset())
        except OUTAGES as error:
            yield outage(side, error)


def _object(
    mapping: SyncMapping,
    side: Side,
    system: Service,
    name: str,
    key: str,
    glances: list[Glance],
    clock: Callable[[], datetime],
) -> Iterator[Finding]:
    area, before = f"{SYSTEM[side]} {name}", clock()
    try:
        seen = system.probe(name, key)
        glances.append(Glance(side, seen.at, before, clock()))
        written = any(e.side(side).object == name and e.writes_to(side) for e in mapping.enabled())
        if written and side is Side.INTACCT:
            may = system.may_edit(name, seen.key) if seen.key is not None else None
            yield _writing(area, may)
        else:
            yield ok(area, "permission", "its rows can be read")
    except PermissionDeniedError as error:
        yield problem(area, "permission", f"may not be read: {error.reply.message}", _GRANT[side])
    except OUTAGES:
        raise
    except SyncError as error:
        yield failure(area, "permission", error, _GRANT[side])


def _writing(area: str, may_edit: bool | None) -> Finding:
    look = f"look at Add and Edit at {_ROLES}"
    if may_edit is False:
        cure = f"Give the web services user Add and Edit on this object ({_ROLES})."
        return problem(area, "permission", "its rows can be read, and may not be changed", cure)
    if may_edit:
        return ok(
            area, "permission", f"its rows can be read and changed; only a write shows whether one may be added: {look}"
        )
    return ok(area, "permission", f"its rows can be read; only a write shows whether they may be changed: {look}")


def _audit(trail: AuditTrail) -> Finding:
    try:
        trail.probe_audit_trail()
    except OUTAGES:
        raise
    except ServiceError as error:
        return warning("Intacct AUDITHISTORY", "permission", f"cannot be read: {error.reply.message}", _AUDIT)
    except SyncError as error:
        return failure("Intacct AUDITHISTORY", "permission", error, _AUDIT)
    return ok("Intacct AUDITHISTORY", "permission", "deletions can be read from the audit trail")


def _zone(offset: timedelta) -> Finding:
    if not offset:
        return ok("Intacct", "time zone", "stamps are read as UTC")
    minutes = int(offset.total_seconds()) // 60
    told = f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
    message = (
        f"the web services user is at GMT{told}; whether stamps follow that is not documented, so each read reaches"
        " back further where needed, and the newer of two edits may be misjudged by that much"
    )
    return warning("Intacct", "time zone", message, _ZONE)
