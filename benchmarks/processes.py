"""Runs a program and says what it took: wall seconds, and peak memory by the operating system's account."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sys.executable
_TO_MIB = 1024 if sys.platform != "darwin" else 1024 * 1024
_TOLD = 1500


class ProgramError(RuntimeError):
    """A program of the suite failed; the message ends with what it wrote last."""


@dataclass(frozen=True)
class Ran:
    """A program that ended: its exit code, wall and processor seconds, peak resident memory in MiB, its output."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    out: str
    errors: str

    def document(self) -> dict[str, Any]:
        """The JSON document on the last line it wrote."""
        found: dict[str, Any] = json.loads(self.out.strip().splitlines()[-1])
        return found


def run(
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    given: object = None,
    codes: Sequence[int] = (0,),
) -> Ran:
    """Run a program to its end; `given` is put on its standard input as JSON.

    Output goes to files, so that a program is never held up by a full pipe. The memory is that of this one process
    (`wait4`), not of all children so far.

    Raises:
        ProgramError: its exit code is not one of `codes`.
    """
    with tempfile.TemporaryFile() as source, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as errors:
        source.write(json.dumps(given).encode() if given is not None else b"")
        source.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=source,
            stdout=out,
            stderr=errors,
            cwd=cwd or ROOT,
            env={**os.environ, **(env or {})},
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        process.returncode = code = os.waitstatus_to_exitcode(status)
        texts = []
        for stream in (out, errors):
            stream.seek(0)
            texts.append(stream.read().decode(errors="replace"))
    if code not in codes:
        told = (texts[1] or texts[0])[-_TOLD:]
        raise ProgramError(f"{' '.join(str(part) for part in command[:6])} ended with {code}: {told}")
    return Ran(code, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / _TO_MIB, *texts)
