"""What Alembic runs: the revisions, on the connection that `staging.migrate` opened and commits."""

from alembic import context


def run() -> None:
    """Run within the caller's transaction."""
    attributes = context.config.attributes
    context.configure(
        connection=attributes["connection"],
        version_table=attributes["version_table"],
        render_as_batch=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        context.run_migrations()


run()
