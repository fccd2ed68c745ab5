"""Everything a run needs, built from the settings: configuration, staging store, both connectors.

Above the parts, below CLI and orchestration.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypedDict

from pydantic import SecretStr

from intacct_sf_pipeline.engine.context import RunOptions, SyncContext, no_progress, utc_now
from intacct_sf_pipeline.engine.ports import Connector, Progress
from intacct_sf_pipeline.engine.spending.booked import BookedConnector
from intacct_sf_pipeline.engine.spending.gate import Gate
from intacct_sf_pipeline.engine.spending.till import Till
from intacct_sf_pipeline.engine.writing.simulated import SimulatedConnector
from intacct_sf_pipeline.model.budget import BUDGET
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.settings import Settings, load_settings
from intacct_sf_pipeline.staging.rehearsal import rehearsal
from intacct_sf_pipeline.staging.setup import open_staging
from intacct_sf_pipeline.staging.store import SqlStagingStore

if TYPE_CHECKING:
    from intacct_sf_pipeline.connectors.http import HttpOptions
    from intacct_sf_pipeline.connectors.salesforce import SalesforceOptions
    from intacct_sf_pipeline.connectors.salesforce.login import Login
    from intacct_sf_pipeline.connectors.timing import Timing

_EMPTY: Final = SecretStr("")


@dataclass(frozen=True)
class Runtime:
    """The parts of the pipeline, ready for work; spend is booked in `ledger` (a rehearsal's store is a copy)."""

    settings: Settings
    config: SyncConfig
    store: SqlStagingStore
    connectors: Mapping[Side, Connector]
    clock: Callable[[], datetime] = utc_now
    ledger: SqlStagingStore | None = None

    def context(
        self,
        run_id: str,
        options: RunOptions | None = None,
        progress: Progress = no_progress,
        *,
        flows: Collection[str] | None = None,
    ) -> SyncContext:
        """What the steps of one run are given; `flows` are the entities it works on (None: all).

        What it spends is booked in the ledger as it is spent. A run that applies a plan minds no budget: somebody
        approved it.
        """
        options, ledger = options or RunOptions(), self.ledger or self.store
        meters = {side: connector.spend for side, connector in self.connectors.items()}
        quotas = {side: connector.quota for side, connector in self.connectors.items()}
        till = Till(run_id, ledger, meters, quotas, self.clock, self.config.schedule.zone)
        rings = {side: partial(till.ring, side) for side in self.connectors}
        connectors = {side: BookedConnector(connector, rings[side]) for side, connector in self.connectors.items()}
        forced, gate = BUDGET in options.force, None
        if options.plan is None and not self.config.budget.off:
            gate = Gate(run_id, self.config, ledger, self.store, self.clock, forced=forced, flows=flows)
        return SyncContext(
            run_id, self.config, self.store, connectors, options, self.clock, progress, till=till, gate=gate
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
            yield replace(self, store=store, connectors=connectors, ledger=self.ledger or self.store)

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


def build_connectors(settings: Settings, http: HttpOptions | None = None) -> Mapping[Side, Connector]:
    """Both connectors; nothing is called yet. `http` says how patient they are, where that is not to be as usual.

    Raises:
        ConfigurationError: a variable is missing, or asks for a door or login that this version does not have.
    """
    settings.validate_for_run()
    patience: _Patience = {} if http is None else {"http": http}
    return {Side.INTACCT: _intacct(settings, patience), Side.SALESFORCE: _salesforce(settings, patience)}


class _Patience(TypedDict, total=False):
    http: HttpOptions


def _intacct(settings: Settings, patience: _Patience) -> Connector:
    return _intacct_xml(settings, patience) if settings.intacct_api == "xml" else _intacct_rest(settings, patience)


def _intacct_rest(settings: Settings, patience: _Patience) -> Connector:
    from intacct_sf_pipeline.connectors.intacct import IntacctConnector, IntacctOptions

    return IntacctConnector(
        IntacctOptions(
            base_url=settings.intacct_base_url,
            client_id=settings.intacct_client_id or "",
            client_secret=settings.intacct_client_secret or _EMPTY,
            username=settings.intacct_username or "",
            entity_id=settings.intacct_entity_id,
            concurrency=settings.intacct_concurrency,
            **patience,
        )
    )


def _intacct_xml(settings: Settings, patience: _Patience) -> Connector:
    from intacct_sf_pipeline.connectors.intacct.xml import IntacctXmlConnector, IntacctXmlOptions

    return IntacctXmlConnector(
        IntacctXmlOptions(
            url=settings.intacct_xml_url,
            sender_id=settings.intacct_sender_id or "",
            sender_password=settings.intacct_sender_password or _EMPTY,
            company_id=settings.intacct_company_id or "",
            user_id=settings.intacct_user_id or "",
            user_password=settings.intacct_user_password or _EMPTY,
            entity_id=settings.intacct_entity_id,
            concurrency=_xml_concurrency(settings),
            time_zone=settings.intacct_xml_time_zone,
            dates=settings.intacct_xml_dates,
            **patience,
        )
    )


def _xml_concurrency(settings: Settings) -> int:
    """One request at a time unless more are asked for, and never more than two. Source: the vendor's XML FAQ."""
    given = settings.intacct_concurrency if "intacct_concurrency" in settings.model_fields_set else 1
    return min(given, 2)


def _salesforce(settings: Settings, patience: _Patience) -> Connector:
    from intacct_sf_pipeline.connectors.salesforce import SalesforceConnector, SalesforceOptions
    from intacct_sf_pipeline.connectors.timing import Timing

    given_session = settings.salesforce_login == "session"
    options = SalesforceOptions(
        login_url=(settings.salesforce_instance_url if given_session else settings.salesforce_login_url) or "",
        client_id=settings.salesforce_client_id or "",
        client_secret=settings.salesforce_client_secret or _EMPTY,
        api_version=settings.salesforce_api_version,
        concurrency=settings.salesforce_concurrency,
        bulk_from_rows=settings.salesforce_bulk_from_rows,
        bulk_wait=float(settings.salesforce_bulk_wait_seconds),
        **patience,
    )
    timing = Timing()
    return SalesforceConnector(options, timing, _salesforce_login(settings, options, timing))


def _salesforce_login(settings: Settings, options: SalesforceOptions, timing: Timing) -> Login:
    """The way of signing in that the given variables mean."""
    from intacct_sf_pipeline.connectors.salesforce.login import (
        ClientCredentialsLogin,
        JwtLogin,
        SessionLogin,
        SoapLogin,
    )

    username = settings.salesforce_username or ""
    match settings.salesforce_login:
        case "session":
            return SessionLogin(options.login_url, settings.salesforce_access_token or _EMPTY)
        case "jwt":
            key_file = settings.salesforce_private_key_file or Path()
            return JwtLogin(options.login_url, options.client_id, username, key_file, timing)
        case "password":
            password, token = settings.salesforce_password or _EMPTY, settings.salesforce_security_token or _EMPTY
            return SoapLogin(options.login_url, username, password, token, options.api_version)
        case _:
            return ClientCredentialsLogin(options)
