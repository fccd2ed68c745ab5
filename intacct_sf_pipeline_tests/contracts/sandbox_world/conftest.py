"""A company's exports on disk, and fresh systems to load them into."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.data.csv_loader import LoadReport, load_directory
from intacct_sf_pipeline.sandbox.data.world import World
from intacct_sf_pipeline.sandbox.intacct.company import IntacctCompany
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg

from .services import Services, both_services

Rows = Sequence[Mapping[str, object]]


class Exports:
    """A directory of exports, written as the vendors' tools would."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def write(self, name: str, rows: Rows, *, encoding: str = "utf-8", line_end: str = "\r\n") -> Path:
        """Write rows under the union of their keys to `name`; None becomes an empty cell."""
        file = self.directory / name
        header = list(dict.fromkeys(column for row in rows for column in row))
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("w", encoding=encoding, newline="") as stream:
            quoting = csv.QUOTE_ALL if line_end == "\n" else csv.QUOTE_MINIMAL  # the minimum forgets a lone \r
            writer = csv.DictWriter(stream, header, lineterminator=line_end, quoting=quoting)
            writer.writeheader()
            writer.writerows(rows)
        return file

    def write_text(self, name: str, text: str) -> Path:
        """Write a file as it is."""
        file = self.directory / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(text.encode("utf-8"))
        return file

    def write_world(self, world: World) -> None:
        """Write a whole world, one system with a byte order mark, the other with plain line feeds."""
        for name, rows in world.intacct.items():
            self.write(f"intacct/{name}.csv", rows, encoding="utf-8-sig")
        for name, rows in world.salesforce.items():
            self.write(f"salesforce/{name}.csv", rows, line_end="\n")

    @staticmethod
    def empty_systems() -> tuple[SalesforceOrg, IntacctCompany]:
        """Return an org and a company without rows, at a moment that stands still."""
        clock = OffsetClock.frozen_at(datetime(2026, 7, 1, 8, 0, tzinfo=UTC))
        org = SalesforceOrg(clock=clock, client_id="id", client_secret="secret")
        return org, IntacctCompany(clock=clock, client_id="id", client_secret="secret")

    def loaded(self) -> tuple[SalesforceOrg, IntacctCompany, LoadReport]:
        """Return fresh systems with the exports loaded."""
        org, company = self.empty_systems()
        return org, company, load_directory(self.directory, org, company)


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    """An empty directory of exports."""
    return Exports(tmp_path)


@pytest.fixture
def services() -> Iterator[Services]:
    """A small company in both systems, served over sockets."""
    with both_services() as running:
        yield running
