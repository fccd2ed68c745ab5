"""A drt project that upserts changed accounts from SQLite into Salesforce by its `salesforce_bulk` destination.

Prepared here, run by `drt run` in the environment of the peers. It writes; what changed is given to it as a table.
Its login is the OAuth password flow; its `instance_url` may be plain http, so loopback needs no trick.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

PROJECT = "version: '0.1'\nname: bench\nprofile: bench\n"
PROFILES = "bench:\n  type: sqlite\n  database: {database}\n"
SYNC = """name: accounts
model: "SELECT IntacctID__c, Phone FROM changed"
destination:
  type: salesforce_bulk
  instance_url_env: SF_INSTANCE_URL
  object_name: Account
  operation: upsert
  external_id_field: IntacctID__c
  client_id_env: SF_CLIENT_ID
  client_secret_env: SF_CLIENT_SECRET
  username_env: SF_USERNAME
  password_env: SF_PASSWORD
  poll_interval_seconds: 1
sync:
  mode: full
"""


def prepare(folder: Path, rows: Sequence[tuple[str, str]]) -> None:
    """Write the project; `rows` are external id and phone of the accounts that changed."""
    (folder / "syncs").mkdir(parents=True, exist_ok=True)
    (folder / ".drt").mkdir(exist_ok=True)
    database = folder / "changed.db"
    database.unlink(missing_ok=True)
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE changed (IntacctID__c TEXT, Phone TEXT)")
        connection.executemany("INSERT INTO changed VALUES (?, ?)", rows)
    connection.close()
    (folder / "drt_project.yml").write_text(PROJECT)
    (folder / ".drt" / "profiles.yml").write_text(PROFILES.format(database=database))
    (folder / "syncs" / "accounts.yml").write_text(SYNC)


def environment(ready: Mapping[str, Any], folder: Path) -> dict[str, str]:
    """The variables its configuration names; HOME is the folder, where it keeps its profiles."""
    given = ready["salesforce"]
    return {
        "HOME": str(folder),
        "SF_INSTANCE_URL": given["instance_url"],
        "SF_CLIENT_ID": given["client_id"],
        "SF_CLIENT_SECRET": given["client_secret"],
        "SF_USERNAME": given["username"],
        "SF_PASSWORD": given["password"] + given["security_token"],
        "DRT_TELEMETRY": "0",
        "DO_NOT_TRACK": "1",
    }
