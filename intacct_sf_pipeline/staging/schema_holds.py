"""Tables about what waits for a person: holds, what brings them up again, and what people decided."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table

from intacct_sf_pipeline.staging.schema_columns import key as _key
from intacct_sf_pipeline.staging.schema_columns import metadata
from intacct_sf_pipeline.staging.schema_columns import name as _name
from intacct_sf_pipeline.staging.schema_columns import text as _text
from intacct_sf_pipeline.staging.schema_columns import time as _time
from intacct_sf_pipeline.staging.schema_columns import token as _token

holds = Table(
    "holds",
    metadata,
    _token("hold_id", "Number by which people name it"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record it is about"),
    _key("record_key", "Key of that record"),
    _name("target", "The side that does not get the write"),
    _name("reason", "Why, as a word"),
    _text("fields", "JSON list of the fields held; empty: the whole record"),
    _text("message", "Why, for a person"),
    _key("state", "Digest of what the decision rested on", nullable=True),
    _text("candidates", "JSON list of possible partners"),
    Column("attempts", Integer(), nullable=False, comment="How often it was refused"),
    _time("retry_at", "When it is looked at again by itself, a refused write tried again; null: in every run"),
    _time("since", "When it was first found", nullable=False),
    _time("updated_at", "When it last changed", nullable=False),
    _time("closed_at", "When it went away; null: open"),
    _key("run_id", "The run that last changed it"),
    _name("who", "Who can mend it: sales, finance or administrator", nullable=True),
    _text("cure", "What to do, in words"),
    _key("shown", "Salesforce record told of it, and a digest of what was told; null: none", nullable=True),
    Index("ix_holds_record", "entity", "record_side", "record_key", "closed_at"),
    Index("ix_holds_open", "closed_at", "entity", "retry_at"),
    Index("ix_holds_shown", "entity", "shown"),
    comment="What waits for a person, or for its cause to go away",
    sqlite_autoincrement=True,
)

hold_watches = Table(
    "hold_watches",
    metadata,
    _token("watch_id", "Order of noting"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record on hold"),
    _key("record_key", "Key of that record"),
    _name("watched_side", "Side of a record on which that depends"),
    _key("watched_key", "Key of this record"),
    Index("ix_hold_watches_record", "entity", "record_side", "record_key"),
    Index("ix_hold_watches_watched", "entity", "watched_side", "watched_key"),
    comment="Which records bring one on hold up again when they change: its candidates, its twins",
    sqlite_autoincrement=True,
)

decisions = Table(
    "decisions",
    metadata,
    _token("decision_id", "Order of taking"),
    _name("entity", "The entity"),
    _name("record_side", "Side of the record it is about"),
    _key("record_key", "Key of that record"),
    _name("reason", "Reason of the hold it answers"),
    _text("fields", "JSON list of the fields held; empty: the whole record"),
    _name("verdict", "link, create, ignore, take_intacct, take_salesforce or approve"),
    _key("partner_key", "For link: key of the record on the other side", nullable=True),
    _key("state", "Digest the hold had: with another state the decision no longer holds", nullable=True),
    _key("decided_by", "Who decided, as far as known", nullable=True),
    _text("note", "Why, in that person's words"),
    _time("decided_at", "When", nullable=False),
    _time("closed_at", "When it was carried out, withdrawn or overtaken; null: in force"),
    _key("run_id", "The run that closed it", nullable=True),
    Index("ix_decisions_record", "entity", "record_side", "record_key", "closed_at"),
    comment="What people decided about holds",
    sqlite_autoincrement=True,
)
