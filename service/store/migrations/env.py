"""Alembic's entry: runs the steps on the connection that ``migrate`` brings along."""

from alembic import context

from otolith.service.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
