"""`doctor`, run as a process against a sandbox: each thing that is wrong is found, with its cure, beside the others."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.sandbox.clock import SystemClock
from intacct_sf_pipeline.sandbox.intacct.options import CompanyOptions, XmlOptions
from intacct_sf_pipeline.sandbox.salesforce.deploy.deployment import deploy
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import boolean, text
from intacct_sf_pipeline.sandbox.server import Sandbox, SandboxOptions, running_sandbox
from intacct_sf_pipeline.settings import VARIABLES

KEYS = {"level", "area", "subject", "message", "cure"}
SMALL = SandboxOptions(accounts=4, contacts=4, items=4, warehouses=1)


@dataclass(frozen=True)
class Diagnosis:
    """What `doctor --json` said."""

    code: int
    document: dict[str, Any]
    stderr: str

    def of(self, area: str, subject: str) -> dict[str, str]:
        """The one finding of that place."""
        (found,) = [one for one in self.document["findings"] if (one["area"], one["subject"]) == (area, subject)]
        return dict(found)

    def level(self, area: str, subject: str) -> str:
        """How bad the one finding of that place is."""
        return self.of(area, subject)["level"]

    @property
    def errors(self) -> set[tuple[str, str]]:
        """Where the errors are."""
        return {(one["area"], one["subject"]) for one in self.document["findings"] if one["level"] == "error"}


Doctor = Callable[..., Diagnosis]


def clean_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in VARIABLES}


def command(folder: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """One run of the command line in `folder`, as a process."""
    return subprocess.run(
        [sys.executable, "-m", "intacct_sf_pipeline.cli", *arguments],
        cwd=folder,
        env={**clean_environment(), **env},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )


@pytest.fixture
def doctor(tmp_path: Path) -> Doctor:
    """Runs `doctor --json` with these variables and checks what holds for every run."""

    def call(env: dict[str, str]) -> Diagnosis:
        done = command(tmp_path, env, "doctor", "--json")
        document = json.loads(done.stdout)
        assert "Traceback" not in done.stderr
        assert set(document) == {"ok", "errors", "warnings", "findings"}
        assert all(set(one) == KEYS for one in document["findings"])
        assert all(one["cure"] for one in document["findings"] if one["level"] != "ok")
        assert document["errors"] == sum(one["level"] == "error" for one in document["findings"])
        assert (done.returncode == ExitCode.DONE) == document["ok"] == (document["errors"] == 0)
        secrets = [value for name, value in env.items() if "SECRET" in name or "PASSWORD" in name]
        assert not any(secret in done.stdout + done.stderr for secret in secrets)
        return Diagnosis(done.returncode, document, done.stderr)

    return call


@pytest.fixture
def unprepared() -> Iterator[Sandbox]:
    """A sandbox in whose Salesforce nobody has made a custom field."""
    with running_sandbox(replace(SMALL, features=OrgFeatures(custom_fields=False))) as sandbox:
        yield sandbox


def test_an_unprepared_org_is_mended_by_the_package(unprepared: Sandbox, doctor: Doctor, tmp_path: Path) -> None:
    before = doctor(unprepared.env)
    custom = {
        *(("Salesforce Account", name) for name in ("IntacctID__c",)),
        *(("Salesforce Contact", name) for name in ("IntacctID__c",)),
        *(
            ("Salesforce Product2", f"{name}__c")
            for name in ("IntacctID", "ProductClass", "Quantity", "OnHand", "Available", "StockAsOf")
        ),
    }
    assert before.errors == custom, "each missing field is named once, and nothing else is wrong"
    assert all("salesforce-package" in before.of(*place)["cure"] for place in custom)
    assert all("External ID, Unique" in before.of(a, s)["cure"] for a, s in custom if s == "IntacctID__c")
    assert command(tmp_path, {}, "salesforce-package", "package").returncode == ExitCode.DONE
    deploy(unprepared.org, tmp_path / "package")
    after = doctor(unprepared.env)
    assert (after.code, after.errors) == (ExitCode.DONE, set())
    areas = {one["area"] for one in after.document["findings"]}
    assert {"settings", "mapping", "database", "schedule", "Dagster", "Intacct", "Salesforce", "clock"} <= areas


def lessen(org: SalesforceOrg) -> None:
    """Spoils the Salesforce side in every way that describe shows."""
    org.add_fields("Account", [text("IntacctID__c", "Intacct ID", 10, external=True, unique=True)])
    org.add_fields("Contact", [text("IntacctID__c", "Intacct ID", 255)])
    org.add_fields("Product2", [text("OnHand__c", "On Hand", 20)])
    org.add_fields("Product2", [text("Region__c", "Region", 20, nillable=False)])
    org.add_fields("Account", [boolean("IsPersonAccount", "Is Person Account")])
    user = org.integration_user
    user.read_only |= {"product2.quantity__c"}
    user.hidden |= {"product2.available__c"}
    user.hidden_objects |= {"contentnote"}
    org.load("DuplicateRule", [{"DeveloperName": "Same", "MasterLabel": "Same name", "SobjectType": "Account",
                               "IsActive": True}])  # fmt: skip


def test_whatever_is_wrong_is_found_beside_the_rest(doctor: Doctor) -> None:
    denied = {
        "inventory-control/item": frozenset({"read"}),
        "accounts-receivable/customer": frozenset({"update"}),
    }
    with running_sandbox(replace(SMALL, company=CompanyOptions(denied=denied))) as sandbox:
        lessen(sandbox.org)
        sandbox.org.clock.jump(10_800)
        sandbox.org.meter.quota = 1000
        sandbox.org.meter.charge(900)
        found = doctor(sandbox.env)
    assert found.code == ExitCode.FAILED
    expected = {
        ("Salesforce Account", "IntacctID__c"): "takes 10 characters",
        ("Salesforce Contact", "IntacctID__c"): "not",
        ("Salesforce Product2", "OnHand__c"): "of type string",
        ("Salesforce Product2", "Quantity__c"): "read-only",
        ("Salesforce Product2", "Available__c"): "may not see it",
        ("Salesforce ContentNote", "object"): "",
        ("Intacct inventory-control/item", "permission"): "may not be read",
        ("Intacct accounts-receivable/customer", "permission"): "may not be changed",
        ("clock", "Salesforce"): "3 hours behind",
    }
    assert found.errors >= set(expected)
    for (area, subject), words in expected.items():
        told = [
            one["message"] for one in found.document["findings"] if (one["area"], one["subject"]) == (area, subject)
        ]
        assert any(words in one for one in told), (area, subject, told)
    assert found.level("clock", "Intacct") == "ok"
    assert found.level("clock", "both services") == "warning"
    assert found.level("Salesforce", "quota") == "warning"
    assert found.level("Salesforce", "person accounts") == "warning"
    assert "Same name (Account)" in found.of("Salesforce", "duplicate rules")["message"]
    assert found.level("Salesforce Product2", "Region__c") == "warning"
    assert found.level("Intacct company-config/contact", "permission") == "ok"


def test_the_xml_door_is_looked_at_too(doctor: Doctor) -> None:
    company = CompanyOptions(
        denied={"company-config/contact": frozenset({"read"})},
        xml=XmlOptions(audit_permission=False, gmt_offset="+05:30"),
    )
    with running_sandbox(replace(SMALL, company=company, intacct_api="xml")) as sandbox:
        sandbox.company.store.clock.jump(-600)
        found = doctor(sandbox.env)
    assert found.errors == {("Intacct company-config/contact", "permission"), ("clock", "Intacct")}
    assert "10 minutes ahead of" in found.of("clock", "Intacct")["message"]
    audit = found.of("Intacct AUDITHISTORY", "permission")
    assert audit["level"] == "warning"
    assert "Custom Reports" in audit["cure"]
    zone = found.of("Intacct", "time zone")
    assert (zone["level"], "GMT+05:30" in zone["message"], "INTACCT_XML_TIME_ZONE" in zone["cure"]) == (
        "warning",
        True,
        True,
    )
    customers = found.of("Intacct accounts-receivable/customer", "permission")
    assert "only a write shows" in customers["message"]


def free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def test_an_unreachable_system_is_one_finding_and_the_other_is_looked_at(doctor: Doctor) -> None:
    with running_sandbox(SMALL) as sandbox:
        found = doctor({**sandbox.env, "INTACCT_BASE_URL": f"http://127.0.0.1:{free_port()}/ia/api/v1"})
    assert found.errors == {("Intacct", "connection")}
    assert "INTACCT_BASE_URL" in found.of("Intacct", "connection")["cure"]
    assert found.level("Salesforce Account", "permission") == "ok"
    assert found.level("clock", "Salesforce") == "ok"


def test_a_quota_that_is_used_up_is_told_once(doctor: Doctor) -> None:
    with running_sandbox(replace(SMALL, salesforce_quota=5)) as sandbox:
        found = doctor(sandbox.env)
    assert found.errors == {("Salesforce", "connection"), ("Salesforce", "quota"), ("schedule", "Salesforce")}
    assert found.level("Intacct company-config/contact", "permission") == "ok"


def test_what_is_wrong_at_home_is_found_without_either_system(doctor: Doctor, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "dagster.yaml").write_text("storage: {nonsense: true}\n", encoding="utf-8")
    (tmp_path / "file").write_text("", encoding="utf-8")
    (tmp_path / "ours.yaml").write_text(
        "version: 1\nschedule: {customers: '03:00', time_zone: Europe/Berlin}\n", encoding="utf-8"
    )
    found = doctor(
        {
            "DAGSTER_HOME": str(home),
            "STAGING_DATABASE_URL": f"sqlite:///{tmp_path / 'ours.yaml'}",
            "SYNC_CONFIG": str(tmp_path / "ours.yaml"),
        }
    )
    assert found.errors == {
        ("settings", "environment"),
        ("database", "connection"),
        ("schedule", "customers"),
        ("Dagster", "instance"),
    }
    assert "business_hours" in found.of("schedule", "customers")["cure"]
    assert "Europe/Berlin" in found.of("schedule", "time zone")["message"]


def test_a_used_instance_and_database_are_read(doctor: Doctor, tmp_path: Path) -> None:
    with running_sandbox(SMALL) as sandbox:
        assert command(tmp_path, sandbox.env, "sync", "accounts", "--json").returncode in (0, 3)
        found = doctor(sandbox.env)
    assert found.errors == set()
    assert found.level("Dagster", "instance") == "ok"
    assert found.level("Dagster", "schedules") == "warning"
    assert found.level("database", "leases") == "ok"
    assert found.level("database", "runs") == "ok"
    assert "when nothing changes" in found.of("schedule", "Intacct")["message"]


def test_the_command_line_starts_an_unprepared_sandbox_and_deploys_into_it(tmp_path: Path) -> None:
    assert command(tmp_path, {}, "salesforce-package", "package").returncode == ExitCode.DONE
    field = tmp_path / "package/force-app/main/default/objects/Account/fields/IntacctID__c.field-meta.xml"
    field.write_text(field.read_text(encoding="utf-8").replace("<length>255</length>", ""), encoding="utf-8")
    refused = command(
        tmp_path, {}, "sandbox", "serve", "--without-custom-fields", "--deploy", "package", "--accounts", "1"
    )
    assert refused.returncode == ExitCode.USAGE
    assert "Account.IntacctID__c: Required field is missing: length" in refused.stderr.replace("\n", "")


def test_the_sandbox_needs_no_custom_fields_for_its_data() -> None:
    options = replace(SMALL, features=OrgFeatures(custom_fields=False))
    with running_sandbox(options, clock=SystemClock()) as sandbox:
        assert sandbox.org.count("Account") > 0
        assert sandbox.org.schema.find("WarehouseStock__c") is None
