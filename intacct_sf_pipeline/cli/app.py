"""The entry point `intacct-sf`: the command groups, and what went wrong as one message and an exit code."""

from __future__ import annotations

import gc
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from intacct_sf_pipeline import __version__
from intacct_sf_pipeline.cli import (
    compare,
    db,
    demo,
    doctor,
    explain,
    holds,
    maintenance,
    mapping,
    salesforce_package,
    sandbox,
    status,
    sync,
    undo,
)
from intacct_sf_pipeline.cli.console import Output
from intacct_sf_pipeline.cli.exits import ExitCode, error_document, exit_code_of
from intacct_sf_pipeline.model.errors import SyncError

_COLLECT_AFTER = 20_000
"""New objects between two looks for garbage; Python's own is 700."""
EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration, 3 finished but records are held, "
    "4 another run is at work. Every command takes --json; progress goes to stderr. "
    "Settings come from the environment and .env; see docs/configuration.md."
)
SINGLE_COMMANDS: Mapping[str, Callable[..., None]] = {
    "demo": demo.demo,
    "sync": sync.sync,
    "status": status.status,
    "explain": explain.explain,
    "compare": compare.compare,
    "undo": undo.undo,
    "doctor": doctor.doctor,
    "salesforce-package": salesforce_package.salesforce_package,
}
GROUPS: Mapping[str, typer.Typer] = {
    "sandbox": sandbox.app,
    "holds": holds.app,
    "mapping": mapping.app,
    "db": db.app,
    "maintenance": maintenance.app,
}


def build_app() -> typer.Typer:
    """All commands under one name."""
    app = typer.Typer(name="intacct-sf", epilog=EPILOG, no_args_is_help=True, pretty_exceptions_enable=False)
    app.callback()(_root)
    for name, command in SINGLE_COMMANDS.items():
        app.command(name)(command)
    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    return app


def main() -> None:
    """Run the command named by the process's arguments and leave with its exit code.

    Garbage is looked for rarely: as Python begins, an eighth of a short command goes into looking at modules and
    definitions that stay anyway.
    """
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    if "--debug" not in sys.argv:
        sys.excepthook = _say_defect
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit code.

    Expected errors (`SyncError`, wrong usage) end in one clear message on stderr, and with `--json` in a document
    `{"error": ...}` on stdout. A traceback is shown only with `--debug`.
    """
    debug = "--debug" in arguments
    output = Output(json_mode="--json" in arguments)
    command = typer.main.get_command(build_app())
    try:
        code = command.main([a for a in arguments if a != "--debug"], prog_name="intacct-sf", standalone_mode=False)
    except typer.TyperException as error:
        return _usage(output, error)
    except typer.Abort:
        return ExitCode.FAILED
    except SyncError as error:
        if debug:
            traceback.print_exc()
        output.document(error_document(error))
        output.error(str(error))
        return exit_code_of(error)
    return int(code) if isinstance(code, int) else ExitCode.DONE


def _usage(output: Output, error: typer.TyperException) -> int:
    message = error.format_message()
    code = int(getattr(error, "exit_code", ExitCode.USAGE))
    output.document({"error": {"type": "UsageError", "message": message, "exit_code": code}})
    output.error(message)
    return code


def _say_defect(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """Name an unexpected error and its place; its text may hold data and stays out (`--debug` shows all)."""
    frame = traceback.extract_tb(trace)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    message = f"{kind.__name__} in {place}" + (f": {error.strerror}" if isinstance(error, OSError) else "")
    output = Output(json_mode="--json" in sys.argv)
    output.document({"error": {"type": kind.__name__, "message": message, "exit_code": int(ExitCode.FAILED)}})
    output.note(f"Unexpected error: {message}. Run it again with --debug to see where it comes from.")


def _show_version(wanted: bool) -> None:
    if wanted:
        sys.stdout.write(f"intacct-sf {__version__}\n")
        raise typer.Exit(ExitCode.DONE)


def _root(
    _debug: Annotated[
        bool, typer.Option("--debug", help="Show the traceback of an error; may stand anywhere on the line.")
    ] = False,
    _version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Keep customers, contacts, products, prices and stock in agreement between Sage Intacct and Salesforce."""
