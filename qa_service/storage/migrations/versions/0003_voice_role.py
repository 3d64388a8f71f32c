"""A person's word on who speaks, and how the dialler says an attempt ended."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("call", sa.Column("outcome", sa.String(length=20), nullable=True))
    op.create_table(
        "voice_role",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("call_id", sa.String(length=100), nullable=False),
        sa.Column("voice", sa.String(length=20), nullable=False),
        sa.Column("speaker", sa.String(length=20), nullable=False),
        sa.Column("actor", sa.String(length=100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["call.call_id"], name=op.f("fk_voice_role_call_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_role")),
    )
    op.create_index(op.f("ix_voice_role_call_id"), "voice_role", ["call_id"], unique=False)
