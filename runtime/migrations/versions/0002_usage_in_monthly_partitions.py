# ruff: noqa: E501  a condition is longer than a line
"""Usage in monthly partitions."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "3a519ebd87b5"
down_revision = "92524ae36aa9"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    # billing_usage_event is made anew, and its rows move into it; it is locked meanwhile.
    op.execute("ALTER TABLE billing_usage_event NO FORCE ROW LEVEL SECURITY")
    op.execute("SELECT treaty.set_aside('billing_usage_event')")
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
        sa.PrimaryKeyConstraint("id", "recorded_at", name="pk_billing_usage_event"),
        sa.CheckConstraint("quantity >= 0", name="ck_billing_usage_event_quantity_minimum"),
        postgresql_partition_by="RANGE (recorded_at)",
    )
    op.execute("SELECT treaty.make_default_partition('billing_usage_event', 'billing_usage_event_default')")
    op.execute("""
        INSERT INTO treaty.lifecycle (table_name, partition_by, partition_prefix, every, keep_for, keep_after)
        VALUES ('billing_usage_event', 'recorded_at', 'billing_usage_event', 'month', '400 days', 'recorded_at')
    """)
    op.execute("""
        SELECT treaty.make_partition('billing_usage_event', period)
        FROM (SELECT DISTINCT date_trunc('month', recorded_at, 'UTC') AS period FROM treaty.billing_usage_event) AS periods
    """)
    op.execute("""
        INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at, billing_period, source_id, metadata)
        SELECT id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at, billing_period, source_id, metadata FROM treaty.billing_usage_event
    """)
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
    op.create_foreign_key(
        "fk_billing_usage_event_organization_id",
        "billing_usage_event",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.execute("DROP TABLE treaty.billing_usage_event")
    _create_billing_usage_event_by_idempotency_key()


def downgrade() -> None:
    """Go back; nothing is lost."""
    op.execute("DROP TRIGGER billing_usage_event_by_idempotency_key ON billing_usage_event")
    op.execute("DROP FUNCTION billing_usage_event_by_idempotency_key()")
    op.execute("DROP POLICY retention ON billing_usage_event_by_idempotency_key")
    op.execute("DROP INDEX billing_usage_event_by_idempotency_key_ages")
    op.execute("REVOKE SELECT, DELETE ON billing_usage_event_by_idempotency_key FROM treaty_system")
    op.execute("REVOKE SELECT, INSERT ON billing_usage_event_by_idempotency_key FROM treaty_app")
    op.execute("DROP POLICY tenant ON billing_usage_event_by_idempotency_key")
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key DISABLE ROW LEVEL SECURITY")
    op.execute("DELETE FROM treaty.lifecycle WHERE table_name = 'billing_usage_event_by_idempotency_key'")
    op.drop_table("billing_usage_event_by_idempotency_key")
    # billing_usage_event is made anew, and its rows move into it; it is locked meanwhile.
    op.execute("DELETE FROM treaty.lifecycle WHERE table_name = 'billing_usage_event'")
    op.execute("ALTER TABLE billing_usage_event NO FORCE ROW LEVEL SECURITY")
    op.execute("SELECT treaty.set_aside('billing_usage_event')")
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
    op.execute("""
        INSERT INTO billing_usage_event (id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at, billing_period, source_id, metadata)
        SELECT id, organization_id, feature, quantity, idempotency_key, occurred_at, recorded_at, billing_period, source_id, metadata FROM treaty.billing_usage_event
    """)
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
    op.create_foreign_key(
        "fk_billing_usage_event_organization_id",
        "billing_usage_event",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.execute("DROP TABLE treaty.billing_usage_event")


def _create_billing_usage_event_by_idempotency_key() -> None:
    op.create_table(
        "billing_usage_event_by_idempotency_key",
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("idempotency_key", sa.String(100), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint(
            "organization_id", "idempotency_key", name="uq_billing_usage_event_organization_id_idempotency_key"
        ),
    )
    op.execute("""
        INSERT INTO treaty.lifecycle (table_name, every, keep_for, keep_after)
        VALUES ('billing_usage_event_by_idempotency_key', 'month', '400 days', 'recorded_at')
    """)
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_event_by_idempotency_key TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT ON billing_usage_event_by_idempotency_key TO treaty_app")
    op.execute("GRANT SELECT, DELETE ON billing_usage_event_by_idempotency_key TO treaty_system")
    op.execute(
        "CREATE INDEX billing_usage_event_by_idempotency_key_ages ON billing_usage_event_by_idempotency_key USING brin (recorded_at)",
    )
    op.execute("""
        CREATE POLICY retention ON billing_usage_event_by_idempotency_key TO treaty_system
        USING (recorded_at < date_trunc('month', now() - interval '400 days', 'UTC'))
    """)
    op.execute("""
        CREATE FUNCTION billing_usage_event_by_idempotency_key() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO public.billing_usage_event_by_idempotency_key (organization_id, idempotency_key, id, recorded_at)
            SELECT organization_id, idempotency_key, id, recorded_at FROM added;
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER billing_usage_event_by_idempotency_key AFTER INSERT ON billing_usage_event REFERENCING NEW TABLE AS added
        FOR EACH STATEMENT EXECUTE FUNCTION billing_usage_event_by_idempotency_key()
    """)
    # Rows of every tenant get their keys in billing_usage_event_by_idempotency_key.
    op.execute("ALTER TABLE billing_usage_event NO FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        INSERT INTO billing_usage_event_by_idempotency_key (organization_id, idempotency_key, id, recorded_at)
        SELECT organization_id, idempotency_key, id, recorded_at FROM billing_usage_event
    """)
    op.execute("ALTER TABLE billing_usage_event FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_event_by_idempotency_key FORCE ROW LEVEL SECURITY")
