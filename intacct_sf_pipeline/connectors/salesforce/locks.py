"""Locked rows: how records that met a lock are cut into smaller calls, those of one parent together. Pure.

Salesforce locks the parent of every child it writes, so records of one parent meet the same lock and are best sent in
one call, apart from those of others. Source: Apex Developer Guide, Locking Statements; salesforce.md 12.5.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from intacct_sf_pipeline.model.results import WriteRequest

PARENTS: Final = ("AccountId", "Account", "Product2Id", "Product2", "LinkedEntityId", "ParentId", "Parent")
"""Columns (or the relations of dotted columns) that name the row which is locked with the written one, by weight."""


def parent_of(request: WriteRequest) -> str:
    """What tells the parent of a record; empty when it has none that is known."""
    for name in PARENTS:
        for values in (request.values, request.current):
            found = next((values[c] for c in values if c == name or c.startswith(f"{name}.")), None)
            if found is not None:
                return f"{name}:{found}".casefold()
    return ""


def smaller_calls(locked: Sequence[WriteRequest], size: int) -> list[list[WriteRequest]]:
    """`locked` in calls of at most `size`: records of one parent side by side, and no call begun with the rest of a
    parent that fits into a call of its own.
    """
    families: dict[str, list[WriteRequest]] = {}
    for request in locked:
        families.setdefault(parent_of(request), []).append(request)
    calls: list[list[WriteRequest]] = []
    for parent, family in families.items():
        fits = calls and parent and len(family) <= size - len(calls[-1])
        if fits:
            calls[-1].extend(family)
            continue
        calls.extend(list(family[start : start + size]) for start in range(0, len(family), size))
    return calls
