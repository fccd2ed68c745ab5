"""Merged records: a merge deletes the losers and leaves on each, in `MasterRecordId`, the id of the survivor.

Source: Object Reference, Account, Contact: `MasterRecordId` is set on the loser of a merge; deleted rows are shown by
queryAll only.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from intacct_sf_pipeline.connectors.salesforce.reader import Reader
from intacct_sf_pipeline.connectors.salesforce.soql import in_chunks, one_of

_MERGEABLE: Final = frozenset({"Account", "Contact", "Lead"})
_AT_ONCE: Final = 300
_QUERY: Final = 200
_LONGEST_CHAIN: Final = 10


def survivors(reader: Reader, sobject: str, ids: Collection[str]) -> dict[str, str]:
    """The record into which each of `ids` was merged in the end; those that were merely deleted are absent."""
    if sobject not in _MERGEABLE:
        return {}
    master: dict[str, str] = {}
    asked: set[str] = set()
    asking = set(ids)
    for _ in range(_LONGEST_CHAIN):
        asked |= asking
        found = _masters(reader, sobject, asking)
        master.update(found)
        asking = set(found.values()) - asked
        if not asking:
            break
    return {key: _last(master, key) for key in ids if key in master}


def _masters(reader: Reader, sobject: str, ids: Collection[str]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for chunk in in_chunks(sorted(ids), _AT_ONCE, taken=_QUERY):
        conditions = [one_of("Id", chunk), "MasterRecordId != null"]
        for row in reader.records(sobject, ("Id", "MasterRecordId"), conditions, deleted=True):
            found[str(row["Id"])] = str(row["MasterRecordId"])
    return found


def _last(master: Mapping[str, str], key: str) -> str:
    seen = {key}
    while (following := master.get(key)) is not None and following not in seen:
        seen.add(following)
        key = following
    return key
