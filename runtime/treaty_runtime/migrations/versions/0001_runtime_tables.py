"""The runtime's own tables: keys, limits, idempotency, outbox, audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"


def upgrade() -> None:
    """Create the tables, who may do what with them, and what keeps tenants apart."""
    op.execute("GRANT USAGE ON SCHEMA treaty TO treaty_app, treaty_system")
    op.execute("""
        CREATE FUNCTION treaty.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            RAISE EXCEPTION '% is append-only: its rows are never changed or deleted', TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
        END $$
    """)
    _api_key()
    _rate_limit()
    _failed_attempt()
    _idempotency()
    _outbox()
    _audit()


def downgrade() -> None:
    """Refuse: keys, undelivered events and the audit would be lost."""
    raise RuntimeError("Going back would drop API keys, undelivered events and the audit; restore a backup instead.")


def _api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("prefix", sa.Text(), nullable=False, unique=True),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("tenant", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("last_used_at", sa.DateTime(timezone=True)),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON treaty.api_key TO treaty_system")


def _rate_limit() -> None:
    op.create_table(
        "rate_limit",
        sa.Column("bucket", sa.Text(), primary_key=True),
        sa.Column("tokens", sa.Double(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.rate_limit TO treaty_system")


def _failed_attempt() -> None:
    op.create_table(
        "failed_attempt",
        sa.Column("address", sa.Text(), primary_key=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("window_started_at", sa.DateTime(timezone=True), nullable=False),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.failed_attempt TO treaty_system")


def _idempotency() -> None:
    op.create_table(
        "idempotency",
        sa.Column("tenant", sa.Uuid(), primary_key=True),
        sa.Column("operation", sa.Text(), primary_key=True),
        sa.Column("key", sa.Text(), primary_key=True),
        sa.Column("request_hash", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("body", sa.LargeBinary()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, index=True),
        schema="treaty",
    )
    _force_row_level_security("idempotency")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.idempotency TO treaty_app")
    # Calls without a tenant share the keys of the nil UUID.
    op.execute(
        f"CREATE POLICY tenant ON treaty.idempotency TO treaty_app "
        f"USING (tenant = coalesce({TENANT}, '00000000-0000-0000-0000-000000000000'))"
    )
    # Pruning spans tenants.
    op.execute("GRANT SELECT, DELETE ON treaty.idempotency TO treaty_system")
    op.execute("CREATE POLICY pruning ON treaty.idempotency TO treaty_system USING (true)")


def _outbox() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), primary_key=True),
        sa.Column("event_id", sa.Uuid(), nullable=False, unique=True),
        sa.Column("tenant", sa.Uuid()),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("payload", postgresql.JSONB(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True)),
        sa.Column("last_error", sa.Text()),
        schema="treaty",
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["tenant", "id"],
        schema="treaty",
        postgresql_where=sa.text("published_at IS NULL"),
    )
    op.create_index("ix_outbox_published_at", "outbox", ["published_at"], schema="treaty")
    _force_row_level_security("outbox")
    # A request tells events of its own tenant; one without a tenant tells events without.
    op.execute("GRANT INSERT ON treaty.outbox TO treaty_app")
    op.execute(
        f"CREATE POLICY telling ON treaty.outbox FOR INSERT TO treaty_app "
        f"WITH CHECK (tenant IS NOT DISTINCT FROM {TENANT})"
    )
    op.execute("GRANT SELECT, UPDATE, DELETE ON treaty.outbox TO treaty_system")
    op.execute("CREATE POLICY relaying ON treaty.outbox TO treaty_system USING (true)")
    op.execute("""
        CREATE FUNCTION treaty.wake_relay() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            PERFORM pg_notify('treaty_outbox', '');
            RETURN NULL;
        END $$
    """)
    op.execute("""
        CREATE TRIGGER wake_relay AFTER INSERT ON treaty.outbox
        FOR EACH STATEMENT EXECUTE FUNCTION treaty.wake_relay()
    """)


def _audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tenant", sa.Uuid()),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("principal_kind", sa.Text(), nullable=False),
        sa.Column("principal_id", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("input", postgresql.JSONB()),
        schema="treaty",
    )
    op.create_index("ix_audit_tenant_at", "audit", ["tenant", "at"], schema="treaty")
    _force_row_level_security("audit")
    op.execute("GRANT INSERT ON treaty.audit TO treaty_app")
    op.execute(
        f"CREATE POLICY recording ON treaty.audit FOR INSERT TO treaty_app "
        f"WITH CHECK (tenant IS NOT DISTINCT FROM {TENANT})"
    )
    # Refusals are recorded after the request's own transaction is rolled back, some before a tenant is known.
    op.execute("GRANT SELECT, INSERT ON treaty.audit TO treaty_system")
    op.execute("CREATE POLICY recording_refusals ON treaty.audit TO treaty_system USING (true)")
    op.execute("""
        CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON treaty.audit
        FOR EACH STATEMENT EXECUTE FUNCTION treaty.refuse_change()
    """)


def _force_row_level_security(table: str) -> None:
    op.execute(f"ALTER TABLE treaty.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE treaty.{table} FORCE ROW LEVEL SECURITY")
