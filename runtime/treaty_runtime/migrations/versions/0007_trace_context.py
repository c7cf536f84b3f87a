"""Events keep the trace that they were told in, so that delivering them is a part of it."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: a `traceparent` of W3C's Trace Context, NULL while nothing is traced."""
    op.add_column("outbox", sa.Column("traceparent", sa.Text()), schema="treaty")


def downgrade() -> None:
    """Drop it: traces of events that are not delivered yet end at the request."""
    op.drop_column("outbox", "traceparent", schema="treaty")
