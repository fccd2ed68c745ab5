"""Asks both live systems what `doctor` and `mapping check` judge: reached? which columns read? which fields written?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Protocol, runtime_checkable

from intacct_sf_pipeline.cli.findings import Finding, ok, problem
from intacct_sf_pipeline.cli.preflight import SYSTEM, check_entity, check_feed
from intacct_sf_pipeline.engine.ports import Connector
from intacct_sf_pipeline.model.errors import ServiceError, SyncError
from intacct_sf_pipeline.model.mapping import FeedSpec, SyncMapping
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import ObjectSchema


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
        return problem(SYSTEM[side], "connection", str(error), _cure(error, side))
    return ok(SYSTEM[side], "connection", "reached, and the credentials are accepted")


def mapping_findings(mapping: SyncMapping, services: Mapping[Side, Service]) -> list[Finding]:
    """Every feed's columns and every flow's targets, held against what the services say."""
    schemas: dict[tuple[Side, str], ObjectSchema] = {}
    found: list[Finding] = []
    for feed in mapping.used_feeds():
        found += _describe(mapping, feed, services[feed.side], schemas)
    for side in SIDES:
        for entity in mapping.enabled():
            name = entity.side(side).object
            if (side, name) not in schemas and entity.writes_to(side):
                found += _describe_object(side, name, services[side], schemas)
    for entity in mapping.enabled():
        found += check_entity(mapping, entity, schemas)
    return found


def _describe(
    mapping: SyncMapping, feed: FeedSpec, service: Service, schemas: dict[tuple[Side, str], ObjectSchema]
) -> Iterator[Finding]:
    yield from _describe_object(feed.side, feed.object, service, schemas)
    schema = schemas.get((feed.side, feed.object))
    if schema is not None:
        yield from check_feed(mapping, feed, schema, tuple(service.missing_columns(feed, mapping.columns(feed))))


def _describe_object(
    side: Side, name: str, service: Service, schemas: dict[tuple[Side, str], ObjectSchema]
) -> Iterator[Finding]:
    if (side, name) in schemas:
        return
    try:
        schemas[side, name] = service.describe(name)
    except ServiceError as error:
        yield problem(
            f"{SYSTEM[side]} {name}", "object", str(error), "Grant the integration user access to this object."
        )


def _cure(error: SyncError, side: Side) -> str:
    if isinstance(error, ServiceError) and error.reply.status is None:
        name = "INTACCT_BASE_URL" if side is Side.INTACCT else "SALESFORCE_LOGIN_URL"
        return f"Check the network and the address in {name}."
    return f"Check the {side.value.upper()}_... settings (docs/configuration.md)."
