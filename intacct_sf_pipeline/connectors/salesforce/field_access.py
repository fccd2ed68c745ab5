"""What a refusal about a field or an object means: which one, why, and what shows it. Pure.

A field that is hidden from the user and one that does not exist are told of in the same words. Source: REST Guide,
status codes; the reference, 4, 6 and 12.12; texts as public clients and the Bulk guides quote them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

CODES: Final = frozenset({"INVALID_FIELD", "INVALID_FIELD_FOR_INSERT_UPDATE", "INVALID_TYPE"})
_NO_COLUMN: Final = re.compile(r"No such column '([\w.]+)' on (?:entity|sobject of type) '?(\w+)", re.IGNORECASE)
_NO_WRITE: Final = re.compile(r"Unable to create/update fields?: ([\w., ]+?)(?:\. |\.?$)", re.IGNORECASE)
_NO_RELATION: Final = re.compile(r"Didn't understand relationship '(\w+)' in field path", re.IGNORECASE)
_NO_OBJECT: Final = re.compile(r"sObject type '(\w+)' is not supported", re.IGNORECASE)
_OBJECT: Final = re.compile(r"\b(?:query|probe|create|update|upsert|insert|write|describe|read) ([A-Z]\w*)")
_ACCESS: Final = "Setup > Permission Sets > the integration's > Object Settings"
_SHOWN: Final = "`intacct-sf doctor` shows which"


@dataclass(frozen=True)
class Blamed:
    """What a refusal speaks of; empty: it does not say."""

    sobject: str = ""
    fields: tuple[str, ...] = ()

    @property
    def names(self) -> str:
        """The fields with their object."""
        return ", ".join(f"{self.sobject}.{field}" if self.sobject else field for field in self.fields)


def blamed(code: str, message: str, operation: str, fields: tuple[str, ...] = ()) -> Blamed:
    """The object and fields that a refusal is about.

    Args:
        code: the service's code; nothing is blamed for others than `CODES`.
        message: the service's text.
        operation: what was done, `query Account`.
        fields: those that the service names beside its text.
    """
    if code not in CODES:
        return Blamed("", fields)
    asked = _OBJECT.search(operation)
    sobject = asked[1] if asked else ""
    if found := _NO_COLUMN.search(message):
        return Blamed(found[2], fields or (found[1],))
    if found := _NO_WRITE.search(message):
        return Blamed(sobject, fields or tuple(name.strip() for name in found[1].split(",") if name.strip()))
    if found := _NO_RELATION.search(message):
        return Blamed(sobject, fields or (found[1],))
    if found := _NO_OBJECT.search(message):
        return Blamed(found[1], fields)
    return Blamed(sobject, fields)


def access_cure(code: str, what: Blamed) -> str:
    """What to do about a refusal with one of `CODES`; empty for others."""
    cure = _CURES.get(code)
    return "" if cure is None else cure(what)


def _no_field(what: Blamed) -> str:
    if not what.fields:
        return f"check the fields mapped for {what.sobject or 'this object'} (`intacct-sf mapping check`, {_SHOWN})"
    return (
        f"{what.names}: the field is not deployed to this org (`intacct-sf salesforce-package DIR` writes the package),"
        f" or field-level security hides it from the integration user ({_ACCESS}); {_SHOWN}"
    )


def _no_write(what: Blamed) -> str:
    return (
        f"{what.names or 'the field'}: field-level security lets the integration user read it and not write it"
        f" ({_ACCESS}; the permission set of `intacct-sf salesforce-package DIR` grants it), or nobody can write it and"
        f" the mapping has to name another; {_SHOWN}"
    )


def _no_object(what: Blamed) -> str:
    return (
        f"{what.sobject or 'the object'}: the object is not in this org, or the integration user has no access to it"
        f" ({_ACCESS}; the permission set of `intacct-sf salesforce-package DIR` grants it); {_SHOWN}"
    )


_CURES: Final[Mapping[str, Callable[[Blamed], str]]] = {
    "INVALID_FIELD": _no_field,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _no_write,
    "INVALID_TYPE": _no_object,
}
