"""Singer's tap-salesforce: discovery, full and incremental extraction by REST and by Bulk API 1.0.

The tap logs in at login.salesforce.com over https, so it goes through the gateway; data it reads over plain http.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from .conftest import Runner
from .salesforce_rest import Rest

SELECTED = ("Account", "Contact", "Product2", "PricebookEntry", "User")
NOT_BY_QUERY = {"ContentDocumentLink"}
"""Objects whose queries need a filter; the tap leaves them out."""


class Tap:
    """One configuration of the tap."""

    def __init__(self, runner: Runner, folder: Path, api_type: str) -> None:
        self._runner, self._folder = runner, folder
        salesforce = runner.given["salesforce"]
        config = {
            "client_id": salesforce["client_id"],
            "client_secret": salesforce["client_secret"],
            "refresh_token": salesforce["refresh_token"],
            "start_date": "2000-01-01T00:00:00Z",
            "api_type": api_type,
            "select_fields_by_default": True,
        }
        self._config = self._file("config.json", config)

    def discover(self) -> dict[str, Any]:
        """The catalog."""
        catalog: dict[str, Any] = json.loads(self._run("--discover"))
        return catalog

    def sync(self, catalog: dict[str, Any], state: object) -> list[dict[str, Any]]:
        """The messages of one extraction."""
        files = ("--properties", self._file("catalog.json", catalog), "--state", self._file("state.json", state))
        return [json.loads(line) for line in self._run(*files).split("\n") if line.startswith("{")]

    def _run(self, *arguments: str) -> str:
        program = self._runner.clients.environment("salesforce") / "bin" / "tap-salesforce"
        done = self._runner.run([str(program), "--config", self._config, *arguments], self._runner.gateway.environment)
        assert done.returncode == 0, done.stderr[-4000:]
        return done.stdout

    def _file(self, name: str, content: object) -> str:
        path = self._folder / name
        path.write_text(json.dumps(content))
        return str(path)


@pytest.fixture(scope="module", params=["REST", "BULK"])
def tap(request: pytest.FixtureRequest, runner: Runner, tmp_path_factory: pytest.TempPathFactory) -> Tap:
    return Tap(runner, tmp_path_factory.mktemp(request.param), request.param)


@pytest.fixture(scope="module")
def catalog(tap: Tap) -> dict[str, Any]:
    return tap.discover()


def test_discovery_lists_every_object_with_its_fields_and_bookmark(catalog: dict[str, Any], rest: Rest) -> None:
    streams = {stream["stream"]: stream for stream in catalog["streams"]}
    assert set(SELECTED) <= set(streams)
    assert not NOT_BY_QUERY & set(streams)
    account = streams["Account"]
    assert "IntacctID__c" in account["schema"]["properties"]
    top = next(entry["metadata"] for entry in account["metadata"] if not entry["breadcrumb"])
    assert (top["valid-replication-keys"], top["table-key-properties"]) == (["SystemModstamp"], ["Id"])


def test_everything_comes_once_and_only_changes_come_again(tap: Tap, catalog: dict[str, Any], rest: Rest) -> None:
    messages = tap.sync(_selected(catalog), {})
    for sobject in SELECTED:
        ids = [message["record"]["Id"] for message in messages if _is_record(message, sobject)]
        assert len(ids) == len(set(ids)), sobject
        assert set(ids) == rest.ids(sobject, "queryAll"), sobject
    state = [message["value"] for message in messages if message["type"] == "STATE"][-1]
    changed = rest.create("Account", Name="Singer Söhne \u2028 & Co", Description='two\nlines, "quoted"')
    again = [m["record"] for m in tap.sync(_selected(catalog), state) if _is_record(m, "Account")]
    [record] = [record for record in again if record["Id"] == changed]
    assert record["Name"] == "Singer Söhne \u2028 & Co"
    assert record["Description"] == 'two\nlines, "quoted"'
    assert len(again) < len(rest.ids("Account", "queryAll"))


def _is_record(message: dict[str, Any], stream: str) -> bool:
    return message["type"] == "RECORD" and message["stream"] == stream


def _selected(catalog: dict[str, Any]) -> dict[str, Any]:
    """The catalog with the streams of interest selected, replicated by their bookmark."""
    streams = [stream for stream in catalog["streams"] if stream["stream"] in SELECTED]
    for stream in streams:
        top = next(entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
        top.update({"selected": True, "replication-method": "INCREMENTAL", "replication-key": "SystemModstamp"})
    return {"streams": streams}
