"""`sandbox serve`: loopback Intacct and Salesforce to try, test and rehearse against."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

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
    _json: Json = False,
) -> None:
    """Start both services on 127.0.0.1 and print one JSON line when they are ready; runs until SIGTERM or Ctrl-C.

    The line holds `intacct`, `salesforce` and `env`: the environment variables that make the pipeline use this sandbox.
    """
    from intacct_sf_pipeline.sandbox.errors import SandboxError
    from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions
    from intacct_sf_pipeline.sandbox.server import SandboxOptions
    from intacct_sf_pipeline.sandbox.server import serve as run_server

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
        company=CompanyOptions(auto_number_customers=auto_number, idempotency_supported=not no_idempotency),
    )
    try:
        raise typer.Exit(run_server(options, out=sys.stdout))
    except SandboxError as error:
        raise ConfigurationError(
            str(error), cure="docs/sandbox.md describes data directories and fault files"
        ) from error
