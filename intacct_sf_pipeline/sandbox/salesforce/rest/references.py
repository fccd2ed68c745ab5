"""References between sub-requests of a composite call: `@{ref.path}`. Source: salesforce.md section 3.6."""

import re
from collections.abc import Mapping

from intacct_sf_pipeline.sandbox.salesforce.errors import ApiError

_REFERENCE = re.compile(r"@\{([A-Za-z0-9_]+)((?:\.[A-Za-z0-9_]+|\[\d+\])*)\}")
_STEP = re.compile(r"\.([A-Za-z0-9_]+)|\[(\d+)\]")


def resolve(value: object, bodies: Mapping[str, object]) -> object:
    """`value` with every reference replaced by what earlier answers hold; raises PROCESSING_HALTED."""
    if isinstance(value, str):
        return _resolve_text(value, bodies)
    if isinstance(value, list):
        return [resolve(one, bodies) for one in value]
    if isinstance(value, Mapping):
        return {key: resolve(one, bodies) for key, one in value.items()}
    return value


def resolve_text(value: str, bodies: Mapping[str, object]) -> str:
    """The same for text that stays text, such as a URL."""
    return _REFERENCE.sub(lambda match: str(_found(match, bodies)), value)


def _resolve_text(value: str, bodies: Mapping[str, object]) -> object:
    whole = _REFERENCE.fullmatch(value)
    return _found(whole, bodies) if whole is not None else resolve_text(value, bodies)


def _found(match: re.Match[str], bodies: Mapping[str, object]) -> object:
    name, path = match[1], match[2]
    current = bodies.get(name)
    for member, index in _STEP.findall(path):
        if member and isinstance(current, Mapping):
            current = current.get(member)
        elif index and isinstance(current, list) and int(index) < len(current):
            current = current[int(index)]
        else:
            current = None
    if current is None:
        message = f"Invalid reference specified. No value for {match[0][2:-1]} found in {name}"
        raise ApiError("PROCESSING_HALTED", message)
    return current
