"""Airbyte's source-salesforce and Singer's tap-salesforce on accounts: discover once, then read on from their state.

Both log in at login.salesforce.com over https, so they go through the gateway of the interoperability suite; data they
read over plain http. Output is counted line by line, not kept as a user's destination would.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.peers.install import Peers
from benchmarks.processes import Ran, run

STREAM = "Account"


@dataclass
class Extractor:
    """One of the two with its configuration, catalogue and state; `kind` is `airbyte` or `singer`."""

    kind: str
    peers: Peers
    folder: Path
    ready: Mapping[str, Any]
    environment: Mapping[str, str]
    state: object = None
    _catalogue: Path | None = field(default=None, repr=False)

    def read(self) -> tuple[Ran, int]:
        """One read of what is new since the last one; what it took, and how many accounts came."""
        if self._catalogue is None:
            self.folder.mkdir(parents=True, exist_ok=True)
            self._catalogue = self._discover()
        ran = self._run(*self._reading(self._catalogue))
        messages = [json.loads(line) for line in ran.out.splitlines() if line.startswith("{")]
        records = sum(1 for one in messages if one["type"] == "RECORD")
        self._remember(messages)
        return ran, records

    def _reading(self, catalogue: Path) -> list[str]:
        if self.kind == "airbyte":
            given = ["read", "--config", self._config(), "--catalog", str(catalogue)]
        else:
            given = ["--config", self._config(), "--properties", str(catalogue)]
        return [*given, "--state", self._file("state.json", self.state)] if self.state is not None else given

    def _remember(self, messages: list[dict[str, Any]]) -> None:
        states = [one for one in messages if one["type"] == "STATE"]
        if states and self.kind == "airbyte":
            self.state = [states[-1]["state"]]
        elif states:
            self.state = states[-1]["value"]

    def _discover(self) -> Path:
        if self.kind == "airbyte":
            lines = self._run("discover", "--config", self._config()).out.splitlines()
            found = next(one for one in map(json.loads, filter(_is_json, lines)) if one["type"] == "CATALOG")
            stream = next(one for one in found["catalog"]["streams"] if one["name"] == STREAM)
            chosen: dict[str, Any] = {
                "stream": stream,
                "sync_mode": "incremental",
                "destination_sync_mode": "append_dedup",
                "cursor_field": ["SystemModstamp"],
            }
        else:
            document = json.loads(self._run("--config", self._config(), "--discover").out)
            chosen = next(one for one in document["streams"] if one["stream"] == STREAM)
            top = next(entry["metadata"] for entry in chosen["metadata"] if not entry["breadcrumb"])
            top |= {"selected": True, "replication-method": "INCREMENTAL", "replication-key": "SystemModstamp"}
        return Path(self._file("catalogue.json", {"streams": [chosen]}))

    def _config(self) -> str:
        given = {name: self.ready["salesforce"][name] for name in ("client_id", "client_secret", "refresh_token")}
        own: dict[str, object] = {"auth_type": "Client", "start_date": "2020-01-01", "stream_slice_step": "P3650D"}
        if self.kind == "singer":
            own = {"start_date": "2000-01-01T00:00:00Z", "api_type": "REST", "select_fields_by_default": True}
        return self._file("config.json", {**given, **own})

    def _file(self, name: str, content: object) -> str:
        path = self.folder / name
        path.write_text(json.dumps(content))
        return str(path)

    def _run(self, *arguments: str) -> Ran:
        airbyte = self.kind == "airbyte"
        name, environment = ("source-salesforce", "airbyte") if airbyte else ("tap-salesforce", "salesforce")
        command = [self.peers.program(name, environment), *arguments]
        return run(command, env=self.environment, cwd=self.folder)


def _is_json(line: str) -> bool:
    return line.startswith("{")
