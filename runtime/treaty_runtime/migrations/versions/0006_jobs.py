"""The queue of jobs: procrastinate's tables, what was done, failed and came due; events that nobody takes."""

import sqlalchemy as sa
from alembic import op
from procrastinate.schema import SchemaManager
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant', true), '')::uuid"


def upgrade() -> None:
    """Create the queue, and who may do what with it."""
    _procrastinate()
    _enqueueing()
    _done()
    _failure()
    _tick()
    _events_out()


def downgrade() -> None:
    """Refuse: jobs that wait would be lost."""
    raise RuntimeError("Going back would drop the jobs that wait; restore a backup instead.")


def _procrastinate() -> None:
    """Procrastinate's own schema: the system role runs the queue."""
    op.execute("SET LOCAL search_path = treaty, pg_catalog")
    # As it is: a percent sign in it is no parameter.
    op.get_bind().exec_driver_sql(SchemaManager.get_schema(), execution_options={"no_parameters": True})
    # Its functions name its tables without the schema.
    op.execute("""
        DO $$
        DECLARE name regprocedure;
        BEGIN
            FOR name IN SELECT oid FROM pg_proc
                WHERE pronamespace = 'treaty'::regnamespace AND starts_with(proname, 'procrastinate_')
            LOOP
                EXECUTE 'ALTER FUNCTION ' || name || ' SET search_path = treaty, pg_catalog';
            END LOOP;
        END $$
    """)
    op.execute("RESET search_path")
    tables = ("jobs", "events", "periodic_defers", "workers")
    names = ", ".join(f"treaty.procrastinate_{table}" for table in tables)
    op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {names} TO treaty_system")
    sequences = ", ".join(f"treaty.procrastinate_{table}_id_seq" for table in tables[:3])
    op.execute(f"GRANT USAGE ON SEQUENCE {sequences} TO treaty_system")


def _enqueueing() -> None:
    """A request enqueues jobs of its own tenant, or of none, and sees no job at all."""
    # Once in the queue means: of what waits and of what runs. procrastinate's own index looks at what waits only.
    op.execute("""
        CREATE UNIQUE INDEX job_once ON treaty.procrastinate_jobs (queueing_lock) WHERE status IN ('todo', 'doing')
    """)
    _force_row_level_security("procrastinate_jobs")
    op.execute("GRANT INSERT ON treaty.procrastinate_jobs TO treaty_app")
    op.execute("GRANT USAGE ON SEQUENCE treaty.procrastinate_jobs_id_seq TO treaty_app")
    op.execute(
        f"CREATE POLICY enqueueing ON treaty.procrastinate_jobs FOR INSERT TO treaty_app "
        f"WITH CHECK (args ->> 'tenant' IS NULL OR (args ->> 'tenant')::uuid = {TENANT})"
    )
    op.execute("CREATE POLICY running ON treaty.procrastinate_jobs TO treaty_system USING (true)")
    # The history that procrastinate's triggers write is none of the app role's business.
    for function in ("status_events_insert_v1", "scheduled_events_v1"):
        op.execute(f"ALTER FUNCTION treaty.procrastinate_trigger_function_{function}() SECURITY DEFINER")


def _done() -> None:
    """Written in the job's own transaction: what is there is not done again, whatever happened afterwards."""
    op.create_table(
        "job_done",
        _job_id(),
        sa.Column("tenant", sa.Uuid()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, index=True),
        sa.Column("output", postgresql.JSONB()),
        schema="treaty",
    )
    _force_row_level_security("job_done")
    op.execute("GRANT SELECT, INSERT, UPDATE ON treaty.job_done TO treaty_app")
    op.execute(f"CREATE POLICY tenant ON treaty.job_done TO treaty_app USING (tenant IS NOT DISTINCT FROM {TENANT})")
    op.execute("GRANT SELECT ON treaty.job_done TO treaty_system")
    op.execute("CREATE POLICY looking ON treaty.job_done FOR SELECT TO treaty_system USING (true)")


def _failure() -> None:
    op.create_table(
        "job_failure",
        _job_id(),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=False),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.job_failure TO treaty_system")


def _tick() -> None:
    op.create_table(
        "job_tick",
        sa.Column("job", sa.Text(), primary_key=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        schema="treaty",
    )
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON treaty.job_tick TO treaty_system")


def _events_out() -> None:
    """Whether the jobs that follow an event are enqueued, and that its receiver would not take it in the end."""
    op.execute("ALTER TABLE treaty.outbox ADD COLUMN enqueued boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE treaty.outbox ADD COLUMN given_up_at timestamptz")
    op.drop_index("ix_outbox_waiting", "outbox", schema="treaty")
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["tenant", "id"],
        schema="treaty",
        postgresql_where=sa.text("published_at IS NULL AND given_up_at IS NULL"),
    )
    op.create_index(
        "ix_outbox_given_up",
        "outbox",
        ["id"],
        schema="treaty",
        postgresql_where=sa.text("given_up_at IS NOT NULL"),
    )


def _job_id() -> sa.Column[int]:
    queue = sa.ForeignKey("treaty.procrastinate_jobs.id", ondelete="CASCADE")
    return sa.Column("job_id", sa.BigInteger(), queue, primary_key=True, autoincrement=False)


def _force_row_level_security(table: str) -> None:
    op.execute(f"ALTER TABLE treaty.{table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE treaty.{table} FORCE ROW LEVEL SECURITY")
