"""Boards: who answered to a moniker last."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """To this step."""
    op.create_table(
        "boards",
        sa.Column("moniker", sa.Text, primary_key=True),
        sa.Column("board", sa.String(200), nullable=False),
    )


def downgrade() -> None:
    """Back from this step."""
    op.drop_table("boards")
