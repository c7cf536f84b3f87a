"""Which rows an audited call read and wrote."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Records that are there already do not say."""
    op.add_column("audit", sa.Column("rows", postgresql.JSONB()), schema="treaty")


def downgrade() -> None:
    """Refuse: the audit is append-only."""
    raise RuntimeError("Going back would take something out of the audit; restore a backup instead.")
