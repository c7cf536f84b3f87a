"""Plans by their ids."""

import sqlalchemy as sa
from alembic import op

revision = "a3f657c77019"
down_revision = "831b3bad0bfc"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.alter_column("billing_subscription", "plan", existing_type=sa.String(64), type_=sa.String(255))


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.alter_column("billing_subscription", "plan", existing_type=sa.String(255), type_=sa.String(64))
