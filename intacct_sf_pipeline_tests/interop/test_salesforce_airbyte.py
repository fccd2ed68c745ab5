"""Airbyte's source-salesforce: check, discover and read, by REST pages and by Bulk API 2.0 query jobs with locators."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Runner
from .salesforce_rest import Rest

BY_BULK = ("Account", "Product2", "PricebookEntry")
BY_REST = ("ContentVersion",)


class Source:
    """The source with one configuration."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self._runner, self._folder = runner, folder
        salesforce = runner.given["salesforce"]
        config = {
            "auth_type": "Client",
            "client_id": salesforce["client_id"],
            "client_secret": salesforce["client_secret"],
            "refresh_token": salesforce["refresh_token"],
            "start_date": "2020-01-01",
            "stream_slice_step": "P3650D",
        }
        self._config = self.file("config.json", config)

    def run(self, command: str, *arguments: str) -> list[dict[str, Any]]:
        """The messages of one command."""
        program = self._runner.clients.environment("airbyte") / "bin" / "source-salesforce"
        done = self._runner.run(
            [str(program), command, "--config", self._config, *arguments], self._runner.gateway.environment
        )
        messages = [json.loads(line) for line in done.stdout.split("\n") if line.startswith("{")]
        assert done.returncode == 0, [m["trace"] for m in messages if m.get("trace", {}).get("type") == "ERROR"]
        return messages

    def file(self, name: str, content: object) -> str:
        """Write a file the source reads."""
        path = self._folder / name
        path.write_text(json.dumps(content))
        return str(path)


@pytest.fixture(scope="module")
def source(runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Source:
    return Source(runner, tmp_path_factory.mktemp("airbyte"))


@pytest.fixture(scope="module")
def streams(source: Source) -> dict[str, dict[str, Any]]:
    [catalog] = [message["catalog"] for message in source.run("discover") if message["type"] == "CATALOG"]
    return {stream["name"]: stream for stream in catalog["streams"]}


def test_the_connection_checks_out(source: Source) -> None:
    [status] = [
        message["connectionStatus"] for message in source.run("check") if message["type"] == "CONNECTION_STATUS"
    ]
    assert status["status"] == "SUCCEEDED", status


def test_discovery_gives_the_schema_of_every_object(streams: dict[str, dict[str, Any]]) -> None:
    assert {"Account", "Contact", "Product2", "PricebookEntry", "WarehouseStock__c"} <= set(streams)
    account = streams["Account"]
    assert account["json_schema"]["properties"]["IntacctID__c"] == {"type": ["string", "null"]}
    assert account["default_cursor_field"] == ["SystemModstamp"]
    assert account["source_defined_primary_key"] == [["Id"]]


@pytest.mark.parametrize("mode", ["full_refresh", "incremental"])
def test_every_row_is_read_once(source: Source, streams: dict[str, dict[str, Any]], rest: Rest, mode: str) -> None:
    wanted = BY_BULK + BY_REST
    configured = [
        {
            "stream": streams[name],
            "sync_mode": mode,
            "destination_sync_mode": "append",
            "cursor_field": ["SystemModstamp"],
        }
        for name in wanted
    ]
    catalog = source.file(f"{mode}.json", {"streams": configured})
    messages = source.run("read", "--catalog", catalog)
    for name in wanted:
        records = [m["record"]["data"] for m in messages if m["type"] == "RECORD" and m["record"]["stream"] == name]
        ids = [record["Id"] for record in records]
        assert len(ids) == len(set(ids)), name
        assert set(ids) == rest.ids(name, "queryAll"), name
