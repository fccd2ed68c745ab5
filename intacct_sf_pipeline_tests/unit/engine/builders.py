"""Small builders for engine tests: an entity with a few fields, records, baselines."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from intacct_sf_pipeline.model.fields import FieldSpec
from intacct_sf_pipeline.model.mapping import EntityMapping
from intacct_sf_pipeline.model.records import Canonical, CanonicalRecord

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def field(name: str, **more: Any) -> FieldSpec:
    return FieldSpec.model_validate({"name": name, "intacct": name, "salesforce": name.title(), **more})


def entity(*fields: FieldSpec, **more: Any) -> EntityMapping:
    side = {"feed": "things", "object": "Thing"}
    return EntityMapping.model_validate(
        {"name": "things", "cadence": "customers", "intacct": side, "salesforce": side, **more, "fields": fields}
    )


def record(key: str = "1", modified: datetime | None = NOON, **values: Canonical) -> CanonicalRecord:
    return CanonicalRecord(key, values, modified=modified)


def records(values: Mapping[str, Canonical], modified: datetime | None = NOON, key: str = "1") -> CanonicalRecord:
    return CanonicalRecord(key, dict(values), modified=modified)
