"""Reading the accounts of both systems by the pipeline's connectors, by `requests` alone, and by simple-salesforce.

    python -m benchmarks.work.extract ours|record|floor|simple FILE

`ours` reads all rows of a feed; `record` does too, and puts every request it made for rows into FILE; `floor` makes the
requests of FILE once more and parses the JSON replies, and nothing else. Settings come from the environment; seconds
printed are those of the reading, without start-up or login.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from benchmarks.peers.clients import client_of
from benchmarks.work.recorder import Sent, recording
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import Side
from intacct_sf_pipeline.model.windows import Window
from intacct_sf_pipeline.runtime import build_connectors
from intacct_sf_pipeline.settings import Settings, load_settings

FEEDS = {Side.INTACCT: "customers", Side.SALESFORCE: "accounts"}


def ours(settings: Settings | None = None, begin: Callable[[Side], None] = lambda _: None) -> dict[str, Any]:
    """Every row of both feeds through the connectors, page by page, kept by nobody.

    `begin` is told of each side before its first row is asked for.
    """
    mapping, connectors = load_config(None).mapping, build_connectors(settings or load_settings())
    found: dict[str, Any] = {}
    for side, name in FEEDS.items():
        feed = next(one for one in mapping.used_feeds() if one.side is side and one.name == name)
        connectors[side].describe(feed.object)  # signs in and fills the caches: not what is measured
        begin(side)
        began = time.perf_counter()
        rows = sum(len(page.rows) for page in connectors[side].read(feed, mapping.columns(feed), Window()))
        found[side.value] = {"seconds": time.perf_counter() - began, "rows": rows}
    return found


def floor(file: Path) -> dict[str, Any]:
    """The same requests by `requests` alone, the replies parsed as JSON."""
    found: dict[str, Any] = {}
    for side, sent in json.loads(file.read_text()).items():
        session = requests.Session()
        session.trust_env = False
        rows = size = 0
        began = time.perf_counter()
        for one in sent:
            reply = session.request(one["method"], one["url"], headers=one["headers"], data=one["body"], timeout=300)
            document = reply.json()
            rows += len(document.get("records") or document.get("ia::result") or ())
            size += len(reply.content)
        seconds = time.perf_counter() - began
        found[side] = {"seconds": seconds, "rows": rows, "requests": len(sent), "bytes": size}
    return found


def simple(file: Path) -> dict[str, Any]:
    """simple-salesforce's `query_all` with the query we send."""
    first = json.loads(file.read_text())[Side.SALESFORCE.value][0]
    address = urlsplit(first["url"])
    [query] = parse_qs(address.query)["q"]
    *_, version, way = address.path.rstrip("/").split("/")
    token = first["headers"]["Authorization"].partition(" ")[2]
    service = client_of(_origin(first["url"]), token, version.removeprefix("v"))
    began = time.perf_counter()
    rows = len(service.query_all(query, include_deleted=way == "queryAll")["records"])
    return {Side.SALESFORCE.value: {"seconds": time.perf_counter() - began, "rows": rows}}


def record(file: Path) -> dict[str, Any]:
    """`ours` through a proxy to each service; what it asked for rows is written to `file`."""
    sent: dict[str, list[Sent]] = {side.value: [] for side in FEEDS}
    given = load_settings()
    intacct, salesforce = given.intacct_base_url, given.salesforce_login_url or ""
    origins = {Side.INTACCT.value: _origin(intacct), Side.SALESFORCE.value: _origin(salesforce)}
    with recording(origins, sent) as doors:
        moved = {
            "intacct_base_url": doors[Side.INTACCT.value] + urlsplit(intacct).path,
            "salesforce_login_url": doors[Side.SALESFORCE.value] + urlsplit(salesforce).path,
        }
        found = ours(given.model_copy(update=moved), begin=lambda side: sent[side.value].clear())
    file.write_text(json.dumps(sent))
    return found


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def main() -> None:
    """One way of reading."""
    how, file = sys.argv[1], Path(sys.argv[2])
    if how == "record":
        print(json.dumps(record(file)))
    elif how == "ours":
        print(json.dumps(ours()))
    else:
        print(json.dumps(floor(file) if how == "floor" else simple(file)))


if __name__ == "__main__":
    main()
