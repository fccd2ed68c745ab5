"""`salesforce-package` writes what Salesforce accepts, all of it or nothing, and never over anybody's files."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from intacct_sf_pipeline.cli.app import run
from intacct_sf_pipeline.cli.exits import ExitCode
from intacct_sf_pipeline.cli.package_files import LIST, write_package
from intacct_sf_pipeline.connectors.salesforce.metadata import build_project
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import ConfigurationError
from intacct_sf_pipeline.model.fields import Direction, FieldSpec, FieldType, Source
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.sandbox.clock import SystemClock
from intacct_sf_pipeline.sandbox.salesforce.deploy.components import DeployError
from intacct_sf_pipeline.sandbox.salesforce.deploy.deployment import deploy
from intacct_sf_pipeline.sandbox.salesforce.org import SalesforceOrg
from intacct_sf_pipeline.sandbox.salesforce.schema.catalog import OrgFeatures
from intacct_sf_pipeline.sandbox.salesforce.schema.fields import text
from intacct_sf_pipeline.settings import VARIABLES

NAMESPACE = {"m": "http://soap.sforce.com/2006/04/metadata"}
OVERLAY = """\
version: 1
feeds:
  salesforce:
    warehouse_stock: {object: WarehouseStock__c, asset: stock, key: Id, id: IntacctID__c, modified: SystemModstamp}
entities:
  warehouse_stock:
    description: Stock per warehouse
    cadence: stock
    after: [products]
    intacct: {feed: stock, object: inventory-control/item-warehouse-inventory}
    salesforce: {feed: warehouse_stock, object: WarehouseStock__c, external_id: IntacctID__c, creates: false}
    fields:
      row: {intacct: key, salesforce: IntacctID__c, direction: to_salesforce}
      product: {intacct: item.key, salesforce: Product__c, direction: to_salesforce, type: reference, to: products}
      on_hand: {intacct: onHand, salesforce: OnHand__c, direction: to_salesforce, type: decimal, scale: 2}
  accounts:
    salesforce:
      status: {field: SyncStatus__c, message: SyncMessage__c}
      in_scope_when:
        - {column: Send_To_ERP__c, equals: "true"}
    fields:
      tier: {intacct: "nsp::TIER", salesforce: Tier__c, type: enum, values: {gold: Gold, silver: Silver}}
      remark: {intacct: comments, salesforce: Remark__c, type: multiline, direction: to_salesforce}
      fax: {intacct: contacts.default.fax, salesforce: Second_Fax__c, type: phone}
      mail: {intacct: contacts.default.email1, salesforce: Invoice_Email__c, type: email, direction: to_intacct}
      legacy: {intacct: comments2, salesforce: acme__Legacy__c, direction: to_salesforce}
"""
TWO_TYPES = (
    "{one: {intacct: comments, salesforce: Two__c, direction: to_salesforce},"
    " two: {intacct: onHold, salesforce: Two__c, direction: match, type: decimal}}"
)


@dataclass(frozen=True)
class Result:
    """How a command ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def document(self) -> dict[str, Any]:
        """Its JSON, which is all of stdout."""
        found: dict[str, Any] = json.loads(self.stdout)
        return found


Cli = Callable[..., Result]


@pytest.fixture
def cli(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Cli:
    """Runs the command in an empty directory, without any variable: it needs no credentials."""
    monkeypatch.chdir(tmp_path)
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: str, **variables: str) -> Result:
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        out, errors = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(errors):
            code = run(("salesforce-package", *arguments, "--json"))
        return Result(code, out.getvalue(), errors.getvalue())

    return call


@pytest.fixture
def overlay(tmp_path: Path) -> str:
    path = tmp_path / "ours.yaml"
    path.write_text(OVERLAY, encoding="utf-8")
    return str(path)


def unprepared() -> SalesforceOrg:
    """An org in which nobody has made a custom field."""
    return SalesforceOrg(
        clock=SystemClock(), client_id="key", client_secret="secret", features=OrgFeatures(custom_fields=False)
    )


def contents(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


def members(data: bytes) -> dict[str, str]:
    """A component's members by name, as an independent parser reads them."""
    return {node.tag.partition("}")[2]: node.text or "" for node in ElementTree.fromstring(data)}


def test_every_custom_field_of_the_mapping_is_in_the_package(cli: Cli, tmp_path: Path) -> None:
    result = cli("package")
    assert result.code == ExitCode.DONE
    told = {f"{one['object']}.{one['field']}": one for one in result.document["fields"]}
    assert set(told) == {
        "Account.IntacctID__c",
        "Contact.IntacctID__c",
        *(f"Product2.{n}__c" for n in ("IntacctID", "ProductClass", "Quantity", "OnHand", "Available", "StockAsOf")),
    }
    for name, one in told.items():
        sobject, field = name.split(".")
        path = tmp_path / f"package/force-app/main/default/objects/{sobject}/fields/{field}.field-meta.xml"
        assert members(path.read_bytes())["fullName"] == field
        assert one["unique"] == one["external_id"] == (field == "IntacctID__c")
    assert len(result.document["commands"]) == 3
    readme = (tmp_path / "package/README.md").read_text(encoding="utf-8")
    assert all(command in readme for command in result.document["commands"])


def test_the_external_id_is_one_in_every_respect(cli: Cli, tmp_path: Path) -> None:
    cli("package")
    path = tmp_path / "package/force-app/main/default/objects/Account/fields/IntacctID__c.field-meta.xml"
    assert members(path.read_bytes()) | {"description": "", "inlineHelpText": ""} == {
        "fullName": "IntacctID__c",
        "label": "Intacct ID",
        "type": "Text",
        "length": "255",
        "externalId": "true",
        "unique": "true",
        "caseSensitive": "false",
        "required": "false",
        "description": "",
        "inlineHelpText": "",
    }


def test_the_manifest_names_exactly_what_is_there(cli: Cli, overlay: str, tmp_path: Path) -> None:
    cli("package", SYNC_CONFIG=overlay)
    manifest = ElementTree.parse(tmp_path / "package/manifest/package.xml")
    listed = {
        kind.findtext("m:name", namespaces=NAMESPACE): {one.text for one in kind.findall("m:members", NAMESPACE)}
        for kind in manifest.findall("m:types", NAMESPACE)
    }
    source = tmp_path / "package/force-app/main/default"
    fields = {f"{p.parent.parent.name}.{p.name.split('.')[0]}" for p in source.glob("objects/*/fields/*.xml")}
    assert listed == {
        "CustomField": fields,
        "CustomObject": {p.name.split(".")[0] for p in source.glob("objects/*/*.xml")},
        "PermissionSet": {p.name.split(".")[0] for p in source.glob("permissionsets/*.xml")},
    }


def test_an_overlay_adds_its_fields_with_fitting_types(cli: Cli, overlay: str) -> None:
    document = cli("package", SYNC_CONFIG=overlay).document
    found = {f"{one['object']}.{one['field']}": (one["type"], one["access"]) for one in document["fields"]}
    assert (
        found.items()
        >= {
            "Account.Tier__c": ("Picklist", "edit"),
            "Account.Remark__c": ("LongTextArea(32768)", "edit"),
            "Account.Second_Fax__c": ("Phone", "edit"),
            "Account.Invoice_Email__c": ("Email", "read"),
            "Account.Send_To_ERP__c": ("Checkbox", "read"),
            "Account.SyncStatus__c": ("Text(40)", "edit"),
            "Account.SyncMessage__c": ("Text(255)", "edit"),
            "WarehouseStock__c.Product__c": ("Lookup(Product2)", "edit"),
            "WarehouseStock__c.OnHand__c": ("Number(16, 2)", "edit"),
        }.items()
    )
    assert document["objects"] == ["WarehouseStock__c"]
    assert document["left_out"] == ["Account.acme__Legacy__c: it belongs to a managed package"]


def test_an_org_takes_the_package_and_the_integration_user_may_use_it(cli: Cli, overlay: str, tmp_path: Path) -> None:
    document = cli("package", SYNC_CONFIG=overlay).document
    org = unprepared()
    org.add_fields("Account", [text("acme__Legacy__c", "Legacy", 80)])  # a package of somebody else's
    deploy(org, tmp_path / "package")
    user = org.integration_user
    for one in document["fields"]:
        sobject = org.schema.find(one["object"])
        assert sobject is not None
        field = user.find(sobject, one["field"])
        assert field is not None
        assert (field.external, field.unique) == (one["external_id"], one["unique"])
        assert user.may_update(sobject, field) == (one["access"] == "edit")
        assert org.person.find(sobject, one["field"]) is None, "nobody else sees a new field"


def test_a_permission_set_never_names_what_has_no_field_level_security(cli: Cli, tmp_path: Path) -> None:
    cli("package")
    path = tmp_path / "package/force-app/main/default/permissionsets/Intacct_Integration.permissionset-meta.xml"
    root = ElementTree.parse(path)
    fields = {node.findtext("m:field", namespaces=NAMESPACE) for node in root.findall("m:fieldPermissions", NAMESPACE)}
    assert "Account.BillingAddress" in fields
    assert not fields & {
        "Account.Name",
        "Account.BillingStreet",
        "Contact.LastName",
        "Contact.Salutation",
        "Product2.Name",
    }
    assert not any(str(name).startswith(("PricebookEntry.", "Note.", "ContentNote.")) for name in fields)


def test_the_same_mapping_gives_the_same_bytes(cli: Cli, overlay: str, tmp_path: Path) -> None:
    first, second = cli("one", SYNC_CONFIG=overlay), cli("two", SYNC_CONFIG=overlay)
    again = cli("one", SYNC_CONFIG=overlay)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert (first.document["changed"], second.document["changed"], again.document["changed"]) == (True, True, False)


def test_a_smaller_mapping_takes_its_fields_out_again(cli: Cli, overlay: str, tmp_path: Path) -> None:
    cli("package", SYNC_CONFIG=overlay)
    (tmp_path / "package/.sf").mkdir()
    (tmp_path / "package/.sf/config.json").write_text("{}", encoding="utf-8")
    (tmp_path / "small.yaml").write_text("version: 1\n", encoding="utf-8")
    assert cli("package", SYNC_CONFIG=str(tmp_path / "small.yaml")).code == ExitCode.DONE
    cli("fresh")
    left = contents(tmp_path / "package")
    assert left.pop(".sf/config.json") == b"{}", "what the Salesforce CLI keeps there stays"
    assert left == contents(tmp_path / "fresh")


@pytest.mark.parametrize(
    ("path", "word"),
    [("notes.txt", "not of the package"), ("README.md", "was changed"), ("force-app/main/default/x.xml", "not of the")],
)
def test_somebody_elses_files_are_never_touched(cli: Cli, tmp_path: Path, path: str, word: str) -> None:
    cli("package")
    (tmp_path / "package" / path).write_text("mine", encoding="utf-8")
    before = contents(tmp_path / "package")
    result = cli("package")
    assert result.code == ExitCode.USAGE
    assert word in result.document["error"]["message"]
    assert contents(tmp_path / "package") == before


def test_a_directory_of_other_things_is_refused(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "sales").mkdir()
    (tmp_path / "sales/forecast.xlsx").write_bytes(b"x")
    assert cli("sales").code == ExitCode.USAGE
    assert contents(tmp_path / "sales") == {"forecast.xlsx": b"x"}
    assert cli("sales/forecast.xlsx").code == ExitCode.USAGE
    assert cli("sales/forecast.xlsx/below").code == ExitCode.USAGE


def test_a_write_that_fails_halfway_leaves_what_was_there(tmp_path: Path) -> None:
    target = tmp_path / "package"
    write_package(target, {"a": b"1", "b/c": b"2"})
    before = contents(target)
    with pytest.raises(ConfigurationError):
        write_package(target, {"a": b"3", "b": b"4", "b/c": b"a file cannot be a directory, too"})
    assert contents(target) == before
    assert set(before) == {"a", "b/c", LIST}


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ("{one: {intacct: comments, salesforce: Bad__Name___c, direction: to_salesforce}}", "no such name"),
        (f"{{one: {{intacct: comments, salesforce: {'N' * 41}__c, direction: to_salesforce}}}}", "no such name"),
        (TWO_TYPES, "Number"),
        ("{one: {intacct: comments, salesforce: intacctid__c, direction: to_salesforce}}", "two ways"),
    ],
)  # fmt: skip
def test_what_salesforce_would_refuse_is_refused_before_anything_is_written(
    cli: Cli, tmp_path: Path, fields: str, word: str
) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(f"version: 1\nentities:\n  accounts:\n    fields: {fields}\n", encoding="utf-8")
    result = cli("package", SYNC_CONFIG=str(path))
    assert result.code == ExitCode.USAGE
    assert word in result.document["error"]["message"]
    assert not (tmp_path / "package").exists()


def with_field(config: SyncConfig, field: FieldSpec) -> SyncConfig:
    """The configuration with one more field on accounts."""
    entities = tuple(
        entity.model_copy(update={"fields": (*entity.fields, field)}) if entity.name == "accounts" else entity
        for entity in config.mapping.entities
    )
    return config.model_copy(update={"mapping": config.mapping.model_copy(update={"entities": entities})})


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    kind=st.sampled_from([one for one in FieldType if one is not FieldType.REFERENCE]),
    name=st.from_regex(r"[A-Za-z](_?[A-Za-z0-9]){0,15}__c", fullmatch=True),
    label=st.text(max_size=300),
    codes=st.dictionaries(st.text("ab", min_size=1), st.text("<&>'\"é ", min_size=1) | st.booleans(), max_size=3),
    scale=st.none() | st.integers(0, 10),
    direction=st.sampled_from(Direction),
)
def test_whatever_the_mapping_says_the_package_is_well_formed_and_accepted(
    tmp_path_factory: pytest.TempPathFactory,
    kind: FieldType,
    name: str,
    label: str,
    codes: dict[str, str | bool],
    scale: int | None,
    direction: Direction,
) -> None:
    field = FieldSpec(
        name="extra",
        intacct=Source(columns=("comments",)),
        salesforce=Source(columns=(name,)),
        direction=direction,
        type=kind,
        label=label,
        values=codes,
        scale=scale,
    )
    if name.lower() == "intacctid__c":
        return
    project = build_project(with_field(load_config(None), field).mapping, "62.0")
    target = tmp_path_factory.mktemp("any") / "package"
    write_package(target, project.files)
    org = unprepared()
    deploy(org, target)
    assert org.schema.types["account"].field(name) is not None


def test_the_sandbox_refuses_what_salesforce_refuses(cli: Cli, tmp_path: Path) -> None:
    cli("package")
    path = tmp_path / "package/force-app/main/default/objects/Account/fields/IntacctID__c.field-meta.xml"
    good = path.read_text(encoding="utf-8")
    for old, new in [
        ("<length>255</length>", ""),
        ("<length>255</length>", "<length>256</length>"),
        ("<type>Text</type>", "<type>Words</type>"),
        ("<label>Intacct ID</label>", ""),
        ("<label>Intacct ID</label>", f"<label>{'x' * 41}</label>"),
        ("<required>false</required>", "<required>no</required>"),
        ("<required>false</required>", "<visibleLines>3</visibleLines>"),
    ]:
        assert old in good
        path.write_text(good.replace(old, new), encoding="utf-8")
        org = unprepared()
        with pytest.raises(DeployError, match=r"IntacctID__c"):
            deploy(org, tmp_path / "package")
        assert org.schema.types["account"].field("IntacctID__c") is None
