"""`doctor` on both systems: signed in? clocks? readable and writable? quota? An unreachable one leaves the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from intacct_sf_pipeline.cli.doctor_access import access_findings
from intacct_sf_pipeline.cli.doctor_clock import Glance, clock_findings
from intacct_sf_pipeline.cli.doctor_org import org_findings
from intacct_sf_pipeline.cli.doctor_quota import forecast_findings, quota_findings
from intacct_sf_pipeline.cli.findings import Finding, Level, failed, failure
from intacct_sf_pipeline.cli.fit import SYSTEM
from intacct_sf_pipeline.cli.live import Service, connection_finding, mapping_findings, services
from intacct_sf_pipeline.connectors.http import HttpOptions
from intacct_sf_pipeline.connectors.retry import RetryOptions
from intacct_sf_pipeline.engine.context import utc_now
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import SyncError
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.runtime import build_connectors
from intacct_sf_pipeline.settings import Settings

_PATIENCE = HttpOptions(
    connect_timeout=5.0,
    read_timeout=30.0,
    body_timeout=60.0,
    retry=RetryOptions(attempts=3, first_wait=0.5, longest_wait=5.0, budget=20.0),
)
"""A person waits."""


def system_findings(
    settings: Settings, config: SyncConfig, clock: Callable[[], datetime] = utc_now
) -> Iterator[Finding]:
    """Everything about both systems; what needs one that cannot be reached is left out.

    Raises:
        ConfigurationError: the connectors cannot be made from these settings.
    """
    systems = services(build_connectors(settings, _PATIENCE))
    reached: dict[Side, Service] = {}
    for side, system in systems.items():
        finding = connection_finding(side, system)
        yield finding
        if not failed([finding]):
            reached[side] = system
    fit = mapping_findings(config.mapping, reached)
    yield from fit
    glances: list[Glance] = []
    access = list(access_findings(config.mapping, _still(reached, fit), fit, glances, clock))
    yield from access
    yield from clock_findings(glances)
    yield from _org(config, _still(reached, [*fit, *access]))
    for side, system in reached.items():
        yield from quota_findings(side, system.quota())
    quotas = {side: system.quota() for side, system in reached.items()}
    yield from forecast_findings(settings, config, quotas, clock())


def _still(reached: Mapping[Side, Service], found: Sequence[Finding]) -> dict[Side, Service]:
    """The systems that answered to the last call, too."""
    lost = {one.area for one in found if one.subject == "connection" and one.level is Level.ERROR}
    return {side: system for side, system in reached.items() if SYSTEM[side] not in lost}


def _org(config: SyncConfig, reached: Mapping[Side, Service]) -> Iterator[Finding]:
    salesforce = reached.get(Side.SALESFORCE)
    if salesforce is None:
        return
    try:
        yield from org_findings(config.mapping, salesforce)
    except SyncError as error:
        yield failure("Salesforce", "org", error, "Run `intacct-sf doctor` again.")
