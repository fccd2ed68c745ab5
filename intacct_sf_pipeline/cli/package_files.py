"""Puts a package into a directory: all of it or nothing, and never over anything but an earlier package of ours.

A list of what was written (names and digests) lies in the directory itself; whatever is not on it, or no longer as it
was written, belongs to somebody.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import Final

from intacct_sf_pipeline.model.errors import ConfigurationError

LIST: Final = ".intacct-sf-package.json"
_OTHERS: Final = (".sf", ".sfdx")
"""Directories the Salesforce CLI makes in every project it works in: they stay as they are."""


def write_package(directory: Path, files: Mapping[str, bytes]) -> bool:
    """Make `directory` hold exactly `files` (contents by path with `/`); whether anything changed.

    Raises:
        ConfigurationError: it holds something else, or cannot be written; nothing was changed.
    """
    target = directory.resolve()
    try:
        _refuse_foreign(target)
        content = {**files, LIST: _listed(files)}
        if target.is_dir() and _held(target) == {name: _digest(data) for name, data in content.items()}:
            return False
        target.parent.mkdir(parents=True, exist_ok=True)
        place = target if target.exists() else target.parent
        with tempfile.TemporaryDirectory(prefix=".intacct-sf-", dir=place) as beside:
            _replace(target, content, Path(beside))
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else str(directory)
        cure = "name a directory that can be written"
        raise ConfigurationError(f"it cannot be written: {error.strerror}", where=where, cure=cure) from error
    return True


def _replace(target: Path, content: Mapping[str, bytes], beside: Path) -> None:
    """Write everything aside first; then renames put it in place, and are taken back when one fails."""
    fresh, former = beside / "new", beside / "old"
    for name, data in content.items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    if not target.exists():
        fresh.rename(target)
        return
    former.mkdir()
    before = [path.name for path in target.iterdir() if path != beside and path.name not in _OTHERS]
    moves = [(target / name, former / name) for name in before]
    moves += [(path, target / path.name) for path in fresh.iterdir()]
    with ExitStack() as undo:
        for source, place in moves:
            source.rename(place)
            undo.callback(place.rename, source)
        undo.pop_all()


def _refuse_foreign(target: Path) -> None:
    if target.exists() and not target.is_dir():
        raise ConfigurationError("it is a file", where=str(target), cure="name a directory")
    known = _known(target)
    held = _held(target) if target.exists() else {}
    foreign = sorted(name for name, digest in held.items() if name != LIST and known.get(name) != digest)
    if foreign:
        changed = [name for name in foreign if name in known]
        what = (
            f"was changed since it was written: {', '.join(changed[:5])}"
            if changed
            else (f"holds files that are not of the package: {', '.join(foreign[:5])}")
        )
        cure = "name a new or an empty directory, or move these files away"
        raise ConfigurationError(what, where=str(target), cure=cure)


def _known(target: Path) -> Mapping[str, str]:
    """Digests by name of what we wrote into it last."""
    try:
        listed = json.loads((target / LIST).read_bytes())
    except (FileNotFoundError, ValueError):
        return {}
    return listed["files"] if isinstance(listed, dict) and isinstance(listed.get("files"), dict) else {}


def _held(target: Path) -> dict[str, str]:
    """Digests by name of the files in it, but for those of the Salesforce CLI; a link counts as what it is, a file."""
    paths = [path for path in target.rglob("*") if path.is_symlink() or not path.is_dir()]
    names = {path.relative_to(target).as_posix(): path for path in paths}
    return {
        name: "link" if path.is_symlink() else _digest(path.read_bytes())
        for name, path in names.items()
        if name.partition("/")[0] not in _OTHERS
    }


def _listed(files: Mapping[str, bytes]) -> bytes:
    digests = {name: _digest(files[name]) for name in sorted(files)}
    what = "Written by `intacct-sf salesforce-package`, which replaces these files and no others."
    return (json.dumps({"about": what, "files": digests}, indent=2) + "\n").encode("utf-8")


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
