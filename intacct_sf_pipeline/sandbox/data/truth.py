"""The truth about generated data as a CSV file: what belongs together, how it differs, and what has no counterpart."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

from intacct_sf_pipeline.sandbox.data.labels import Loner, TruePair

COLUMNS = ("entity", "intacct_key", "intacct_id", "salesforce_id", "kind")

Row = tuple[str, str, str, str, str]


def truth_rows(pairs: Iterable[TruePair], loners: Iterable[Loner], keys: dict[tuple[str, str], str]) -> list[Row]:
    """One row per pair or lone record; `keys` gives the Intacct record number by entity and id."""
    rows = [(p.entity, keys.get((p.entity, p.intacct_id), ""), p.intacct_id, p.salesforce_id, p.kind) for p in pairs]
    for loner in loners:
        ours = loner.record_id if loner.system == "intacct" else ""
        theirs = "" if ours else loner.record_id
        rows.append((loner.entity, keys.get((loner.entity, ours), ""), ours, theirs, loner.kind))
    return rows


def write_truth(path: Path, rows: Iterable[Row]) -> None:
    """Write `rows` under `COLUMNS`; the columns of a system that does not hold the record are empty.

    Raises:
        OSError: the file cannot be written.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
