"""How Alembic reaches the database: through the connection that ``storage.schema`` hands it, in its transaction."""

from __future__ import annotations

from typing import Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import JSON, Enum

from qa_service.storage.tables import Table, UtcDateTime, Yuan


def _render(kind: str, item: object, autogen: AutogenContext) -> str | Literal[False]:
    """Write our own column types into new migrations as plain SQLAlchemy ones: a migration must not change with us."""
    if kind != "type":
        return False
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Enum):
        return f"sa.String(length={item.length})"
    if isinstance(item, Yuan):
        return "sa.BigInteger()"
    if isinstance(item, JSON):
        autogen.imports.add("from sqlalchemy.dialects import postgresql")
        return 'sa.JSON().with_variant(postgresql.JSONB(), "postgresql")'
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_item=_render,
    compare_type=True,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
