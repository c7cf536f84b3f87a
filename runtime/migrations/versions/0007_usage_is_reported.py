"""Usage is reported."""

import sqlalchemy as sa
from alembic import op

revision = "831b3bad0bfc"
down_revision = "3f2f2ab16b7e"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Go forward."""
    _create_billing_usage_batch()
    _create_billing_usage_report()
    _create_billing_usage_reporting()
    op.add_column("billing_usage_event", sa.Column("voids", sa.Uuid(), nullable=True))
    op.create_index(
        "ix_billing_usage_event_organization_id_recorded_at_id",
        "billing_usage_event",
        ["organization_id", "recorded_at", "id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_batch_organization_id",
        "billing_usage_batch",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_report_organization_id",
        "billing_usage_report",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )
    op.create_foreign_key(
        "fk_billing_usage_reporting_organization_id",
        "billing_usage_reporting",
        "billing_organization",
        ["organization_id"],
        ["id"],
    )


def downgrade() -> None:
    """Refuse, because data would be lost."""
    reasons = [
        "it would lose the rows of billing_usage_batch",
        "it would lose the rows of billing_usage_report",
        "it would lose the rows of billing_usage_reporting",
        "it would lose the values of billing_usage_event.voids",
    ]
    raise RuntimeError(f"There is no way back: {'; '.join(reasons)}. Write a new revision instead.")


def _create_billing_usage_batch() -> None:
    op.create_table(
        "billing_usage_batch",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("way", sa.String(100), nullable=False),
        sa.Column("records", sa.BigInteger(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_batch"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_batch_organization_id_id"),
        sa.CheckConstraint("attempts >= 0", name="ck_billing_usage_batch_attempts_minimum"),
        sa.CheckConstraint("records >= 0", name="ck_billing_usage_batch_records_minimum"),
        sa.CheckConstraint("way IN ('events', 'stream', 'voids')", name="ck_billing_usage_batch_way_values"),
    )
    op.create_index("ix_billing_usage_batch_claimed_at", "billing_usage_batch", ["claimed_at"])
    op.create_index(
        "ix_billing_usage_batch_organization_id_sent_at", "billing_usage_batch", ["organization_id", "sent_at"]
    )
    op.execute("""
        INSERT INTO treaty.lifecycle (table_name, keep_for, keep_after)
        VALUES ('billing_usage_batch', '60 days', 'claimed_at')
    """)
    op.execute("ALTER TABLE billing_usage_batch ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_batch FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_batch TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_usage_batch TO treaty_app")
    op.execute("GRANT SELECT, DELETE ON billing_usage_batch TO treaty_system")
    op.execute("""
        CREATE POLICY retention ON billing_usage_batch TO treaty_system
        USING (claimed_at < now() - interval '60 days')
    """)


def _create_billing_usage_report() -> None:
    op.create_table(
        "billing_usage_report",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch", sa.Uuid(), nullable=False),
        sa.Column("problem", sa.String(64), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_report"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_report_organization_id_id"),
    )
    op.create_index(
        "ix_billing_usage_report_organization_id_batch", "billing_usage_report", ["organization_id", "batch"]
    )
    op.create_index("ix_billing_usage_report_recorded_at", "billing_usage_report", ["recorded_at"])
    op.execute("""
        INSERT INTO treaty.lifecycle (table_name, keep_for, keep_after)
        VALUES ('billing_usage_report', '60 days', 'recorded_at')
    """)
    op.execute("ALTER TABLE billing_usage_report ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_report FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_report TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_usage_report TO treaty_app")
    op.execute("GRANT SELECT, DELETE ON billing_usage_report TO treaty_system")
    op.execute("""
        CREATE POLICY retention ON billing_usage_report TO treaty_system
        USING (recorded_at < now() - interval '60 days')
    """)


def _create_billing_usage_reporting() -> None:
    op.create_table(
        "billing_usage_reporting",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("organization_id", sa.Uuid(), nullable=False),
        sa.Column("until_recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_record", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_billing_usage_reporting"),
        sa.UniqueConstraint("organization_id", name="uq_billing_usage_reporting_organization_id"),
        sa.UniqueConstraint("organization_id", "id", name="uq_billing_usage_reporting_organization_id_id"),
    )
    op.execute("ALTER TABLE billing_usage_reporting ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE billing_usage_reporting FORCE ROW LEVEL SECURITY")
    op.execute("""
        CREATE POLICY tenant ON billing_usage_reporting TO treaty_app
        USING (organization_id = nullif(current_setting('app.tenant', true), '')::uuid)
    """)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON billing_usage_reporting TO treaty_app")
