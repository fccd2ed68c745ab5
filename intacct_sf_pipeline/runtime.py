"""Everything a run needs, built from the settings: configuration, staging store, both connectors.

Above the parts, below CLI and orchestration.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import SecretStr

from intacct_sf_pipeline.engine.context import RunOptions, SyncContext, no_progress, utc_now
from intacct_sf_pipeline.engine.ports import Connector, Progress
from intacct_sf_pipeline.engine.writing.simulated import SimulatedConnector
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.settings import Settings, load_settings
from intacct_sf_pipeline.staging.rehearsal import rehearsal
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore


@dataclass(frozen=True)
class Runtime:
    """The parts of the pipeline, ready for work."""

    settings: Settings
    config: SyncConfig
    store: SqlStagingStore
    connectors: Mapping[Side, Connector]
    clock: Callable[[], datetime] = utc_now

    def context(self, run_id: str, options: RunOptions | None = None, progress: Progress = no_progress) -> SyncContext:
        """What the steps of one run are given."""
        return SyncContext(
            run_id, self.config, self.store, self.connectors, options or RunOptions(), self.clock, progress
        )

    @contextmanager
    def rehearsal(self, run_id: str) -> Iterator[Runtime]:
        """A runtime that reads for real and writes nothing.

        A plan is a run on it, kept as a preview when the block ends.
        """
        with rehearsal(self.store, run_id) as store:
            connectors: dict[Side, Connector] = {
                side: SimulatedConnector(connector) for side, connector in self.connectors.items()
            }
            yield replace(self, store=store, connectors=connectors)

    def close(self) -> None:
        """Give the database connections back."""
        self.store.database.engine.dispose()


@contextmanager
def open_runtime(
    settings: Settings | None = None,
    *,
    config: SyncConfig | None = None,
    connectors: Mapping[Side, Connector] | None = None,
    clock: Callable[[], datetime] = utc_now,
    migrate: bool = True,
) -> Iterator[Runtime]:
    """The runtime of this environment; what is given is used instead of what the settings say.

    Raises:
        ConfigurationError: settings, mapping or database cannot be used; it says which and how to mend it.
    """
    settings = settings or load_settings()
    config = config or load_config(settings.sync_config)
    connectors = connectors or build_connectors(settings)
    store = open_staging(
        settings.database_url,
        config.mapping,
        clock,
        hold_retry_minutes=config.policies.hold_retry_minutes,
        upgrade=migrate,
    )
    runtime = Runtime(settings, config, store, connectors, clock)
    try:
        yield runtime
    finally:
        runtime.close()


def build_connectors(settings: Settings) -> Mapping[Side, Connector]:
    """Both connectors; nothing is called yet.

    Raises:
        ConfigurationError: a variable is missing, or asks for a door or login that this version does not have.
    """
    settings.validate_for_run()
    return {Side.INTACCT: _intacct(settings), Side.SALESFORCE: _salesforce(settings)}


def _intacct(settings: Settings) -> Connector:
    from intacct_sf_pipeline.connectors.intacct import IntacctConnector, IntacctOptions

    if settings.intacct_api != "rest":
        raise ConfigurationError(
            "only the REST API is built in yet", where="INTACCT_API", cure="set it to rest, or leave it out"
        )
    return IntacctConnector(
        IntacctOptions(
            base_url=settings.intacct_base_url,
            client_id=settings.intacct_client_id or "",
            client_secret=settings.intacct_client_secret or SecretStr(""),
            username=settings.intacct_username or "",
            entity_id=settings.intacct_entity_id,
        )
    )


def _salesforce(settings: Settings) -> Connector:
    from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions

    if settings.salesforce_login != "client_credentials":
        raise ConfigurationError(
            "only the client credentials login is built in yet",
            where="SALESFORCE_CLIENT_SECRET",
            cure="set SALESFORCE_CLIENT_ID and SALESFORCE_CLIENT_SECRET, and leave password and key file out",
        )
    return SalesforceConnector(
        SalesforceOptions(
            login_url=settings.salesforce_login_url or "",
            client_id=settings.salesforce_client_id or "",
            client_secret=settings.salesforce_client_secret or SecretStr(""),
            api_version=settings.salesforce_api_version,
        )
    )
