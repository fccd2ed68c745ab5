"""Files of query results that tell less than the truth: the same faults as in `answers`, for pages of CSV.

Files with other delimiters or line endings than the service's defaults are left as they are.
"""

from random import Random

from intacct_sf_pipeline.sandbox.faults.plan import Hit
from intacct_sf_pipeline.sandbox.faults.records import some
from intacct_sf_pipeline.sandbox.salesforce.bulk.csv_files import FileRefusedError, records, written
from intacct_sf_pipeline.sandbox.salesforce.faults.answers import STAMPS

_COUNT, _LOCATOR = "Sforce-NumberOfRecords", "Sforce-Locator"


def spoiled_file(content: bytes, headers: dict[str, str], hit: Hit) -> bytes:
    """A page as a fault leaves it; `headers` are changed along with it."""
    if hit.rule.fault not in ("short_read", "empty_read", "null_stamp"):
        return content
    try:
        header, *rows = [record.cells for record in records(content, "COMMA", "LF")]
    except FileRefusedError:
        return content
    if hit.rule.fault == "empty_read":
        headers.update({_COUNT: "0", _LOCATOR: "null"})
        rows = []
    elif hit.rule.fault == "short_read":
        lost = set(some(hit, len(rows)))
        rows = [row for place, row in enumerate(rows) if place not in lost]
        if hit.rule.consistent:
            headers[_COUNT] = str(len(rows))
    else:
        rows = [_without_stamps(header, row, hit) for row in rows]
    return written([header, *rows])


def _without_stamps(header: list[str], row: list[str], hit: Hit) -> list[str]:
    named = dict(zip(header, row, strict=False))
    chance = Random(f"{hit.rule.seed}:{named.get('Id', row[:1])}")  # noqa: S311 - chance that must repeat
    if chance.random() >= hit.share:
        return row
    return ["" if name in STAMPS else cell for name, cell in zip(header, row, strict=False)]
