"""Reads a fault file into rules (`faults.FaultRule`), refusing a bad one with file, line and what would be right."""

from __future__ import annotations

from pathlib import Path

import yaml

from intacct_sf_pipeline.sandbox.errors import FaultFileError
from intacct_sf_pipeline.sandbox.faults.catalog import FAULTS
from intacct_sf_pipeline.sandbox.faults.rules import NAMES_IN_FILE, FaultRule

_COMMON_KEYS = ("service", "fault", "method", "path", "contains", "skip", "count", "probability", "seed")
_ATTRIBUTES = {name: attribute for attribute, name in NAMES_IN_FILE.items()}
_KINDS: dict[str, tuple[type, ...]] = {
    "service": (str,),
    "fault": (str,),
    "method": (str, list),
    "path": (str, type(None)),
    "contains": (str, type(None)),
    "skip": (int,),
    "count": (int, type(None)),
    "probability": (int, float),
    "seed": (int,),
    "status": (int,),
    "code": (str,),
    "message": (str,),
    "headers": (dict,),
    "seconds": (int, float),
    "retry_after": (int,),
    "share": (int, float),
    "records": (int,),
    "object": (str,),
    "id": (str, int),
    "choose": (str,),
    "field": (str,),
    "winner": (str,),
    "loser": (str,),
    "consistent": (bool,),
    "for": (int, type(None)),
}
_KINDS_OF_FAULT: dict[tuple[str, str], tuple[type, ...]] = {("partial", "records"): (list,)}
_NEEDED = {"status": ("status", "503"), "clock_jump": ("seconds", "-3600")}
"""Fault -> the key it cannot do without, and an example."""


def load_faults(path: Path) -> tuple[FaultRule, ...]:
    """Return the rules of the YAML or JSON file at `path`, in file order.

    Raises:
        FaultFileError: the file cannot be read, is no YAML, or a rule is wrong.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except OSError as error:
        raise FaultFileError(path, None, f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise FaultFileError(path, None, "is not UTF-8 text") from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else None
        raise FaultFileError(path, line, f"is neither YAML nor JSON: {error.problem}") from error
    except yaml.YAMLError as error:
        raise FaultFileError(path, None, "is neither YAML nor JSON") from error
    return tuple(_rule(path, node) for node in _rule_nodes(path, root))


def _rule_nodes(path: Path, root: yaml.Node | None) -> list[yaml.Node]:
    if not isinstance(root, yaml.MappingNode):
        raise FaultFileError(path, 1, "must hold one key, faults, with a list of rules")
    keys = [(str(key.value), key, value) for key, value in root.value]
    for name, key, _ in keys:
        if name != "faults":
            raise FaultFileError(path, _line(key), f"unknown key {name!r}; the only one at the top is faults")
    value = keys[0][2] if keys else root
    if not isinstance(value, yaml.SequenceNode):
        raise FaultFileError(path, _line(value), "faults must be a list of rules")
    return list(value.value)


def _rule(path: Path, node: yaml.Node) -> FaultRule:
    if not isinstance(node, yaml.MappingNode):
        raise FaultFileError(path, _line(node), "a rule must hold keys such as service and fault")
    values: dict[str, object] = {}
    lines: dict[str, int] = {}
    for key, value in node.value:
        name = str(key.value)
        if name in values:
            raise FaultFileError(path, _line(key), f"{name} is given twice")
        values[name] = _plain(path, value)
        lines[name] = _line(key)
    _check_keys(path, node, values, lines)
    try:
        return FaultRule(**_arguments(values))  # type: ignore[arg-type] # each value was checked against _KINDS
    except ValueError as error:
        named = next((word for word in str(error).split() if word in lines), "")
        raise FaultFileError(path, lines.get(named, _line(node)), str(error)) from error


def _check_keys(path: Path, node: yaml.Node, values: dict[str, object], lines: dict[str, int]) -> None:
    for name in ("service", "fault"):
        if name not in values:
            raise FaultFileError(path, _line(node), f"the rule lacks {name}")
    extra = FAULTS.get(str(values["fault"]))
    allowed = _COMMON_KEYS + (extra if extra is not None else tuple(_KINDS))
    for name, value in values.items():
        if name not in allowed:
            raise FaultFileError(
                path, lines[name], f"unknown key {name!r} for the fault {values['fault']}; known: {', '.join(allowed)}"
            )
        kinds = _KINDS_OF_FAULT.get((str(values["fault"]), name), _KINDS.get(name))
        if kinds is not None and (not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)):
            wanted = " or ".join("null" if kind is type(None) else kind.__name__ for kind in kinds)
            raise FaultFileError(path, lines[name], f"{name} must be of type {wanted}, not {value!r}")
    needed, example = _NEEDED.get(str(values["fault"]), ("fault", ""))
    if needed not in values:
        raise FaultFileError(
            path, lines["fault"], f"the fault {values['fault']} needs the key {needed}, such as {example}"
        )
    positions = values.get("records")
    if isinstance(positions, list) and not all(type(position) is int for position in positions):
        raise FaultFileError(path, lines["records"], f"records must list positions from 0 on, not {positions}")


def _arguments(values: dict[str, object]) -> dict[str, object]:
    arguments = {_ATTRIBUTES.get(name, name): value for name, value in values.items()}
    positions, record_id = values.get("records"), values.get("id")
    if isinstance(positions, list):
        arguments["records"] = tuple(positions)
    if record_id is not None:
        arguments["record_id"] = str(record_id)
    method = values.get("method", [])
    methods = method if isinstance(method, list) else [method]
    arguments["method"] = tuple(str(name).upper() for name in methods if name != "*")
    headers = values.get("headers", {})
    if isinstance(headers, dict):
        arguments["headers"] = tuple((str(name), str(value)) for name, value in headers.items())
    return arguments


def _plain(path: Path, node: yaml.Node) -> object:
    try:
        value: object = yaml.safe_load(yaml.serialize(node))
    except yaml.YAMLError as error:
        raise FaultFileError(path, _line(node), "the value cannot be read") from error
    return value


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
