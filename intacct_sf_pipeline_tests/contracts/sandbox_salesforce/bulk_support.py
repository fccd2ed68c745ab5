"""What the tests of bulk jobs share: a job made, filled, closed and polled in one breath, and its files read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from typing import Any

from .support import Api

ENDED = ("JobComplete", "Failed", "Aborted")
SENT = {"Content-Type": "text/csv"}


def ingest(api: Api, content: str | bytes, operation: str = "insert", sobject: str = "Account", **more: str) -> str:
    """A job with its data, closed; returns its id."""
    reply = api.post("jobs/ingest", {"object": sobject, "operation": operation, **more})
    assert reply.status_code == 200, reply.text
    job = reply.json()
    assert put(api, job["id"], content).status_code == 201
    assert close(api, job["id"]).status_code == 200
    return str(job["id"])


def put(api: Api, job_id: str, content: str | bytes) -> Any:
    body = content.encode() if isinstance(content, str) else content
    return api.http.put(api.path(f"jobs/ingest/{job_id}/batches"), content=body, headers=SENT)


def close(api: Api, job_id: str, state: str = "UploadComplete") -> Any:
    return api.patch(f"jobs/ingest/{job_id}", {"state": state})


def run(api: Api, job_id: str, kind: str = "ingest") -> dict[str, Any]:
    """Polls a job until it is over."""
    for _ in range(50):
        info: dict[str, Any] = api.get(f"jobs/{kind}/{job_id}").json()
        if info["state"] in ENDED:
            return info
    raise AssertionError("the job never ends")


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def results(api: Api, job_id: str, kind: str) -> list[dict[str, str]]:
    reply = api.get(f"jobs/ingest/{job_id}/{kind}")
    assert reply.status_code == 200, reply.text
    return rows(reply.text)


def file_of(header: Sequence[str], *lines: Sequence[str], end: str = "\n", delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, delimiter=delimiter).writerows([header, *lines])
    return out.getvalue()


def query(api: Api, soql: str, operation: str = "query", **more: str) -> str:
    reply = api.post("jobs/query", {"operation": operation, "query": soql, **more})
    assert reply.status_code == 200, reply.text
    return str(reply.json()["id"])
