"""Reading a source-format project: its configuration, and each component file as a tree of members.

Source: Salesforce DX Developer Guide (project configuration, source format); Metadata API Developer Guide (file
layout).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.salesforce.soap.xml import XmlError, read

NAMESPACE = "http://soap.sforce.com/2006/04/metadata"
_SUFFIXES = {
    ".field-meta.xml": "CustomField",
    ".object-meta.xml": "CustomObject",
    ".permissionset-meta.xml": "PermissionSet",
}


class DeployError(SandboxError):
    """A component is refused; the text names its file and what is wrong, in the service's manner."""


@dataclass(frozen=True)
class Component:
    """One component file: its type, its name (`Object.Field` for fields), and its root element."""

    kind: str
    name: str
    path: Path
    root: Element

    def refuse(self, what: str) -> DeployError:
        """The error that ends the deployment."""
        return DeployError(f"{self.path}: {self.name}: {what}")

    def text(self, name: str, default: str | None = None) -> str:
        """The text of a member; required when there is no default."""
        found = self.root.find(f"{{{NAMESPACE}}}{name}")
        if found is None and default is None:
            raise self.refuse(f"Required field is missing: {name}")
        return (found.text or "") if found is not None else default or ""

    def flag(self, name: str, default: str | None = "false") -> bool:
        """A member that is true or false."""
        return as_flag(self, name, self.text(name, default))

    def number(self, name: str, low: int, high: int) -> int:
        """A member that is a whole number between two bounds."""
        text = self.text(name)
        if not text.isascii() or not text.isdigit() or not low <= int(text) <= high:
            raise self.refuse(f"{name} must be between {low} and {high}, not '{text}'")
        return int(text)

    def has(self, name: str) -> bool:
        """Whether there is such a member."""
        return self.root.find(f"{{{NAMESPACE}}}{name}") is not None

    def all(self, name: str) -> list[Element]:
        """All members of that name."""
        return self.root.findall(f"{{{NAMESPACE}}}{name}")

    def check_members(self, known: Iterable[str], repeated: Iterable[str] = ()) -> None:
        """Refuse a member that the type does not have, and a second one where there is place for one."""
        check_members(self, self.root, known, repeated)


def local(node: Element) -> str:
    """The name of an element without its namespace."""
    return node.tag.rpartition("}")[2]


def check_members(component: Component, node: Element, known: Iterable[str], repeated: Iterable[str] = ()) -> None:
    """Refuse members of `node` that do not belong there. Source: the errors of the Metadata API."""
    allowed, several, seen = set(known), set(repeated), set[str]()
    for child in node:
        name = local(child)
        if not child.tag.startswith(f"{{{NAMESPACE}}}") or name not in allowed | several:
            raise component.refuse(f"Element {child.tag} invalid at this location in type {local(node)}")
        if name in seen and name not in several:
            raise component.refuse(f"Element {child.tag} is duplicated")
        seen.add(name)


def as_flag(component: Component, name: str, text: str) -> bool:
    """True or false from its text."""
    if text not in ("true", "false"):
        raise component.refuse(f"'{text}' is not a valid value for the type xsd:boolean in {name}")
    return text == "true"


def read_project(directory: Path) -> list[Component]:
    """The components of a project, in the order of their paths.

    Raises:
        DeployError: it is no project, or a file is no component.
    """
    found = []
    for folder in _package_directories(directory):
        found += [_component(path) for path in sorted((directory / folder).rglob("*-meta.xml"))]
    return found


def _package_directories(directory: Path) -> list[str]:
    path = directory / "sfdx-project.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DeployError(f"{path}: InvalidProjectWorkspace: {error.strerror}") from error
    except ValueError as error:
        raise DeployError(f"{path}: this is not JSON") from error
    listed = content.get("packageDirectories") if isinstance(content, Mapping) else None
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) and "path" in one for one in listed):
        raise DeployError(f"{path}: packageDirectories has to list paths")
    return [str(one["path"]) for one in listed]


def _component(path: Path) -> Component:
    kind, name = _named(path)
    try:
        root = read(path.read_bytes())
    except XmlError as error:
        raise DeployError(f"{path}: Error parsing file: {error}") from error
    if root.tag != f"{{{NAMESPACE}}}{kind}":
        raise DeployError(f"{path}: the root has to be {kind} of {NAMESPACE}")
    return Component(kind, name, path, root)


def _named(path: Path) -> tuple[str, str]:
    for suffix, kind in _SUFFIXES.items():
        if path.name.endswith(suffix):
            name = path.name.removesuffix(suffix)
            owner = path.parent if kind == "CustomObject" else path.parent.parent
            if kind == "CustomField" and path.parent.name != "fields":
                break
            if kind == "CustomObject" and owner.name != name:
                break
            return kind, f"{owner.name}.{name}" if kind == "CustomField" else name
    raise DeployError(f"{path}: Could not infer a metadata type")
