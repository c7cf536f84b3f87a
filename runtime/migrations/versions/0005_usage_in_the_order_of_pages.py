"""Usage in the order of its pages."""

from alembic import op

revision = "a96c11f5b2c1"
down_revision = "bf85fdcfcd09"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_index("ix_billing_usage_event_organization_id_feature_occurred_at", table_name="billing_usage_event")
    op.create_index(
        "ix_billing_usage_event_organization_id_feature_occurred_at_id",
        "billing_usage_event",
        ["organization_id", "feature", "occurred_at", "id"],
    )


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.drop_index("ix_billing_usage_event_organization_id_feature_occurred_at_id", table_name="billing_usage_event")
    op.create_index(
        "ix_billing_usage_event_organization_id_feature_occurred_at",
        "billing_usage_event",
        ["organization_id", "feature", "occurred_at"],
    )
