"""Entitlements."""

import sqlalchemy as sa
from alembic import op

revision = "3f2f2ab16b7e"
down_revision = "a96c11f5b2c1"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    _create_billing_entitlement()
    op.add_column("billing_subscription", sa.Column("past_due_since", sa.DateTime(timezone=True), nullable=True))
    op.add_column("billing_subscription", sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True))
    op.create_foreign_key(
        "fk_billing_entitlement_organization_id",
        "billing_entitlement",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )


def downgrade() -> None:
    """Refuse, because data would be lost."""
    reasons = [
        "it would lose the rows of billing_entitlement",
        "it would lose the values of billing_subscription.past_due_since",
        "it would lose the values of billing_subscription.ended_at",
    ]
    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")


def _create_billing_entitlement() -> None:
    op.create_table(
        "billing_entitlement",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("feature", sa.String(80), nullable=False),
        sa.Column("source", sa.String(100), nullable=False),
        sa.Column("stripe_entitlement_id", sa.String(255), nullable=True),
        sa.Column("lapsed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_entitlement"),
        sa.UniqueConstraint(
            "organization_id", "feature", "source", name="uq_billing_entitlement_organization_id_feature_source"
        ),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_entitlement_organization_id_id"),
        sa.CheckConstraint("char_length(feature) >= 1", name="ck_billing_entitlement_feature_min_length"),
        sa.CheckConstraint("source IN ('stripe', 'agreement')", name="ck_billing_entitlement_source_values"),
        sa.CheckConstraint(
            "char_length(stripe_entitlement_id) >= 1", name="ck_billing_entitlement_stripe_entitlement_id_min_length"
        ),
    )
    op.execute("ALTER TABLE billing_entitlement ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_entitlement FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_entitlement TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_entitlement TO treaty_app")
