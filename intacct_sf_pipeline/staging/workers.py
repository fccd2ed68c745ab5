"""Which process is at work: an identity that neither a reused process number nor a repeated host name deceives, and
whether that process has died.

A process is named by its machine, its number and its start. The machine is host name, boot and process namespace
together: host names repeat among containers, and a number means nothing outside the namespace that gave it. What
cannot be told (another machine, a restart, a system without `/proc`) is never called dead; leases decide there by time.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from pathlib import Path

_PROC = Path("/proc")
_LONGEST_NAME = 64
_STARTED_AT = 19
"""Place of the start time, in ticks since boot, behind the command in `/proc/PID/stat` (Source: proc(5), field 22)."""

StartOf = Callable[[int], str | None]


class Fate(Enum):
    """What is known of a process."""

    ALIVE = "alive"
    DEAD = "dead"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Worker:
    """A process: `machine` and `started` tell it from all others, `host` and `pid` name it to people."""

    host: str
    pid: int
    machine: str
    started: str

    @property
    def process(self) -> str:
        """The identity as one text, as the tables and the run's tag keep it."""
        return f"{self.machine}:{self.pid}:{self.started}"


def this_worker() -> Worker:
    """The process that asks."""
    pid = os.getpid()
    return Worker(socket.gethostname(), pid, _machine(), start_of(pid) or "")


def start_of(pid: int) -> str | None:
    """When the process `pid` of this machine started, in the kernel's units.

    Returns:
        None when there is no such process, or it has ended and nobody has asked for its end yet; an empty text when
        there is one and its start cannot be seen.
    """
    if os.name != "posix":
        return ""  # to ask for a process by a signal would end it there
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return _start_in_proc(pid)


def fate(process: str | None, me: Worker, started_at: StartOf = start_of) -> Fate:
    """What `me` can tell of another process.

    Args:
        process: as `Worker.process` wrote it; None when it was not noted.
        me: the process that asks.
        started_at: the start of a process of this machine by its number, as `start_of` gives it.
    """
    machine, pid, started = _parts(process)
    if machine != me.machine or not pid:
        return Fate.UNKNOWN
    seen = started_at(pid)
    if seen is None or (started and seen and started != seen):
        return Fate.DEAD
    return Fate.ALIVE


def _start_in_proc(pid: int) -> str | None:
    try:
        fields = (_PROC / str(pid) / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return None if fields[0] in "ZX" else fields[_STARTED_AT]


def _machine() -> str:
    name = socket.gethostname()[:_LONGEST_NAME]
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
        namespace = str((_PROC / "self/ns/pid").readlink())
    except OSError:
        boot, namespace = f"{uuid.getnode():x}", ""
    digest = sha256(f"{name}\n{boot}\n{namespace}".encode()).hexdigest()
    return f"{name}/{digest[:12]}"


def _parts(process: str | None) -> tuple[str, int, str]:
    machine, _, rest = (process or "").rpartition("/")
    digest, _, rest = rest.partition(":")
    pid, _, started = rest.partition(":")
    return (f"{machine}/{digest}", int(pid), started) if pid.isdecimal() else ("", 0, "")
