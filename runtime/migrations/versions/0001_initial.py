"""Initial."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "92524ae36aa9"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    _create_billing_membership()
    _create_billing_meter()
    _create_billing_organization()
    _create_billing_subscription()
    _create_billing_usage_event()
    _create_billing_usage_limit()
    _create_billing_usage_total()
    op.create_foreign_key(
        "fk_billing_membership_organization_id",
        "billing_membership",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_meter_organization_id", "billing_meter", "billing_organization", ["organization_id"], ["id"]
    )
    op.create_foreign_key(
        "fk_billing_subscription_organization_id",
        "billing_subscription",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_event_organization_id",
        "billing_usage_event",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_limit_meter_id",
        "billing_usage_limit",
        "billing_meter",
        ["organization_id", "meter_id"],
        ["organization_id", "id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_limit_organization_id",
        "billing_usage_limit",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_total_organization_id",
        "billing_usage_total",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )


def downgrade() -> None:
    """Refuse, because data would be lost."""
    reasons = [
        "it would lose the rows of billing_membership",
        "it would lose the rows of billing_meter",
        "it would lose the rows of billing_organization",
        "it would lose the rows of billing_subscription",
        "it would lose the rows of billing_usage_event",
        "it would lose the rows of billing_usage_limit",
        "it would lose the rows of billing_usage_total",
    ]
    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")


def _create_billing_membership() -> None:
    op.create_table(
        "billing_membership",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("role", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_membership"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_membership_organization_id_id"),
        sa.UniqueConstraint("organization_id", "person", name="uq_billing_membership_organization_id_person"),
        sa.CheckConstraint("char_length(person) >= 1", name="ck_billing_membership_person_min_length"),
        sa.CheckConstraint("role IN ('admin', 'member')", name="ck_billing_membership_role_values"),
    )
    op.execute("ALTER TABLE billing_membership ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_membership FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_membership TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("CREATE POLICY system_reads ON billing_membership FOR SELECT TO treaty_system USING (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_membership TO treaty_app")
    op.execute("GRANT SELECT ON billing_membership TO treaty_system")


def _create_billing_meter() -> None:
    op.create_table(
        "billing_meter",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("feature", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(32), nullable=False),
        sa.Column("product_area", sa.String(64), nullable=False, server_default=sa.text("'general'")),
        sa.Column("aggregation", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_meter"),
        sa.UniqueConstraint("organization_id", "feature", name="uq_billing_meter_organization_id_feature"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_meter_organization_id_id"),
        sa.CheckConstraint("aggregation IN ('sum', 'count', 'last')", name="ck_billing_meter_aggregation_values"),
        sa.CheckConstraint("char_length(feature) >= 1", name="ck_billing_meter_feature_min_length"),
        sa.CheckConstraint("char_length(product_area) >= 1", name="ck_billing_meter_product_area_min_length"),
        sa.CheckConstraint("char_length(unit) >= 1", name="ck_billing_meter_unit_min_length"),
    )
    op.execute("ALTER TABLE billing_meter ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_meter FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_meter TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_meter TO treaty_app")


def _create_billing_organization() -> None:
    op.create_table(
        "billing_organization",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_organization"),
        sa.CheckConstraint("char_length(name) >= 1", name="ck_billing_organization_name_min_length"),
    )
    op.execute("ALTER TABLE billing_organization ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_organization FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_organization TO treaty_app
        USING (id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("CREATE POLICY system_reads ON billing_organization FOR SELECT TO treaty_system USING (true)")
    op.execute("CREATE POLICY system_adds ON billing_organization FOR INSERT TO treaty_system WITH CHECK (true)")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_organization TO treaty_app")
    op.execute("GRANT SELECT, INSERT ON billing_organization TO treaty_system")


def _create_billing_subscription() -> None:
    op.create_table(
        "billing_subscription",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("plan", sa.String(64), nullable=False),
        sa.Column("status", sa.String(100), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("upgrade_url", sa.String(2000), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_subscription"),
        sa.UniqueConstraint("organization_id", name="uq_billing_subscription_organization_id"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_subscription_organization_id_id"),
        sa.CheckConstraint("char_length(plan) >= 1", name="ck_billing_subscription_plan_min_length"),
        sa.CheckConstraint(
            "status IN ('trialing', 'active', 'past_due', 'paused', 'canceled')",
            name="ck_billing_subscription_status_values",
        ),
    )
    op.execute("ALTER TABLE billing_subscription ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_subscription FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_subscription TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_subscription TO treaty_app")


def _create_billing_usage_event() -> None:
    op.create_table(
        "billing_usage_event",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("feature", sa.String(64), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("billing_period", sa.String(10), nullable=False),
        sa.Column("source_id", sa.String(200), nullable=True),
        sa.Column("metadata", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_event"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_event_organization_id_id"),
        sa.UniqueConstraint(
            "organization_id", "idempotency_key", name="uq_billing_usage_event_organization_id_idempotency_key"
        ),
        sa.CheckConstraint("quantity >= 0", name="ck_billing_usage_event_quantity_minimum"),
    )
    op.create_index(
        "ix_billing_usage_event_organization_id_feature_occurred_at",
        "billing_usage_event",
        ["organization_id", "feature", "occurred_at"],
    )
    op.execute("ALTER TABLE billing_usage_event ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_event FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_event TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT ON billing_usage_event TO treaty_app")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON billing_usage_event
        FOR EACH STATEMENT EXECUTE FUNCTION treaty.refuse_change()
    """)


def _create_billing_usage_limit() -> None:
    op.create_table(
        "billing_usage_limit",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("meter_id", sa.Uuid(), nullable=False),
        sa.Column("window", sa.String(100), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=False),
        sa.Column("enforcement", sa.String(100), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_limit"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_limit_organization_id_id"),
        sa.UniqueConstraint(
            "organization_id", "meter_id", "window", name="uq_billing_usage_limit_organization_id_meter_id_window"
        ),
        sa.CheckConstraint("enforcement IN ('hard', 'soft')", name="ck_billing_usage_limit_enforcement_values"),
        sa.CheckConstraint('"limit" >= 0', name="ck_billing_usage_limit_limit_minimum"),
        sa.CheckConstraint("\"window\" IN ('day', 'billing_period')", name="ck_billing_usage_limit_window_values"),
    )
    op.execute("ALTER TABLE billing_usage_limit ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_limit FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_limit TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_usage_limit TO treaty_app")


def _create_billing_usage_total() -> None:
    op.create_table(
        "billing_usage_total",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("feature", sa.String(64), nullable=False),
        sa.Column("window", sa.String(100), nullable=False),
        sa.Column("period", sa.String(10), nullable=False),
        sa.Column("usage", sa.BigInteger(), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("last_occurred_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_event", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_total"),
        sa.UniqueConstraint(
            "organization_id",
            "feature",
            "window",
            "period",
            name="uq_billing_usage_total_organization_id_feature_window_period",
        ),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_total_organization_id_id"),
        sa.CheckConstraint("events >= 0", name="ck_billing_usage_total_events_minimum"),
        sa.CheckConstraint("usage >= 0", name="ck_billing_usage_total_usage_minimum"),
        sa.CheckConstraint("\"window\" IN ('day', 'billing_period')", name="ck_billing_usage_total_window_values"),
    )
    op.execute("ALTER TABLE billing_usage_total ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_total FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_total TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_usage_total TO treaty_app")
