"""How the org works off its bulk jobs, and the limits it holds them to.

Source: salesforce.md section 5.4; Limits Ref, "Bulk API and Bulk API 2.0".
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BulkOptions:
    """Sizes and paces; the defaults are the service's own, but for the pace, which is faster.

    `batch_rows` is the size of the internal batches; `step_seconds` how long a step takes when nobody polls (each poll
    is a step too: queued to in progress, then one internal batch each); `batch_polls` how often a batch of Bulk API 1.0
    is looked at before it is done (0: it is done at once); `base64_bytes` what an upload may come to once it is base64.
    `batches` and `query_jobs` are allowances of 24 hours, `storage_mb` the one of query results.
    """

    batch_rows: int = 10_000
    step_seconds: float = 1.0
    batch_polls: int = 0
    base64_bytes: int = 150_000_000
    multipart_characters: int = 100_000
    header_characters: int = 32_000
    list_page: int = 1_000
    result_rows: int = 50_000
    batches: int = 15_000
    query_jobs: int = 10_000
    storage_mb: int = 976_562
    hard_delete: bool = False
    kept_days: int = 7
