"""`mapping check` and `doctor` find what would go wrong before anything is written, and say how to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intacct_sf_pipeline.cli.findings import Finding, Level, document, failed
from intacct_sf_pipeline.cli.live import mapping_findings
from intacct_sf_pipeline.cli.preflight import check_entity
from intacct_sf_pipeline.connectors import capabilities
from intacct_sf_pipeline.connectors.probe import Probe
from intacct_sf_pipeline.model.config import SyncConfig
from intacct_sf_pipeline.model.errors import PermissionDeniedError, ServiceReply
from intacct_sf_pipeline.model.fields import Direction, FieldSpec, FieldType, Source
from intacct_sf_pipeline.model.mapping import FeedSpec
from intacct_sf_pipeline.model.mapping_loader import load_config
from intacct_sf_pipeline.model.records import SIDES, Side
from intacct_sf_pipeline.model.results import ColumnSchema, ObjectSchema, Quota

KINDS = {
    FieldType.DECIMAL: "double",
    FieldType.DATETIME: "datetime",
    FieldType.REFERENCE: "reference",
    FieldType.MULTILINE: "textarea",
}
ABLE = frozenset({capabilities.CREATE, capabilities.UPDATE})


class DescribedService:
    """A service that says what it is told about its objects; objects it was not told of are forbidden."""

    def __init__(self, schemas: Mapping[str, ObjectSchema]) -> None:
        self.schemas = dict(schemas)

    def describe(self, object_name: str) -> ObjectSchema:
        if object_name not in self.schemas:
            raise PermissionDeniedError(ServiceReply("salesforce", "describe", 403, "INSUFFICIENT_ACCESS", "no access"))
        return self.schemas[object_name]

    def missing_columns(self, feed: FeedSpec, columns: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(column for column in columns if column not in self.schemas[feed.object].columns)

    def ping(self) -> None:
        """Always there."""

    def probe(self, object_name: str, key: str) -> Probe:
        return Probe(f"{object_name}.{key}", datetime(2027, 1, 4, tzinfo=UTC))

    def may_edit(self, object_name: str, key: str) -> bool | None:
        return f"{object_name}." in key

    def quota(self) -> Quota | None:
        return None


@pytest.fixture(scope="module")
def config() -> SyncConfig:
    return load_config(None)


@pytest.fixture
def services(config: SyncConfig) -> dict[Side, DescribedService]:
    """Two systems that fit the default mapping."""
    columns: dict[tuple[Side, str], dict[str, ColumnSchema]] = {}
    for feed in config.mapping.used_feeds():
        known = columns.setdefault((feed.side, feed.object), {})
        known.update({name: ColumnSchema(name, "string") for name in config.mapping.columns(feed)})
    for entity in config.mapping.enabled():
        for side in SIDES:
            known = columns.setdefault((side, entity.side(side).object), {})
            external = entity.side(side).external_id
            for field in entity.fields:
                if field.direction.writes(side):
                    kind = KINDS.get(field.type, "string")
                    known.update({column: ColumnSchema(column, kind) for column in field.source(side).columns})
            if external:
                known[external] = ColumnSchema(external, "string", unique=True, external_id=True)
    return {
        side: DescribedService({n: ObjectSchema(n, found, ABLE) for (s, n), found in columns.items() if s is side})
        for side in SIDES
    }


def change(
    services: dict[Side, DescribedService], side: Side, object_name: str, column: str, **changes: object
) -> None:
    """Alter what one service says about one of its fields; `gone=True` takes it away."""
    schema = services[side].schemas[object_name]
    columns = dict(schema.columns)
    if changes.pop("gone", False):
        del columns[column]
    else:
        columns[column] = replace(columns.get(column, ColumnSchema(column, "string")), **changes)  # type: ignore[arg-type] # keywords of the test
    services[side].schemas[object_name] = replace(schema, columns=columns)


def findings(config: SyncConfig, services: dict[Side, DescribedService]) -> list[Finding]:
    return mapping_findings(config.mapping, services)


def errors(found: list[Finding]) -> dict[str, Finding]:
    return {finding.subject: finding for finding in found if finding.level is Level.ERROR}


def test_a_fitting_pair_of_systems_has_no_errors(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    assert errors(findings(config, services)) == {}


def test_a_missing_custom_field_is_named_with_its_cure(
    config: SyncConfig, services: dict[Side, DescribedService]
) -> None:
    change(services, Side.SALESFORCE, "Product2", "OnHand__c", gone=True)
    found = [f for f in findings(config, services) if f.subject == "OnHand__c" and f.level is Level.ERROR]
    assert found
    assert any("Create OnHand__c on Product2" in f.cure for f in found)


def test_a_misspelt_column_is_answered_with_the_right_one(
    config: SyncConfig, services: dict[Side, DescribedService]
) -> None:
    change(services, Side.SALESFORCE, "Account", "BillingCity", gone=True)
    change(services, Side.SALESFORCE, "Account", "BillingCitty")
    assert "Did you mean BillingCitty?" in errors(findings(config, services))["BillingCity"].cure


def test_a_read_only_target_is_refused(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    change(services, Side.SALESFORCE, "Account", "Phone", creatable=False, updatable=False)
    assert "read-only" in errors(findings(config, services))["Phone"].message


@pytest.mark.parametrize(("flag", "word"), [("external_id", "External ID"), ("unique", "unique")])
def test_an_external_id_without_its_flags_is_refused(
    config: SyncConfig, services: dict[Side, DescribedService], flag: str, word: str
) -> None:
    change(services, Side.SALESFORCE, "Contact", "IntacctID__c", **{flag: False})
    found = [f for f in findings(config, services) if f.level is Level.ERROR]
    assert [word in f.message for f in found] == [True]


def test_a_target_shorter_than_its_source_is_a_warning(
    config: SyncConfig, services: dict[Side, DescribedService]
) -> None:
    change(services, Side.INTACCT, "accounts-receivable/customer", "name", max_length=100)
    change(services, Side.SALESFORCE, "Account", "Name", max_length=255)
    found = [f for f in findings(config, services) if f.level is Level.WARNING]
    assert [("name 100 < 255" in f.message, f.area) for f in found] == [(True, "Intacct accounts-receivable/customer")]


def test_a_required_field_that_nobody_fills_is_a_warning(
    config: SyncConfig, services: dict[Side, DescribedService]
) -> None:
    change(services, Side.SALESFORCE, "Account", "Region__c", required=True)
    assert [f.subject for f in findings(config, services) if f.level is Level.WARNING] == ["Region__c"]


def test_a_forbidden_object_is_one_error_and_the_rest_is_still_looked_at(
    config: SyncConfig, services: dict[Side, DescribedService]
) -> None:
    del services[Side.SALESFORCE].schemas["Note"]
    change(services, Side.SALESFORCE, "Account", "Phone", gone=True)
    assert {"object", "Phone"} <= set(errors(findings(config, services)))


def test_every_error_says_how_to_mend_it(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    for entity in config.mapping.enabled():
        for field in entity.fields:
            if field.direction is not Direction.MATCH:
                for column in field.salesforce.columns:
                    if column in services[Side.SALESFORCE].schemas[entity.salesforce.object].columns:
                        change(services, Side.SALESFORCE, entity.salesforce.object, column, gone=True)
    found = findings(config, services)
    assert failed(found)
    assert all(f.cure for f in found if f.level is Level.ERROR)
    assert document(found)["errors"] == sum(f.level is Level.ERROR for f in found)


@pytest.mark.parametrize(
    ("column", "kind", "words"),
    [
        ("OnHand__c", "string", "of type decimal"),
        ("OnHand__c", "boolean", "of type decimal"),
        ("ProductClass__c", "double", "of type text"),
        ("StockAsOf__c", "date", "of type datetime"),
    ],
)
def test_a_column_of_another_kind_is_refused(
    config: SyncConfig, services: dict[Side, DescribedService], column: str, kind: str, words: str
) -> None:
    change(services, Side.SALESFORCE, "Product2", column, type=kind)
    assert words in errors(findings(config, services))[column].message


@pytest.mark.parametrize(
    ("column", "kind"),
    [("OnHand__c", "double"), ("OnHand__c", "currency"), ("ProductClass__c", "picklist"), ("StockAsOf__c", "datetime")],
)
def test_a_column_of_a_fitting_kind_is_taken(
    config: SyncConfig, services: dict[Side, DescribedService], column: str, kind: str
) -> None:
    change(services, Side.SALESFORCE, "Product2", column, type=kind)
    assert column not in errors(findings(config, services))


def test_digits_that_would_be_lost_are_a_warning(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    change(services, Side.SALESFORCE, "Product2", "OnHand__c", type="double", scale=2)
    assert [f.subject for f in findings(config, services) if f.level is Level.WARNING] == ["OnHand__c"]


@pytest.mark.parametrize(("length", "level"), [(10, Level.ERROR), (99, Level.ERROR), (100, Level.WARNING), (200, None)])
def test_a_key_that_does_not_take_the_ids_of_the_other_side(
    config: SyncConfig, services: dict[Side, DescribedService], length: int, level: Level | None
) -> None:
    change(services, Side.INTACCT, "company-config/contact", "id", max_length=200)
    change(services, Side.SALESFORCE, "Contact", "IntacctID__c", max_length=length)
    assert [f.level for f in findings(config, services) if f.level is not Level.OK] == ([level] if level else [])


@pytest.mark.parametrize(("lacks", "word"), [("create", "add"), ("update", "change")])
def test_an_object_that_may_not_be_written_is_refused(
    config: SyncConfig, services: dict[Side, DescribedService], lacks: str, word: str
) -> None:
    schema = services[Side.SALESFORCE].schemas["Account"]
    services[Side.SALESFORCE].schemas["Account"] = replace(schema, capabilities=ABLE - {lacks})
    found = [f for f in findings(config, services) if f.level is Level.ERROR]
    assert [(f.area, f"may not {word}" in f.message) for f in found] == [("Salesforce Account", True)]


def test_a_list_that_lacks_one_code_is_a_warning(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    entity = config.mapping.entity("accounts")
    code = FieldSpec(name="tier", intacct=Source(columns=("tier",)), salesforce=Source(columns=("Tier__c",)),
                     type=FieldType.ENUM, values={"g": "Gold", "s": "Silver"})  # fmt: skip
    richer = entity.model_copy(update={"fields": (*entity.fields, code)})
    schemas = {(side, name): schema for side, service in services.items() for name, schema in service.schemas.items()}
    columns = {
        **schemas[Side.SALESFORCE, "Account"].columns,
        "Tier__c": ColumnSchema("Tier__c", "picklist", values=("Gold",)),
    }
    schemas[Side.SALESFORCE, "Account"] = ObjectSchema("Account", columns, ABLE)
    schemas[Side.INTACCT, entity.intacct.object] = ObjectSchema(
        entity.intacct.object,
        {
            **schemas[Side.INTACCT, entity.intacct.object].columns,
            "tier": ColumnSchema("tier", "string", values=("g", "s")),
        },
        ABLE,
    )
    found = [f for f in check_entity(config.mapping, richer, schemas) if f.subject in {"Tier__c", "tier"}]
    assert [(f.level, f.subject, "Silver" in f.message) for f in found] == [(Level.WARNING, "Tier__c", True)]


def test_one_system_alone_can_be_looked_at(config: SyncConfig, services: dict[Side, DescribedService]) -> None:
    change(services, Side.SALESFORCE, "Account", "Phone", creatable=False, updatable=False)
    alone = mapping_findings(config.mapping, {Side.SALESFORCE: services[Side.SALESFORCE]})
    assert set(errors(alone)) == {"Phone"}
    assert not any(f.area.startswith("Intacct") for f in alone)
