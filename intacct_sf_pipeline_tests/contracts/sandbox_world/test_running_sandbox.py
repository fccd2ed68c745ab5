"""The sandbox as a whole: two services on loopback, one ready line, an orderly end."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests

from intacct_sf_pipeline.sandbox.clock import OffsetClock
from intacct_sf_pipeline.sandbox.errors import DataError, FaultFileError, SandboxError
from intacct_sf_pipeline.sandbox.faults import SERVICES, FaultRule
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox

SMALL = {"accounts": 20, "contacts": 30, "items": 10, "warehouses": 2}


def salesforce_token(env: dict[str, str]) -> str:
    answer = requests.post(
        env["SALESFORCE_LOGIN_URL"] + "/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(env["SALESFORCE_CLIENT_ID"], env["SALESFORCE_CLIENT_SECRET"]),
        timeout=5,
    )
    return str(answer.json()["access_token"])


def intacct_token(env: dict[str, str]) -> str:
    form = {
        "grant_type": "client_credentials",
        "client_id": env["INTACCT_CLIENT_ID"],
        "client_secret": env["INTACCT_CLIENT_SECRET"],
        "username": env["INTACCT_USERNAME"],
    }
    answer = requests.post(env["INTACCT_BASE_URL"] + "/oauth2/token", data=form, timeout=5)
    return str(answer.json()["access_token"])


def accounts_in(env: dict[str, str], token: str) -> requests.Response:
    return requests.get(
        env["SALESFORCE_LOGIN_URL"] + "/services/data/v59.0/query",
        params={"q": "SELECT Id FROM Account"},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )


def customers_in(env: dict[str, str], token: str) -> requests.Response:
    return requests.post(
        env["INTACCT_BASE_URL"] + "/services/core/query",
        json={"object": "accounts-receivable/customer", "fields": ["key"], "orderBy": [{"key": "asc"}]},
        headers={"Authorization": f"Bearer {token}"},
        timeout=5,
    )


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with running_sandbox(SandboxOptions(**SMALL)) as running:
        yield running


def test_both_services_answer_with_the_credentials_of_the_environment(sandbox: Sandbox) -> None:
    env = sandbox.env
    assert accounts_in(env, salesforce_token(env)).json()["totalSize"] == 20
    assert customers_in(env, intacct_token(env)).json()["ia::meta"]["totalCount"] == 20
    assert {pair.entity for pair in sandbox.truth} == {"accounts", "contacts", "products"}


def test_the_ready_document_has_the_agreed_names(sandbox: Sandbox) -> None:
    document = sandbox.ready_document()
    assert document["intacct"].keys() >= {"base_url", "client_id", "client_secret", "username"}
    assert document["salesforce"].keys() >= {"login_url", "instance_url", "client_id", "client_secret"}
    assert document["env"].keys() >= {
        "INTACCT_API",
        "INTACCT_BASE_URL",
        "INTACCT_CLIENT_ID",
        "INTACCT_CLIENT_SECRET",
        "INTACCT_USERNAME",
        "SALESFORCE_LOGIN_URL",
        "SALESFORCE_CLIENT_ID",
        "SALESFORCE_CLIENT_SECRET",
    }
    assert document["env"]["INTACCT_BASE_URL"].endswith("/ia/api/v1")


def test_no_secret_shows_in_the_sandboxs_own_representation(sandbox: Sandbox) -> None:
    shown = repr(sandbox.credentials)
    assert sandbox.credentials.intacct_client_secret not in shown
    assert sandbox.credentials.salesforce_client_secret not in shown


def test_the_services_themselves_refuse_what_is_too_long(sandbox: Sandbox) -> None:
    env = sandbox.env
    url = env["SALESFORCE_LOGIN_URL"] + "/services/data/v59.0/query"
    headers = {"Authorization": f"Bearer {salesforce_token(env)}"}
    too_long = requests.get(url, params={"q": "x" * 20_000}, headers=headers, timeout=5)
    assert too_long.status_code == 414
    assert requests.get(url, headers=headers | {"X-Filler": "x" * 20_000}, timeout=5).status_code == 431


def test_everything_goes_by_the_clock_given() -> None:
    clock = OffsetClock.frozen_at(datetime(2026, 9, 9, 9, 9, 9, tzinfo=UTC))
    with running_sandbox(SandboxOptions(**SMALL), clock=clock) as sandbox:
        token = intacct_token(sandbox.env)
        assert customers_in(sandbox.env, token).status_code == 200
        clock.advance(86_400 * 2)
        assert customers_in(sandbox.env, token).status_code == 401


def test_faults_from_a_file_reach_the_right_service(tmp_path: Path) -> None:
    file = tmp_path / "faults.yaml"
    file.write_text(
        "faults:\n"
        "  - {service: salesforce, fault: html_503, path: query}\n"
        "  - {service: salesforce, fault: expire_token, skip: 1, path: query}\n"
        "  - {service: intacct, fault: expire_token, skip: 1}\n"
    )
    with running_sandbox(SandboxOptions(**SMALL, faults=file)) as sandbox:
        env, token = sandbox.env, salesforce_token(sandbox.env)
        assert [accounts_in(env, token).status_code for _ in range(3)] == [503, 200, 401]
        token = intacct_token(env)
        assert [customers_in(env, token).status_code for _ in range(2)] == [200, 401]
        assert [rule.fault for rule, _, _ in sandbox.faults.fired] == ["html_503", "expire_token", "expire_token"]


def test_a_lost_answer_leaves_the_work_done_and_a_lost_request_does_not() -> None:
    with running_sandbox(SandboxOptions(**SMALL)) as sandbox:
        env = sandbox.env
        at_salesforce = {"Authorization": f"Bearer {salesforce_token(env)}"}
        at_intacct = {"Authorization": f"Bearer {intacct_token(env)}"}
        accounts = env["SALESFORCE_LOGIN_URL"] + "/services/data/v59.0/sobjects/Account"
        customers = env["INTACCT_BASE_URL"] + "/objects/accounts-receivable/customer"
        for fault, more in (("reset_before", 0), ("reset_after", 1), ("truncate", 1)):
            before = (sandbox.org.count("Account"), sandbox.company.count("customer"))
            for service in SERVICES:
                sandbox.faults.add(FaultRule(service, fault))
            with pytest.raises(requests.RequestException):
                requests.post(accounts, json={"Name": fault}, headers=at_salesforce, timeout=5)
            with pytest.raises(requests.RequestException):
                requests.post(customers, json={"id": fault, "name": fault}, headers=at_intacct, timeout=5)
            after = (sandbox.org.count("Account"), sandbox.company.count("customer"))
            assert after == (before[0] + more, before[1] + more), fault


def test_a_company_can_rehearse_on_its_own_exports(exports: Any) -> None:
    exports.write("salesforce/Account.csv", [{"Name": "Café Née"}, {"Name": "Other"}])
    with running_sandbox(SandboxOptions(data=exports.directory)) as sandbox:
        answer = accounts_in(sandbox.env, salesforce_token(sandbox.env))
        assert answer.json()["totalSize"] == 2
        assert customers_in(sandbox.env, intacct_token(sandbox.env)).json()["ia::meta"]["totalCount"] == 0
        assert sandbox.truth == ()
        assert sandbox.report is not None
        assert sandbox.report.loaded == {"Account": 2}


@contextmanager
def taken_port() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


def test_a_taken_port_is_said_plainly() -> None:
    with taken_port() as port, pytest.raises(SandboxError, match=f"port {port} of 127.0.0.1 cannot be used"):
        running_sandbox(SandboxOptions(**SMALL, intacct_port=port)).__enter__()


@pytest.mark.parametrize(
    ("make", "error"),
    [
        (lambda path: SandboxOptions(overlap=2), SandboxError),
        (lambda path: SandboxOptions(data=path / "absent"), DataError),
        (lambda path: SandboxOptions(faults=path / "absent.yaml"), FaultFileError),
    ],
)
def test_bad_options_stop_the_start(
    tmp_path: Path, make: Callable[[Path], SandboxOptions], error: type[SandboxError]
) -> None:
    with pytest.raises(error):
        running_sandbox(make(tmp_path)).__enter__()


@contextmanager
def served(*, ignoring: signal.Signals | None = None) -> Iterator[tuple["subprocess.Popen[str]", dict[str, Any]]]:
    code = (
        "import sys; from intacct_sf_pipeline.sandbox.server import SandboxOptions, serve;"
        f"sys.exit(serve(SandboxOptions(**{SMALL!r}), out=sys.stdout))"
    )
    env = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}

    def ignore() -> None:
        if ignoring is not None:
            signal.signal(ignoring, signal.SIG_IGN)

    with subprocess.Popen(
        [sys.executable, "-c", code],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=ignore,  # noqa: PLW1509 - one signal disposition, before exec
    ) as process:
        assert process.stdout is not None
        try:
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_runs_until_told_to_stop_and_exits_0(number: signal.Signals) -> None:
    with served() as (process, document):
        assert accounts_in(document["env"], salesforce_token(document["env"])).json()["totalSize"] == 20
        process.send_signal(number)
        rest, errors = process.communicate(timeout=20)
        assert (process.returncode, rest, errors) == (0, "", "")


def test_an_interrupt_works_though_it_was_inherited_as_ignored() -> None:
    with served(ignoring=signal.SIGINT) as (process, _):
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=20) == 0
