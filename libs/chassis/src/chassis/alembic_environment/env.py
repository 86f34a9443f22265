"""Alembic environment of every service; `chassis.database.migrate` hands the connection over."""

from alembic import context

context.configure(
    connection=context.config.attributes["connection"],
    # SQLite does run DDL in transactions: a migration that fails leaves nothing half-done.
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
