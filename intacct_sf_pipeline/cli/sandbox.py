"""`sandbox serve`: loopback Intacct and Salesforce to try, test and rehearse against."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from intacct_sf_pipeline.cli.options import Json
from intacct_sf_pipeline.model.errors import ConfigurationError

app = typer.Typer(help="Loopback Intacct and Salesforce for trials, tests and rehearsals.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keep `serve` a sub-command although it is the only one."""


@app.command()
def serve(
    data: Annotated[
        Path | None,
        typer.Option(
            help="Load DIR/salesforce/<SObject>.csv and DIR/intacct/<object>.csv instead of generated data.",
            metavar="DIR",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the generated company; the same seed gives the same data.")] = 7,
    accounts: Annotated[int, typer.Option(min=0, help="Generated accounts.")] = 200,
    contacts: Annotated[int, typer.Option(min=0, help="Generated contacts.")] = 400,
    items: Annotated[int, typer.Option(min=0, help="Generated items.")] = 120,
    warehouses: Annotated[int, typer.Option(min=1, help="Generated warehouses.")] = 4,
    overlap: Annotated[
        float, typer.Option(min=0, max=1, help="Share of records that are present on both sides.")
    ] = 0.6,
    hard: Annotated[
        float, typer.Option(min=0, max=1, help="Share of records that are hard to match (typos, moves, namesakes).")
    ] = 0,
    truth: Annotated[
        Path | None,
        typer.Option(
            help="Write what truly belongs together into this CSV file (generated data only).", metavar="FILE"
        ),
    ] = None,
    auto_number: Annotated[
        bool, typer.Option("--auto-number", help="Intacct numbers new customers itself (for `new_id: auto`).")
    ] = False,
    no_idempotency: Annotated[
        bool, typer.Option("--no-idempotency", help="Intacct ignores the header Idempotency-Key.")
    ] = False,
    latency_ms: Annotated[int, typer.Option(min=0, help="Milliseconds added to every reply.")] = 0,
    faults: Annotated[Path | None, typer.Option(help="Fault file (docs/sandbox.md).", metavar="FILE")] = None,
    intacct_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Intacct service; 0 picks a free one.")
    ] = 0,
    salesforce_port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Salesforce service; 0 picks a free one.")
    ] = 0,
    jwt_key: Annotated[
        Path | None,
        typer.Option(
            help="RSA private key of the Salesforce app, for JWT logins; made when the file does not exist.",
            metavar="FILE",
        ),
    ] = None,
    without: Annotated[
        list[str] | None,
        typer.Option(
            help="Switch something off, e.g. salesforce:app-approval, intacct:application; may be repeated.",
            metavar="SYSTEM:WHAT",
        ),
    ] = None,
    salesforce_quota: Annotated[
        int, typer.Option(min=0, help="Salesforce API calls in 24 hours; beyond them REQUEST_LIMIT_EXCEEDED.")
    ] = 100_000,
    salesforce_concurrency: Annotated[
        int, typer.Option(min=1, help="Salesforce: long-running requests at once, 20 s and more each.")
    ] = 25,
    intacct_concurrency: Annotated[int, typer.Option(min=1, help="Intacct (REST): requests at once; beyond: 429.")] = 6,
    intacct_hour_limit: Annotated[
        int | None, typer.Option(min=1, help="Intacct (REST): requests in 60 minutes; beyond: 429.")
    ] = None,
    intacct_expired_status: Annotated[
        Literal["401", "400"],
        typer.Option(help="Intacct (REST): status of a dead token; 400 with the words some clients look for."),
    ] = "401",
    service_seconds: Annotated[
        float,
        typer.Option(min=0, help="Time each call works inside the service; any such call then counts as long-running."),
    ] = 0.0,
    intacct_api: Annotated[
        Literal["rest", "xml"], typer.Option(help="Which of Intacct's APIs `env` names; both are always open.")
    ] = "rest",
    xml_switch: Annotated[
        list[str] | None,
        typer.Option(help="Switch of Intacct's XML gateway (docs/sandbox.md); may be repeated.", metavar="NAME=VALUE"),
    ] = None,
    without_custom_fields: Annotated[
        bool, typer.Option("--without-custom-fields", help="Salesforce as it is before anybody has prepared it.")
    ] = False,
    currencies: Annotated[
        str,
        typer.Option(
            help="Salesforce has several currencies: the active ones, the corporate one first.", metavar="CODE,..."
        ),
    ] = "",
    inactive_currencies: Annotated[
        str, typer.Option(help="Further currencies that are switched off.", metavar="CODE,...")
    ] = "",
    private: Annotated[
        float, typer.Option(min=0, max=1, help="Share of generated customers that are private to an entity.")
    ] = 0,
    private_in_entity_only: Annotated[
        bool,
        typer.Option("--private-in-entity-only", help="Private records can be changed in their entity only."),
    ] = False,
    deploy: Annotated[
        Path | None,
        typer.Option(help="Deploy the output of `salesforce-package` into Salesforce first.", metavar="DIR"),
    ] = None,
    _json: Json = False,
) -> None:
    """Start both services on 127.0.0.1 and print one JSON line when they are ready; runs until SIGTERM or Ctrl-C.

    The line holds `intacct`, `salesforce` and `env`: the environment variables that make the pipeline use this sandbox.
    """
    from intacct_sf_pipeline.sandbox.errors import SandboxError
    from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
    from intacct_sf_pipeline.sandbox.intacct.xml.switches import parse_switches
    from intacct_sf_pipeline.sandbox.salesforce.load import LoadLimits
    from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
    from intacct_sf_pipeline.sandbox.server import SandboxOptions
    from intacct_sf_pipeline.sandbox.server import serve as run_server

    try:
        xml = parse_switches(xml_switch or ())
    except ValueError as error:
        raise ConfigurationError(f"--xml-switch: {error}", cure="docs/sandbox.md lists the switches") from error
    options = SandboxOptions(
        data=data,
        seed=seed,
        accounts=accounts,
        contacts=contacts,
        items=items,
        warehouses=warehouses,
        overlap=overlap,
        hard=hard,
        truth=truth,
        latency_ms=latency_ms,
        faults=faults,
        intacct_port=intacct_port,
        salesforce_port=salesforce_port,
        company=CompanyOptions(
            auto_number_customers=auto_number,
            idempotency_supported=not no_idempotency,
            api_concurrency=intacct_concurrency,
            hour_limit=intacct_hour_limit,
            expired_token_status=400 if intacct_expired_status == "400" else 401,
            service_seconds=service_seconds,
            private_in_entity_only=private_in_entity_only,
            xml=xml,
        ),
        intacct_api=intacct_api,
        jwt_key=jwt_key,
        without=tuple(without or ()),
        salesforce_quota=salesforce_quota,
        features=OrgFeatures(
            custom_fields=not without_custom_fields,
            currencies=_codes("--currencies", currencies),
            inactive_currencies=_codes("--inactive-currencies", inactive_currencies),
        ),
        private=private,
        deploy=deploy,
        salesforce_load=LoadLimits(salesforce_concurrency, 0.0 if service_seconds else 20.0, service_seconds),
    )
    try:
        raise typer.Exit(run_server(options, out=sys.stdout))
    except SandboxError as error:
        raise ConfigurationError(
            str(error), cure="docs/sandbox.md describes data directories and fault files"
        ) from error


def _codes(option: str, text: str) -> tuple[str, ...]:
    """Currency codes of an option, in the order given."""
    codes = tuple(filter(None, (code.strip().upper() for code in text.split(","))))
    if wrong := [code for code in codes if not (len(code) == 3 and code.isascii() and code.isalpha())]:
        raise ConfigurationError(f"{option}: {wrong[0]} is no currency code", cure=f"write {option} USD,EUR")
    return codes
