"""Does a source row meet the mapping's conditions (`create_when`, `in_scope_when`)? Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from intacct_sf_pipeline.model.mapping import Condition
from intacct_sf_pipeline.model.records import Scalar


def unmet(conditions: Iterable[Condition], value_of: Callable[[str], Scalar]) -> str:
    """The first condition that does not hold, in words; "" when all hold. Text is compared without regard to case."""
    for condition in conditions:
        found = _text(value_of(condition.column))
        if not _holds(condition, found):
            return f"{condition.column} is {found or 'empty'}, wanted: {_wanted(condition)}"
    return ""


def _holds(condition: Condition, found: str) -> bool:
    folded = found.casefold()
    if condition.present is not None:
        return bool(found) is condition.present
    if condition.equals is not None:
        return folded == condition.equals.casefold()
    if condition.not_equals is not None:
        return folded != condition.not_equals.casefold()
    if condition.starts_with is not None:
        return folded.startswith(condition.starts_with.casefold())
    return condition.one_of is None or folded in {choice.casefold() for choice in condition.one_of}


def _wanted(condition: Condition) -> str:
    if condition.present is not None:
        return "a value" if condition.present else "no value"
    if condition.equals is not None:
        return condition.equals
    if condition.not_equals is not None:
        return f"anything but {condition.not_equals}"
    if condition.starts_with is not None:
        return f"beginning with {condition.starts_with}"
    return "one of " + ", ".join(condition.one_of or ())


def _text(value: Scalar) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value).strip()
