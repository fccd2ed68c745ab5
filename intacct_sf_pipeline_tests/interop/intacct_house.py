"""A sandbox for the Intacct clients: served with a fault file whose rules answer to marks that walks put into requests.

A mark such as `INTEROP-429` in a request's body or path calls for one kind of trouble and leaves all others alone, so
that one sandbox serves every walk.
"""

from __future__ import annotations

import json
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def _marked(mark: str, fault: str, **more: object) -> list[dict[str, object]]:
    """The rule of a mark in a body, and the one of the same mark in a path."""
    rule = {"service": "intacct", "fault": fault, "count": None, **more}
    return [{**rule, "contains": mark}, {**rule, "path": mark}]


RULES: Sequence[dict[str, object]] = (
    *_marked("INTEROP-429", "throttle", retry_after=1),
    *_marked("INTEROP-TEXT", "throttle_text"),
    *_marked("INTEROP-401", "status", status=401),
    *_marked("INTEROP-403", "status", status=403),
    *_marked("INTEROP-500", "status", status=500),
    *_marked("INTEROP-503", "html_503"),
    *_marked("INTEROP-524", "status_after", status=524),
    *_marked("INTEROP-CUT", "truncate"),
    {"service": "intacct", "fault": "status", "status": 500, "contains": "INTEROP-ONCE", "count": 1},
    *_marked("INTEROP-EXPIRE", "expire_token"),
)


@contextmanager
def house(command: Sequence[str], folder: Path) -> Iterator[dict[str, Any]]:
    """Serve a sandbox with the rules; its ready document."""
    faults = folder / "faults.json"
    faults.write_text(json.dumps({"faults": list(RULES)}))
    with subprocess.Popen(
        [*command, "--faults", str(faults)], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr is not None else ""
        yield json.loads(line)
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert (process.returncode, errors) == (0, "")
