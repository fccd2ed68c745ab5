"""`demo`: the whole loop on a sandbox of its own, told so that a newcomer understands what the project does.

Everything lives in a temporary directory that is removed at the end; settings of the surrounding environment do not
count.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer

from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.options import Json

ACCOUNTS, CONTACTS, ITEMS = 60, 120, 40


def demo(
    ui: Annotated[
        bool, typer.Option("--ui", help="Leave sandbox and Dagster UI running afterwards; Ctrl-C stops both.")
    ] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port of the Dagster UI; a free one is taken when it is in use.")
    ] = 3000,
    seed: Annotated[int, typer.Option(help="Seed of the generated company.")] = 7,
    json_: Json = False,
) -> None:
    """Start a sandbox, sync, let people edit both sides, sync again, and report what happened and why."""
    from intacct_sf_pipeline.cli.demo_report import tell
    from intacct_sf_pipeline.cli.demo_run import Demo
    from intacct_sf_pipeline.cli.demo_ui import run_ui
    from intacct_sf_pipeline.sandbox.clock import OffsetClock
    from intacct_sf_pipeline.sandbox.server import SandboxOptions, running_sandbox

    output = Output(json_mode=json_)
    began = time.monotonic()
    options = SandboxOptions(seed=seed, accounts=ACCOUNTS, contacts=CONTACTS, items=ITEMS)
    clock = OffsetClock()
    with (
        tempfile.TemporaryDirectory(prefix="intacct-sf-demo-") as folder,
        running_sandbox(options, clock=clock) as sandbox,
        environment_of_demo(Path(folder), sandbox.env) as variables,
    ):
        document = Demo(sandbox, clock, output.note).play()
        document["seconds"] = round(time.monotonic() - began, 1)
        output.document(document)
        output.show(*tell(document))
        if ui:
            run_ui(variables, Path(folder), port, output.note if json_ else output.say)
    raise typer.Exit(ExitCode.DONE if kept_its_promises(document) else ExitCode.FAILED)


def kept_its_promises(document: Mapping[str, Any]) -> bool:
    """Whether the idle sync wrote nothing, and no difference is left unexplained."""
    written = [
        count
        for entity in document["idle_sync"]["entities"].values()
        for side in entity["written"].values()
        for count in side.values()
    ]
    return not any(written) and not any(counts["unexplained"] for counts in document["agreement"].values())


@contextmanager
def environment_of_demo(folder: Path, sandbox: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """Let this process see the demo's settings only: the sandbox, and homes inside `folder`; undone at the end."""
    from intacct_sf_pipeline.settings import VARIABLES

    variables = {
        **sandbox,
        "DAGSTER_HOME": str(folder / "home"),
        "STAGING_DATABASE_URL": f"sqlite:///{folder / 'home' / 'staging.db'}",
    }
    before, directory = dict(os.environ), Path.cwd()
    for name in VARIABLES:
        os.environ.pop(name, None)
    os.environ.update(variables)
    os.chdir(folder)
    try:
        yield variables
    finally:
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(before)
