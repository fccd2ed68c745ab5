"""The floor of staging: the rows that a staged and planned change leaves, inserted by the driver's fast path.

    python -m benchmarks.work.bulk_insert URL

Run after `reconcile` on the same database. SQLite: one `executemany` in one transaction; PostgreSQL: COPY.
"""

from __future__ import annotations

import json
import sys
import time

from sqlalchemy import Connection, text

from intacct_sf_pipeline.staging.dialects import create_staging_engine

TABLES = {"canonical_accounts_salesforce": "", "plan_lines": " WHERE run_id = 'changed'"}


def measure(url: str) -> dict[str, float | int]:
    """Rows copied and the seconds of the inserts alone."""
    engine = create_staging_engine(url)
    found: dict[str, float | int] = {"rows": 0, "seconds": 0.0}
    with engine.connect() as connection:
        for table, which in TABLES.items():
            rows = [tuple(row) for row in connection.execute(text(f"SELECT * FROM {table}{which}"))]
            connection.execute(text(f"CREATE TABLE floor_{table} AS SELECT * FROM {table} WHERE 1 = 0"))
            connection.commit()
            began = time.perf_counter()
            if rows:
                _insert(connection, f"floor_{table}", rows)
            connection.commit()
            found["seconds"] += time.perf_counter() - began
            found["rows"] += len(rows)
            connection.execute(text(f"DROP TABLE floor_{table}"))
            connection.commit()
    engine.dispose()
    return found


def _insert(connection: Connection, table: str, rows: list[tuple[object, ...]]) -> None:
    raw = connection.connection.driver_connection
    assert raw is not None
    if connection.dialect.name == "postgresql":
        with raw.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN") as copy:
            for row in rows:
                copy.write_row([_plain(value) for value in row])
        return
    marks = ", ".join("?" * len(rows[0]))
    raw.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)


def _plain(value: object) -> object:
    return json.dumps(value) if isinstance(value, dict | list) else value


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1])))
