"""How many tokens of a rate limit were taken last: a replica takes several at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """The statement that takes tokens says with it how many it took."""
    op.add_column(
        "rate_limit", sa.Column("taken", sa.Double(), nullable=False, server_default=sa.text("1")), schema="treaty"
    )


def downgrade() -> None:
    """Forget it: it is of use to nobody but the statement itself."""
    op.drop_column("rate_limit", "taken", schema="treaty")
