"""Installs the peers below `.bench`, one virtual environment per list of requirements, so that `.venv` stays as it is.

Airbyte's source and Singer's tap are those of the interoperability suite, at its versions.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from benchmarks.processes import ROOT

_INTEROP = ROOT / "intacct_sf_pipeline_tests" / "interop" / "python"
LISTS = {
    "peers": ROOT / "benchmarks" / "requirements.txt",
    "airbyte": _INTEROP / "airbyte.txt",
    "salesforce": _INTEROP / "salesforce.txt",
}


@dataclass(frozen=True)
class Peers:
    """The environments below `folder`."""

    folder: Path

    def program(self, name: str, environment: str = "peers") -> Path:
        """A program of an environment, e.g. `python`."""
        return self._place(environment) / "bin" / name

    def install(self) -> None:
        """Install whatever is not installed yet."""
        for name, requirements in LISTS.items():
            target = self._place(name)
            if (target / ".installed").exists():
                continue
            print(f"installing {requirements.name} into {target}", file=sys.stderr)
            shutil.rmtree(target, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", target], check=True)
            pip: list[str | Path] = [target / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--quiet"]
            subprocess.run([*pip, "install", "--requirement", requirements], check=True)
            (target / ".installed").touch()

    def _place(self, name: str) -> Path:
        digest = hashlib.sha256(LISTS[name].read_bytes()).hexdigest()[:12]
        return self.folder / f"{name}-{digest}"
