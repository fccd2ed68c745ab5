"""A first load into an empty Salesforce: calls and transactions beside the best that pages and batches allow."""

from __future__ import annotations

import tempfile
from pathlib import Path

from benchmarks import world
from benchmarks.figures import Figure, Table
from benchmarks.options import Options
from benchmarks.services import Pipeline, served, spent

ASKED = (
    "Salesforce calls within 1.1 x ceil(n / batch) for the better of collections and Bulk; Intacct transactions "
    "exactly one per record written plus one per page read"
)
COLLECTION, BULK_JOB, PAGE = 200, 10_000, 4_000


def measure(options: Options) -> Table:
    """One first load by collections, one by Bulk."""
    size = world.Size(options.customers)
    figures = []
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        data = world.one_sided(Path(name) / "data", size)
        for title, from_rows in (("collections", "0"), ("Bulk, where it costs fewer calls", "")):
            options.tell(f"first load by {title}")
            figures += _load(title, from_rows, data, Path(name) / title.split(",")[0], size)
    return Table(
        f"First load: {size.accounts:,} customers and {size.contacts:,} contacts from Intacct into an empty Salesforce",
        ASKED,
        tuple(figures),
        (
            (
                f"At best: {COLLECTION} records a collections call; a bulk job of any size takes its create, upload, "
                "close, polls and results, whatever the rows. All records written are new accounts and contacts."
            ),
            (
                "Loopback services answer in a millisecond: the seconds say what the pipeline needs, not what an org "
                "needs."
            ),
        ),
    )


def _load(title: str, from_rows: str, data: Path, folder: Path, size: world.Size) -> list[Figure]:
    folder.mkdir()
    env = {"SALESFORCE_BULK_FROM_ROWS": from_rows} if from_rows else {}
    with served("--data", str(data)) as services:
        pipeline = Pipeline(services, folder, more=env)
        ran, report = pipeline.sync("all", *FORCED)
        cost = spent(report)
    least = calls(size.accounts, COLLECTION) + calls(size.contacts, COLLECTION)
    pages = calls(size.accounts, PAGE) + 2 * calls(size.contacts, PAGE)
    seconds = Figure(
        f"{title}: time", ran.seconds, "s", None, ran.peak_mb,
        note=f"{size.records / ran.seconds:,.0f} records/s; written {cost['written']:,}, held {cost['held']}",
    )  # fmt: skip
    salesforce = Figure(
        f"{title}: Salesforce calls", cost["salesforce"], "calls", cost["salesforce"] / least, calls=cost["salesforce"],
        note=f"floor: {least:,} calls of {COLLECTION}",
    )  # fmt: skip
    intacct = Figure(
        f"{title}: Intacct transactions", cost["intacct"], "transactions", None, calls=cost["intacct"],
        note=f"pages of the three objects that have rows: {pages}; nothing is written to Intacct",
    )  # fmt: skip
    return [seconds, salesforce, intacct]


FORCED = ("--force", "accounts.create", "--force", "contacts.create")
"""A go-live is more than the limits of an ordinary run."""


def calls(rows: int, each: int) -> int:
    """How many calls so many rows take."""
    return -(-rows // each)
