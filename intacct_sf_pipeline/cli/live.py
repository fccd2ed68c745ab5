"""Asks both live systems what `doctor` and `mapping check` judge: reached? which columns read? which fields written?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, Protocol, runtime_checkable

from intacct_sf_pipeline.cli.findings import Finding, Level, failure, ok, problem
from intacct_sf_pipeline.cli.fit import SYSTEM
from intacct_sf_pipeline.cli.preflight import check_entity, check_feed
from intacct_sf_pipeline.connectors.probe import Probe
from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.model.errors import (
    AuthenticationError,
    QuotaExceededError,
    ServiceError,
    SyncError,
    TransientError,
)
from intacct_sf_pipeline.model.mapping import FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import ObjectSchema, Quota

OUTAGES: Final = (QuotaExceededError, AuthenticationError, TransientError)
"""Errors that each further call would meet as well."""


@runtime_checkable
class Service(Protocol):
    """As much of a connector as checking needs."""

    def describe(self, object_name: str) -> ObjectSchema:
        """Fields of an object."""
        ...

    def missing_columns(self, feed: FeedSpec, columns: tuple[str, ...]) -> tuple[str, ...]:
        """Those of `columns` that cannot be read."""
        ...

    def ping(self) -> object:
        """One cheap authenticated call."""
        ...

    def probe(self, object_name: str, key: str) -> Probe:
        """One row of an object, its `key` alone, and the service's clock."""
        ...

    def may_edit(self, object_name: str, key: str) -> bool | None:
        """Whether the user may change that record; None where the service does not tell without a write."""
        ...

    def quota(self) -> Quota | None:
        """How far the vendor's allowance of calls is used, as last told."""
        ...


def services(connectors: Mapping[Side, Connector]) -> dict[Side, Service]:
    """The connectors as services that can be checked.

    Raises:
        TypeError: a connector cannot be checked.
    """
    found: dict[Side, Service] = {}
    for side, connector in connectors.items():
        if not isinstance(connector, Service):
            raise TypeError(f"the connector of {side.value} cannot be checked")
        found[side] = connector
    return found


def connection_finding(side: Side, service: Service) -> Finding:
    """Whether the credentials open the door."""
    try:
        service.ping()
    except SyncError as error:
        what = str(error.reply) if isinstance(error, ServiceError) and error.cure else str(error)
        return problem(SYSTEM[side], "connection", what, _cure(error, side))
    return ok(SYSTEM[side], "connection", "reached, and the credentials are accepted")


def mapping_findings(mapping: SyncMapping, services: Mapping[Side, Service]) -> list[Finding]:
    """Every feed's columns and every flow's targets, held against what the services say.

    A side that is missing in `services` is left out.
    """
    schemas: dict[tuple[Side, str], ObjectSchema] = {}
    closed: set[tuple[Side, str]] = set()
    found: list[Finding] = []
    for side in SIDES:
        if side in services:
            found += _side(mapping, side, services[side], schemas, closed)
    for entity in mapping.enabled():
        if not any((side, entity.side(side).object) in closed for side in SIDES):
            found += check_entity(mapping, entity, schemas)
    return _once(found)


def outage(side: Side, error: SyncError) -> Finding:
    """The one finding for a system with which nothing can be done any more."""
    return failure(SYSTEM[side], "connection", error, _cure(error, side))


def _side(
    mapping: SyncMapping,
    side: Side,
    service: Service,
    schemas: dict[tuple[Side, str], ObjectSchema],
    closed: set[tuple[Side, str]],
) -> Iterator[Finding]:
    feeds = [feed for feed in mapping.used_feeds() if feed.side is side]
    written = [entity.side(side).object for entity in mapping.enabled() if entity.writes_to(side)]
    names = dict.fromkeys([*(feed.object for feed in feeds), *written])
    try:
        for name in names:
            yield from _describe(side, name, service, schemas, closed)
        for feed in feeds:
            if (side, feed.object) in schemas:
                yield from _feed(mapping, feed, service, schemas[side, feed.object])
    except OUTAGES as error:
        closed.update((side, name) for name in names if (side, name) not in schemas)
        yield outage(side, error)


def _describe(
    side: Side,
    name: str,
    service: Service,
    schemas: dict[tuple[Side, str], ObjectSchema],
    closed: set[tuple[Side, str]],
) -> Iterator[Finding]:
    try:
        schemas[side, name] = service.describe(name)
    except OUTAGES:
        raise
    except SyncError as error:
        closed.add((side, name))
        yield failure(f"{SYSTEM[side]} {name}", "object", error, "Grant the integration user access to this object.")


def _feed(mapping: SyncMapping, feed: FeedSpec, service: Service, schema: ObjectSchema) -> Iterator[Finding]:
    try:
        missing = tuple(service.missing_columns(feed, mapping.columns(feed)))
    except OUTAGES:
        raise
    except SyncError as error:
        yield failure(f"{SYSTEM[feed.side]} {feed.object}", feed.name, error, _cure(error, feed.side))
        return
    yield from check_feed(mapping, feed, schema, missing)


def _once(found: list[Finding]) -> list[Finding]:
    """The findings without what another one says better: a column that is missing to readers and to writers."""
    last = {(one.area, one.subject): one for one in found if one.level is Level.ERROR and one.subject != "object"}
    kept = [one for one in found if last.get((one.area, one.subject), one) is one or one.level is not Level.ERROR]
    return list(dict.fromkeys(kept))


def _cure(error: SyncError, side: Side) -> str:
    if isinstance(error, ServiceError) and error.cure:
        return error.cure[0].upper() + error.cure[1:] + "."
    if isinstance(error, ServiceError) and error.reply.status is None:
        name = "INTACCT_BASE_URL" if side is Side.INTACCT else "SALESFORCE_LOGIN_URL"
        return f"Check the network and the address in {name}."
    return f"Check the {side.value.upper()}_... settings (docs/configuration.md)."
