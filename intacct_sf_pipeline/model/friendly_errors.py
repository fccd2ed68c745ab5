"""What pydantic found wrong with a part of the configuration, in the words and at the place of the file."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from intacct_sf_pipeline.model.findings import Finding
from intacct_sf_pipeline.model.suggest import closest, did_you_mean
from intacct_sf_pipeline.model.yaml_tree import Tree

_WANTED = {
    "string_type": "Write text, in quotes if it could be read as something else",
    "bool_type": "Write true or false",
    "bool_parsing": "Write true or false",
    "int_type": "Write a whole number",
    "int_parsing": "Write a whole number",
    "model_type": "Write keys and values",
    "model_attributes_type": "Write keys and values",
    "mapping_type": "Write keys and values",
    "tuple_type": "Write a list: [a, b] or one '- ' per line",
    "too_short": "Give at least one",
    "time_parsing": 'Write a time such as "07:00"',
    "date_from_datetime_parsing": "Write a date such as 2027-01-01",
    "date_parsing": "Write a date such as 2027-01-01",
}


def findings_of(error: ValidationError, model: type[BaseModel], tree: Tree) -> list[Finding]:
    """One finding per place of `tree` that `model` refused (of the branches of a union, the first one)."""
    found: dict[object, Finding] = {}
    for detail in error.errors(include_url=False):
        path = tuple(_path_in(tree, detail["loc"]))
        finding = _finding(detail, path, model, tree)
        found.setdefault((finding.mark, detail["loc"][-1] if detail["type"] == "missing" else path), finding)
    return list(found.values())


def _finding(detail: ErrorDetails, path: tuple[str | int, ...], model: type[BaseModel], tree: Tree) -> Finding:
    kind, loc = detail["type"], detail["loc"]
    mark = tree.at(path).mark
    key = next((part for part in reversed(path) if isinstance(part, str)), "")
    if kind == "missing":
        return Finding(mark, f"{loc[-1]!r} is missing{f' in {key!r}' if key else ''}", "Add it")
    if kind == "extra_forbidden":
        return Finding(mark, f"unknown key {loc[-1]!r}", did_you_mean(str(loc[-1]), _known_keys(model, loc[:-1])))
    if kind in {"enum", "literal_error"}:
        return Finding(mark, f"{key!r} cannot be {_shown(detail['input'])}", _choice(detail))
    if kind == "value_error":
        return Finding(mark, f"{key!r}: {detail['msg'].removeprefix('Value error, ')}" if key else detail["msg"])
    return Finding(mark, f"{key!r} cannot be {_shown(detail['input'])}", _WANTED.get(kind, detail["msg"]))


def _choice(detail: ErrorDetails) -> str:
    expected = str(detail.get("ctx", {}).get("expected", ""))
    choices = [part.strip(" '") for part in expected.replace(" or ", ", ").split(", ")]
    close = closest(str(detail["input"]), choices)
    return f"Use one of: {', '.join(choices)}" + (f" (did you mean {close!r}?)" if close else "")


def _shown(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a group of keys"
    if isinstance(value, list | tuple):
        return "a list"
    return repr(value)


def _path_in(tree: Tree, loc: Sequence[str | int]) -> Iterator[str | int]:
    """The parts of `loc` that exist in the file; pydantic adds names of union branches in between."""
    here = tree
    for part in loc:
        step = here.at((part,))
        if step is not here:
            yield part
            here = step


def _known_keys(model: type[BaseModel], loc: Sequence[str | int]) -> list[str]:
    for part in loc:
        if isinstance(part, str) and part in model.model_fields:
            model = next(iter(_models_in(model.model_fields[part].annotation)), model)
    return [name for name in model.model_fields if name != "side"]


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)
