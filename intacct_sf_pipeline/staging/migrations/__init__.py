"""The history of the engine's own tables, for Alembic; run by `staging.migrate`."""
