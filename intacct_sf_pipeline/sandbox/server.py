"""Starts the sandbox: both services over loopback sockets, filled with a generated company or a company's own exports.

`running_sandbox` is for programs and tests in this process; `serve` is what the command line calls.
"""

from __future__ import annotations

import gc
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Literal, TextIO

from intacct_sf_pipeline.sandbox.clock import Clock, SystemClock
from intacct_sf_pipeline.sandbox.credentials import Credentials, derive_credentials
from intacct_sf_pipeline.sandbox.data.csv_loader import LoadReport, load_directory
from intacct_sf_pipeline.sandbox.data.labels import Loner, TruePair
from intacct_sf_pipeline.sandbox.data.seed import load_world
from intacct_sf_pipeline.sandbox.data.truth import truth_rows, write_truth
from intacct_sf_pipeline.sandbox.data.world import LATEST, World, WorldOptions, generate_world
from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.fault_check import check_rules
from intacct_sf_pipeline.sandbox.fault_file import load_faults
from intacct_sf_pipeline.sandbox.fault_middleware import FaultMiddleware
from intacct_sf_pipeline.sandbox.faults.connections import ConnectionTable
from intacct_sf_pipeline.sandbox.faults.plan import FaultPlan
from intacct_sf_pipeline.sandbox.intacct.app import create_app as create_intacct_app
from intacct_sf_pipeline.sandbox.intacct.company import CompanyOptions, IntacctCompany
from intacct_sf_pipeline.sandbox.intacct.xml.door import PATH as XML_PATH
from intacct_sf_pipeline.sandbox.logins import SalesforceSecrets, Without, open_doors
from intacct_sf_pipeline.sandbox.salesforce.app import create_app as create_salesforce_app
from intacct_sf_pipeline.sandbox.salesforce.deploy.deployment import deploy
from intacct_sf_pipeline.sandbox.salesforce.load import LoadLimits
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.serving import bound_socket, delayed, origin, quiet_when_left, serving


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """What to start. Ports of 0 are chosen by the system; with `data` set, the counts, `overlap`, `hard` and `seed` of
    the generated company do not matter. `latency_ms` is added to every request. `truth` is the file to write what is
    known of the generated records into (`data/truth.py`). `intacct_api` is the door that `env` names: `rest` or `xml`;
    both are always open. `jwt_key` is the RSA private key of the Salesforce app, made when the file does not exist;
    `without` names what is switched off (`logins.Without`); `salesforce_quota` the API calls of 24 hours; `deploy` a
    source-format project that is deployed into the org before the data come; `private` is the share of generated
    customers that are private to an entity.
    """

    data: Path | None = None
    seed: int = 7
    accounts: int = 200
    contacts: int = 400
    items: int = 120
    warehouses: int = 4
    overlap: float = 0.6
    hard: float = 0.0
    truth: Path | None = None
    latency_ms: int = 0
    faults: Path | None = None
    intacct_port: int = 0
    salesforce_port: int = 0
    intacct_api: Literal["rest", "xml"] = "rest"
    jwt_key: Path | None = None
    without: tuple[str, ...] = ()
    salesforce_quota: int = 100_000
    deploy: Path | None = None
    private: float = 0.0
    salesforce_load: LoadLimits = field(default_factory=LoadLimits)
    features: OrgFeatures = field(default_factory=OrgFeatures)
    company: CompanyOptions = field(default_factory=CompanyOptions)


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A running sandbox.

    `truth` says which generated records are the same thing, `loners` which have no counterpart; both are empty for
    loaded data, where nobody knows. `report` says what was loaded from a data directory.
    """

    org: SalesforceOrg
    company: IntacctCompany
    clock: Clock
    faults: FaultPlan
    truth: tuple[TruePair, ...]
    report: LoadReport | None
    intacct_url: str
    salesforce_url: str
    credentials: Credentials
    salesforce_secrets: SalesforceSecrets
    loners: tuple[Loner, ...] = ()
    intacct_api: str = "rest"

    @property
    def intacct_base_url(self) -> str:
        """Base address of the Intacct REST service, version included."""
        return f"{self.intacct_url}/ia/api/v1"

    @property
    def intacct_xml_url(self) -> str:
        """Address of the Intacct XML gateway."""
        return f"{self.intacct_url}{XML_PATH}"

    @property
    def env(self) -> dict[str, str]:
        """The environment variables that make the pipeline use this sandbox."""
        xml = self.company.xml_sessions.access
        return {
            "INTACCT_API": self.intacct_api,
            "INTACCT_BASE_URL": self.intacct_base_url,
            "INTACCT_CLIENT_ID": self.credentials.intacct_client_id,
            "INTACCT_CLIENT_SECRET": self.credentials.intacct_client_secret,
            "INTACCT_USERNAME": self.company.username,
            "INTACCT_XML_URL": self.intacct_xml_url,
            "INTACCT_SENDER_ID": xml.sender_id,
            "INTACCT_SENDER_PASSWORD": xml.sender_password,
            "INTACCT_COMPANY_ID": xml.company_id,
            "INTACCT_USER_ID": xml.user_id,
            "INTACCT_USER_PASSWORD": xml.user_password,
            "SALESFORCE_LOGIN_URL": self.salesforce_url,
            "SALESFORCE_CLIENT_ID": self.credentials.salesforce_client_id,
            "SALESFORCE_CLIENT_SECRET": self.credentials.salesforce_client_secret,
        }

    def ready_document(self) -> dict[str, dict[str, str]]:
        """The document `sandbox serve` prints when ready."""
        xml = self.company.xml_sessions.access
        return {
            "intacct": {
                "base_url": self.intacct_base_url,
                "client_id": self.credentials.intacct_client_id,
                "client_secret": self.credentials.intacct_client_secret,
                "username": self.company.username,
                "xml_url": self.intacct_xml_url,
                "sender_id": xml.sender_id,
                "sender_password": xml.sender_password,
                "company_id": xml.company_id,
                "user_id": xml.user_id,
                "user_password": xml.user_password,
            },
            "salesforce": {
                "login_url": self.salesforce_url,
                "instance_url": self.salesforce_url,
                "client_id": self.credentials.salesforce_client_id,
                "client_secret": self.credentials.salesforce_client_secret,
                **self.salesforce_secrets.document(),
            },
            "env": self.env,
        }


def serve(options: SandboxOptions, *, out: TextIO) -> int:
    """Run a sandbox until SIGTERM or SIGINT, then return 0. The first line on `out` is the ready document.

    Must be called from the main thread, which alone receives signals; SIGINT works even where it was inherited as
    ignored (a shell's background job).

    Raises:
        SandboxError: a port is taken, the data or the fault file is wrong.
    """
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with running_sandbox(options) as sandbox:
            gc.freeze()  # what is loaded stays until the end, so later collections need not look at it
            out.write(json.dumps(sandbox.ready_document()) + "\n")
            out.flush()
            stop.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


@contextmanager
def running_sandbox(options: SandboxOptions | None = None, *, clock: Clock | None = None) -> Iterator[Sandbox]:
    """Start a sandbox, yield it, and stop it. Everything in it goes by `clock` (the system's when left out).

    Raises:
        SandboxError: a port is taken, the data or the fault file is wrong.
    """
    options = options if options is not None else SandboxOptions()
    clock = clock if clock is not None else SystemClock()
    rules = load_faults(options.faults) if options.faults is not None else ()
    plan = FaultPlan(rules)
    credentials = derive_credentials(options.seed)
    with ExitStack() as stack:
        intacct_socket = stack.enter_context(bound_socket(options.intacct_port))
        salesforce_socket = stack.enter_context(bound_socket(options.salesforce_port))
        with _no_garbage_collection():
            org, company, world, report = _filled(options, clock, credentials)
        _write_truth(options, world, company)
        if options.faults is not None:
            check_rules(options.faults, rules, org, company)
        sandbox = Sandbox(
            org,
            company,
            clock,
            plan,
            world.truth,
            report,
            origin(intacct_socket),
            origin(salesforce_socket),
            credentials,
            _opened(options, org, company, credentials),
            world.loners,
            options.intacct_api,
        )
        for service, app, listener, expire in (
            ("intacct", create_intacct_app(company), intacct_socket, company.expire_tokens),
            (
                "salesforce",
                create_salesforce_app(org, lambda: sandbox.salesforce_url),
                salesforce_socket,
                org.expire_tokens,
            ),
        ):
            connections = ConnectionTable()
            faulty = FaultMiddleware(app, service=service, plan=plan, connections=connections, expire_tokens=expire)
            stack.enter_context(serving(delayed(quiet_when_left(faulty), options.latency_ms), listener, connections))
        yield sandbox


def _filled(
    options: SandboxOptions, clock: Clock, credentials: Credentials
) -> tuple[SalesforceOrg, IntacctCompany, World, LoadReport | None]:
    without = Without.parsed(options.without)
    org = SalesforceOrg(
        clock=clock,
        client_id=credentials.salesforce_client_id,
        client_secret=credentials.salesforce_client_secret,
        features=options.features,
        api_quota=options.salesforce_quota,
        access=without.policy(),
        load_limits=options.salesforce_load,
    )
    company = IntacctCompany(
        clock=clock,
        client_id=credentials.intacct_client_id,
        client_secret=credentials.intacct_client_secret,
        sender_id=credentials.intacct_sender_id,
        sender_password=credentials.intacct_sender_password,
        user_password=credentials.intacct_user_password,
        options=without.company(options.company),
    )
    if options.deploy is not None:
        deploy(org, options.deploy)
    if options.data is not None:
        report = load_directory(options.data, org, company)
        return org, company, World({}, {}, ()), report
    try:
        world = generate_world(
            WorldOptions(
                accounts=options.accounts,
                contacts=options.contacts,
                items=options.items,
                warehouses=options.warehouses,
                overlap=options.overlap,
                hard=options.hard,
                seed=options.seed,
                latest=min(LATEST, clock()),
            )
        )
    except ValueError as error:
        raise SandboxError(str(error)) from error
    load_world(world, org, company, private=options.private)
    return org, company, world, None


def _opened(
    options: SandboxOptions, org: SalesforceOrg, company: IntacctCompany, credentials: Credentials
) -> SalesforceSecrets:
    """All ways into the org, but for what is switched off."""
    secrets = open_doors(
        org,
        credentials.salesforce_password,
        credentials.salesforce_security_token,
        credentials.salesforce_refresh_token,
        options.jwt_key,
    )
    Without.parsed(options.without).lock_out(org, company)
    return secrets


def _write_truth(options: SandboxOptions, world: World, company: IntacctCompany) -> None:
    if options.truth is None:
        return
    if options.data is not None:
        raise SandboxError("of data that was loaded nobody knows what belongs together: leave out --truth or --data")
    objects = {"accounts": "customer", "contacts": "contact", "products": "item"}
    ids = [(pair.entity, pair.intacct_id) for pair in world.truth]
    ids += [(loner.entity, loner.record_id) for loner in world.loners if loner.system == "intacct"]
    keys = {(name, one): str(company.read(objects[name], one, "key")["key"]) for name, one in ids}
    try:
        write_truth(options.truth, truth_rows(world.truth, world.loners, keys))
    except OSError as error:
        raise SandboxError(f"{options.truth} cannot be written: {error.strerror}") from error


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Building hundred thousands of rows that all stay makes the collector work for nothing: a third of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
