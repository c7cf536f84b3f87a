"""What an API key is for: operations and namespaces."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Keys that are there already are for everything, as they were."""
    op.add_column(
        "api_key",
        sa.Column("scopes", postgresql.ARRAY(sa.Text()), nullable=False, server_default="{}"),
        schema="treaty",
    )


def downgrade() -> None:
    """Refuse: keys that are for some operations would open all of them."""
    raise RuntimeError("Going back would let API keys call what they are not for; restore a backup instead.")
