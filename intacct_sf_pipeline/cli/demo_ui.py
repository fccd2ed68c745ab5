"""`demo --ui`: the Dagster UI as a child process on loopback, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from intacct_sf_pipeline.model.errors import SyncError

HOST = "127.0.0.1"
READY_SECONDS = 90.0
STOP_SECONDS = 20.0


def run_ui(variables: Mapping[str, str], folder: Path, port: int, say: Callable[[str], None]) -> None:
    """Start `dagster dev`, say where it is, wait for Ctrl-C or SIGTERM, and stop it and its children.

    Raises:
        SyncError: it did not come up; the text names its log.
    """
    port = free_port(port)
    log = folder / "dagster.log"
    command = [
        sys.executable,
        "-m",
        "dagster",
        "dev",
        "-m",
        "intacct_sf_pipeline.definitions",
        "-h",
        HOST,
        "-p",
        str(port),
    ]
    with log.open("wb") as sink:
        process = subprocess.Popen(  # noqa: S603 - a fixed command with our own interpreter
            command,
            env={**os.environ, **variables},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=sink,
            stderr=sink,
            start_new_session=True,
            preexec_fn=_default_interrupts,  # noqa: PLW1509 - no threads run Python code in the child
        )
        before = signal.signal(signal.SIGTERM, _interrupt)
        try:
            _wait_until_ready(process, f"http://{HOST}:{port}/server_info", log)
            say(f"Dagster UI: http://{HOST}:{port}")
            say(f"Look at Assets, then View lineage. Staging database: {variables['STAGING_DATABASE_URL']}")
            say("Ctrl-C stops the UI and the sandbox and removes everything.")
            process.wait()
        except KeyboardInterrupt:
            say("Stopping ...")
        finally:
            signal.signal(signal.SIGTERM, before)
            _stop(process)


def free_port(wanted: int) -> int:
    """`wanted` if nobody listens there, else any free port of the loopback interface."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise SyncError("no port of the loopback interface is free")


def _wait_until_ready(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        try:
            with urlopen(address, timeout=2):  # noqa: S310 - our own loopback address
                return
        except (URLError, OSError):
            time.sleep(0.2)
    tail = log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:]
    raise SyncError("the Dagster UI did not start: " + " | ".join(tail))


def _default_interrupts() -> None:
    """Dagster stops its children on SIGINT only, which a shell's background job inherits as ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _interrupt(_number: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _stop(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGINT)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
