"""Airbyte's source and Singer's tap, ready to read from a served sandbox through the TLS gateway they insist on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.peers.extractors import Extractor
from benchmarks.peers.install import Peers
from benchmarks.services import Services
from intacct_sf_pipeline_tests.interop.gateway import gateway


@contextmanager
def extractors(services: Services, peers: Peers, folder: Path) -> Iterator[dict[str, Extractor]]:
    """Both by title, each with a folder of its own, while the gateway is open."""
    authority = folder / "gateway"
    authority.mkdir()
    with gateway(services.salesforce_url, authority) as door:
        kinds = {"Airbyte source-salesforce": "airbyte", "Singer tap-salesforce": "singer"}
        yield {
            title: Extractor(kind, peers, folder / kind, services.ready, door.environment)
            for title, kind in kinds.items()
        }
