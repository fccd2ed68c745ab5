"""`sandbox serve` with its options for logins and limits, as a process: what it prints and how it then behaves."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from intacct_sf_pipeline.sandbox.errors import SandboxError
from intacct_sf_pipeline.sandbox.logins import Without, public_key

SMALL = ("--accounts", "3", "--contacts", "3", "--items", "2", "--warehouses", "1")


@contextmanager
def served(*options: str) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "intacct_sf_pipeline.cli", "sandbox", "serve", *SMALL, *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "NO_COLOR": "1"})
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
        process.stdout.close()


def test_options_for_logins_and_limits_reach_the_services(tmp_path: Path) -> None:
    key = tmp_path / "app.pem"
    options = ("--jwt-key", str(key), "--salesforce-quota", "2", "--intacct-concurrency", "1", "--without")
    with served(*options, "intacct:application") as ready:
        given = ready["salesforce"]
        assert given["private_key_file"] == str(key)
        assert set(ready["env"]).isdisjoint({"SALESFORCE_PASSWORD", "SALESFORCE_ACCESS_TOKEN"})
        session = {"Authorization": f"Bearer {given['access_token']}"}
        limits = given["instance_url"] + "/services/data/v62.0/limits"
        statuses = [requests.get(limits, headers=session, timeout=10).status_code for _ in range(3)]
        assert statuses == [200, 200, 403]
        form = {
            "grant_type": "client_credentials",
            "client_id": ready["intacct"]["client_id"],
            "client_secret": ready["intacct"]["client_secret"],
            "username": ready["intacct"]["username"],
        }
        reply = requests.post(ready["intacct"]["base_url"] + "/oauth2/token", data=form, timeout=10)
        assert (reply.status_code, reply.json()["ia::error"]["code"]) == (401, "GW-0011")
        assert reply.headers["X-IA-Throttle-Limit"] == "1"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert public_key(key) == public_key(key)  # a key that exists is kept


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["salesforce:gravity"], "known are user, api, api-scope, app-approval"),
        (["intacct:gravity"], "known are application"),
        (["intacct:accounts-receivable/customer:paint"], "known are application"),
        (["both"], "write salesforce:WHAT"),
    ],
)
def test_what_cannot_be_switched_off_is_refused_with_what_can(names: list[str], words: str) -> None:
    from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions

    def switch_off() -> None:
        without = Without.parsed(names)
        without.policy()
        without.company(CompanyOptions())

    with pytest.raises(SandboxError, match=words):
        switch_off()


def test_a_key_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "key.pem"
    path.write_text("hush", encoding="utf-8")
    with pytest.raises(SandboxError, match="no private key") as caught:
        public_key(path)
    assert "hush" not in str(caught.value)
    with pytest.raises(SandboxError, match="No such file"):
        public_key(tmp_path / "nowhere" / "key.pem")
