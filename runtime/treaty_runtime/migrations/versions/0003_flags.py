"""Feature flags: for which share of the tenants each is on, and for which single ones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """All flags are off until somebody turns them."""
    op.create_table(
        "flag",
        sa.Column("name", sa.Text(), primary_key=True),
        sa.Column("percent", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("percent BETWEEN 0 AND 100", name="ck_flag_percent"),
        schema="treaty",
    )
    op.create_table(
        "flag_tenant",
        sa.Column("flag", sa.Text(), primary_key=True),
        sa.Column("tenant", sa.Uuid(), primary_key=True),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.flag, treaty.flag_tenant TO treaty_system")


def downgrade() -> None:
    """Refuse: what is behind a flag would be gone for everybody."""
    raise RuntimeError("Going back would turn every flag off; restore a backup instead.")
