"""Write jobs as people are told of them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from intacct_sf_pipeline.staging.schema import write_jobs


def jobs_under_way(connection: Connection) -> list[dict[str, Any]]:
    """Jobs whose results are not all committed, oldest first.

    Each with `job_id`, `entity`, `side`, `object`, `operation` (create or change), `lines`, `state` in the service's
    own word, `processed`, `failed`, `opened_at`, `looked_at` and `run_id`.
    """
    at = write_jobs.c
    found = select(write_jobs).where(at.closed_at.is_(None)).order_by(at.opened_at, at.job_id)
    names = ("job_id", "entity", "side", "object", "operation", "lines", "state", "processed", "failed", "run_id")
    return [
        {
            **{name: row[name] for name in names},
            "opened_at": row["opened_at"].isoformat(),
            "looked_at": row["looked_at"].isoformat() if row["looked_at"] is not None else None,
        }
        for row in connection.execute(found).mappings()
    ]
