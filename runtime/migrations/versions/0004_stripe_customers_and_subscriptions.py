# ruff: noqa: E501  a condition is longer than a line
"""Organizations are customers of Stripe, and subscriptions mirror its own."""

import sqlalchemy as sa
from alembic import op

revision = "bf85fdcfcd09"
down_revision = "e0114d68cf6c"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    op.drop_constraint("ck_billing_subscription_status_values", "billing_subscription", type_="check")
    op.add_column("billing_organization", sa.Column("stripe_customer_id", sa.String(255), nullable=True))
    op.add_column("billing_subscription", sa.Column("stripe_subscription_id", sa.String(255), nullable=True))
    op.create_unique_constraint(
        "uq_billing_organization_stripe_customer_id", "billing_organization", ["stripe_customer_id"]
    )
    op.create_check_constraint(
        "ck_billing_organization_stripe_customer_id_min_length",
        "billing_organization",
        "char_length(stripe_customer_id) >= 1",
    )
    op.create_check_constraint(
        "ck_billing_subscription_status_values",
        "billing_subscription",
        "status IN ('trialing', 'active', 'past_due', 'paused', 'canceled', 'incomplete', 'incomplete_expired', 'unpaid')",
    )
    op.create_check_constraint(
        "ck_billing_subscription_stripe_subscription_id_min_length",
        "billing_subscription",
        "char_length(stripe_subscription_id) >= 1",
    )


def downgrade() -> None:
    """Refuse, because data would be lost."""
    reasons = [
        "it would lose the values of billing_organization.stripe_customer_id",
        "it would lose the values of billing_subscription.stripe_subscription_id",
    ]
    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")
