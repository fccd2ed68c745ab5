"""What Alembic runs: the revisions, on the connection that `staging.migrate` opened and commits, or into a script."""

from alembic import context

from intacct_sf_pipeline.staging.dialects.scripts import PARAMETERS


def run() -> None:
    """Run within the caller's transaction; for a script, write them down for a server by its name."""
    attributes = context.config.attributes
    if context.is_offline_mode():
        target = {"dialect_name": attributes["server"], "dialect_opts": PARAMETERS, "literal_binds": True}
    else:
        target = {"connection": attributes["connection"]}
    context.configure(**target, version_table=attributes["version_table"], render_as_batch=True, transactional_ddl=True)
    if context.is_offline_mode():
        context.get_context().dialect.default_schema_name = attributes["schema"]
    with context.begin_transaction():
        context.run_migrations()


run()
