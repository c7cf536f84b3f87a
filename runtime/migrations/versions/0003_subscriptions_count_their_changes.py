"""Subscriptions count their changes."""

import sqlalchemy as sa
from alembic import op

revision = "e0114d68cf6c"
down_revision = "3a519ebd87b5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.add_column(
        "billing_subscription", sa.Column("revision", sa.BigInteger(), nullable=False, server_default=sa.text("1"))
    )


def downgrade() -> None:
    """Refuse, because data would be lost."""
    reasons = [
        "it would lose the values of billing_subscription.revision",
    ]
    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")
