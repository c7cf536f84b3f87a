"""The inbox of webhooks: every event that came, as it came, and what became of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table. It is the system role's: what others tell may be about any tenant."""
    op.create_table(
        "webhook_delivery",
        sa.Column("webhook", sa.Text(), primary_key=True),
        sa.Column("event_id", sa.Text(), primary_key=True),
        sa.Column("type", sa.Text()),
        sa.Column("api_version", sa.Text()),
        sa.Column("occurred_at", sa.DateTime(timezone=True)),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("said", sa.Text()),
        sa.Column("job", sa.BigInteger()),
        sa.Column("jobs", postgresql.ARRAY(sa.BigInteger())),
        sa.Column("settled_at", sa.DateTime(timezone=True)),
        sa.Column("forget_at", sa.DateTime(timezone=True), index=True),
        sa.CheckConstraint(
            "state IN ('received', 'routed', 'ignored', 'unmatched', 'unreadable')", name="ck_webhook_delivery_state"
        ),
        schema="treaty",
    )
    op.create_index(
        "ix_treaty_webhook_delivery_open",
        "webhook_delivery",
        ["state", "received_at"],
        schema="treaty",
        postgresql_where=sa.text("state IN ('received', 'unmatched', 'unreadable')"),
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.webhook_delivery TO treaty_system")
    # What finds out whose an event is works for no tenant, as the system role, and marks that it is done.
    op.execute("GRANT INSERT, UPDATE ON treaty.job_done TO treaty_system")
    op.execute(
        "CREATE POLICY routing ON treaty.job_done TO treaty_system USING (tenant IS NULL) WITH CHECK (tenant IS NULL)"
    )


def downgrade() -> None:
    """Refuse: events that wait would be lost."""
    raise RuntimeError("Going back would drop the events that wait; restore a backup instead.")
