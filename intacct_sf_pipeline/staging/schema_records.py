"""Tables about records: how far feeds are read, what waits to be looked at, and which record is which."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Index, Table, UniqueConstraint

from intacct_sf_pipeline.staging.schema_columns import key as _key
from intacct_sf_pipeline.staging.schema_columns import metadata
from intacct_sf_pipeline.staging.schema_columns import name as _name
from intacct_sf_pipeline.staging.schema_columns import text as _text
from intacct_sf_pipeline.staging.schema_columns import time as _time
from intacct_sf_pipeline.staging.schema_columns import token as _token

watermarks = Table(
    "watermarks",
    metadata,
    _name("side", "intacct or salesforce", primary_key=True),
    _name("feed", "The feed", primary_key=True),
    _time("value", "Everything the service showed before this moment has been read; null: read all again"),
    _time("full_at", "When the feed was last read in full"),
    _time("updated_at", "When the watermark was last moved", nullable=False),
    Column("sighting", BigInteger(), comment="The last clock sighting before it"),
    comment="How far each feed has been read",
)

clock_sightings = Table(
    "clock_sightings",
    metadata,
    _token("number", "Order of sighting"),
    _name("side", "intacct or salesforce"),
    _time("server_at", "What the service's clock showed", nullable=False),
    _time("own_at", "What ours showed at the same moment", nullable=False),
    Index("ix_clock_sightings_side", "side", "number"),
    comment="The first look at a service's clock after it, or ours, jumped",
    sqlite_autoincrement=True,
)

stage_queue = Table(
    "stage_queue",
    metadata,
    _token("token", "Order of arrival; a repeated change gets a new one"),
    _name("entity", "The entity that has to look at it"),
    _name("side", "intacct or salesforce"),
    _name("alias", "Empty: value is the key of a record; else the related feed by which records are found"),
    _key("value", "Record key, or the value by which the related row belongs to records"),
    _time("enqueued_at", "When it was last changed", nullable=False),
    UniqueConstraint("entity", "side", "alias", "value", name="uq_stage_queue"),
    Index("ix_stage_queue_next", "entity", "side", "token"),
    comment="Landed changes that are not staged yet",
    sqlite_autoincrement=True,
)

reconcile_queue = Table(
    "reconcile_queue",
    metadata,
    _token("token", "Order of arrival; a repeated change gets a new one"),
    _name("entity", "The entity"),
    _name("side", "intacct or salesforce"),
    _key("record_key", "Key of the record on that side"),
    _time("enqueued_at", "When it was last changed", nullable=False),
    UniqueConstraint("entity", "side", "record_key", name="uq_reconcile_queue"),
    Index("ix_reconcile_queue_next", "entity", "token"),
    comment="Staged changes that are not decided yet",
    sqlite_autoincrement=True,
)

links = Table(
    "links",
    metadata,
    _name("entity", "The entity", primary_key=True),
    _key("intacct_key", "Record number in Intacct", primary_key=True),
    _key("salesforce_id", "18-character id in Salesforce"),
    _name("method", "How they were joined: external-id, a match rule, created, ..."),
    _time("created_at", "Since when", nullable=False),
    _key("run_id", "The run that joined them"),
    UniqueConstraint("entity", "salesforce_id", name="uq_links_salesforce"),
    comment="Which record here is which record there, once and for ever",
)

flows = Table(
    "flows",
    metadata,
    _name("entity", "The flow", primary_key=True),
    _name("link_entity", "The flow whose links it goes by; often itself"),
    _text("title", "What it keeps in agreement"),
    comment="The flows of the mapping, for the views",
)

mapping_state = Table(
    "mapping_state",
    metadata,
    _key("subject", "Entity and side", primary_key=True),
    _key("fingerprint", "Digest of the part of the mapping that staging depends on"),
    _time("updated_at", "When it was last seen to change", nullable=False),
    comment="Which mapping the staged records were made with",
)
