# ruff: noqa: S608  the parts of the statements are the constants below
"""Partitions made ahead of time, and rows that are deleted when they are old."""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# How many periods are there before they begin: a worker may be off for as long.
AHEAD = "CASE entry.every WHEN 'day' THEN 14 WHEN 'month' THEN 4 ELSE 2 END"
NAMED = "CASE entry.every WHEN 'day' THEN 'YYYY_MM_DD' WHEN 'month' THEN 'YYYY_MM' ELSE 'YYYY' END"
PINNED = "SET search_path = pg_catalog, pg_temp SET timezone = 'UTC' SET datestyle = 'ISO'"
# What needs the owner's rights takes a time and nothing else, and never waits long for a lock: the worker comes again.
WITH_OWNERS_RIGHTS = f"SECURITY DEFINER {PINNED} SET lock_timeout = '1s'"

OWNERS_OWN = (
    "guard_partition",
    "make_default_partition",
    "partition_name",
    "lacks_partition",
    "make_partition",
    "empty_default_partition",
    "make_partitions",
    "drop_partition",
    "set_aside",
)


def upgrade() -> None:
    """Create the list of such tables, and the functions that make and drop partitions."""
    _lifecycle()
    _guard()
    _make_default_partition()
    _partition_name()
    _lacks_partition()
    _make_partition()
    _empty_default_partition()
    _make_partitions()
    _drop_partition()
    _set_aside()
    for function in OWNERS_OWN:
        op.execute(f"REVOKE EXECUTE ON FUNCTION treaty.{function} FROM PUBLIC")
    for function in ("make_partitions", "drop_partition"):
        op.execute(f"GRANT EXECUTE ON FUNCTION treaty.{function}(timestamptz) TO treaty_system")


def downgrade() -> None:
    """Refuse: partitioned tables could not be kept up any more."""
    raise RuntimeError("Going back would leave partitioned tables without partitions for new rows.")


def _lifecycle() -> None:
    # Written by the application's migrations; the worker reads it.
    op.execute("""
        CREATE TABLE treaty.lifecycle (
            table_name text PRIMARY KEY,
            partition_by text,
            partition_prefix text,
            every text CHECK (every IN ('day', 'month', 'year')),
            keep_for interval,
            keep_after text,
            CHECK (partition_by IS NULL OR (partition_prefix IS NOT NULL AND every IS NOT NULL)),
            CHECK ((keep_for IS NULL) = (keep_after IS NULL))
        )
    """)
    op.execute("GRANT SELECT ON treaty.lifecycle TO treaty_system")


def _guard() -> None:
    # A partition is reached through its table, whose policies and triggers count then. By itself it is nobody's.
    op.execute("""
        CREATE FUNCTION treaty.guard_partition(partition text) RETURNS void LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('ALTER TABLE public.%I ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY', partition);
            EXECUTE format(
                'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON public.%I '
                'FOR EACH STATEMENT EXECUTE FUNCTION treaty.refuse_change()', partition
            );
        END $$
    """)


def _make_default_partition() -> None:
    # For rows at a time that has no partition: no row is ever refused for want of one.
    op.execute("""
        CREATE FUNCTION treaty.make_default_partition(of_table text, partition text) RETURNS void
        LANGUAGE plpgsql AS $$
        BEGIN
            EXECUTE format('CREATE TABLE public.%I PARTITION OF public.%I DEFAULT', partition, of_table);
            PERFORM treaty.guard_partition(partition);
        END $$
    """)


def _partition_name() -> None:
    op.execute(f"""
        CREATE FUNCTION treaty.partition_name(entry treaty.lifecycle, start timestamptz) RETURNS text
        LANGUAGE sql STABLE {PINNED} RETURN entry.partition_prefix || '_' || to_char(start, {NAMED})
    """)


def _make_partition() -> None:
    # Made apart and attached then, which waits for nobody who adds rows. `spare` has rows that belong into it. They are
    # hidden before that, or their references would be checked again as the owner, who does not see what they refer to.
    op.execute(f"""
        CREATE FUNCTION treaty.make_partition(of_table text, start timestamptz, spare text DEFAULT NULL) RETURNS text
        LANGUAGE plpgsql {PINNED} AS $$
        DECLARE
            entry treaty.lifecycle;
            made text;
            until timestamptz;
        BEGIN
            SELECT * INTO STRICT entry FROM treaty.lifecycle WHERE table_name = of_table;
            made := treaty.partition_name(entry, start);
            until := start + ('1 ' || entry.every)::interval;
            EXECUTE format(
                'CREATE TABLE public.%I (LIKE public.%I INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', made, of_table
            );
            IF spare IS NOT NULL THEN
                EXECUTE format(
                    'WITH moved AS (DELETE FROM public.%I WHERE %I >= %L AND %I < %L RETURNING *) '
                    'INSERT INTO public.%I SELECT * FROM moved',
                    spare, entry.partition_by, start, entry.partition_by, until, made
                );
            END IF;
            PERFORM treaty.guard_partition(made);
            EXECUTE format(
                'ALTER TABLE public.%I ATTACH PARTITION public.%I FOR VALUES FROM (%L) TO (%L)',
                of_table, made, start, until
            );
            RETURN made;
        END $$
    """)


def _empty_default_partition() -> None:
    op.execute(f"""
        CREATE FUNCTION treaty.empty_default_partition(entry treaty.lifecycle, spare text) RETURNS SETOF text
        LANGUAGE plpgsql {PINNED} AS $$
        DECLARE
            starts timestamptz[];
            start timestamptz;
        BEGIN
            EXECUTE format('ALTER TABLE public.%I NO FORCE ROW LEVEL SECURITY, DISABLE TRIGGER append_only', spare);
            EXECUTE format(
                'SELECT array_agg(DISTINCT date_trunc(%L, %I)) FROM public.%I', entry.every, entry.partition_by, spare
            ) INTO starts;
            FOREACH start IN ARRAY coalesce(starts, '{{}}') LOOP
                RETURN NEXT treaty.make_partition(entry.table_name, start, spare);
            END LOOP;
            EXECUTE format('TRUNCATE public.%I', spare);
            EXECUTE format('ALTER TABLE public.%I FORCE ROW LEVEL SECURITY, ENABLE TRIGGER append_only', spare);
        END $$
    """)


def _make_partitions() -> None:
    # While something is made, nobody adds to the default partition, so that nothing is there which belongs elsewhere.
    op.execute(f"""
        CREATE FUNCTION treaty.make_partitions(moment timestamptz) RETURNS SETOF text
        LANGUAGE plpgsql {WITH_OWNERS_RIGHTS} AS $$
        DECLARE
            entry treaty.lifecycle;
            spare text;
            wanted timestamptz[];
            start timestamptz;
        BEGIN
            IF NOT pg_try_advisory_xact_lock(hashtext('treaty.lifecycle')) THEN
                RETURN;
            END IF;
            FOR entry IN SELECT * FROM treaty.lifecycle WHERE partition_by IS NOT NULL ORDER BY table_name LOOP
                spare := entry.partition_prefix || '_default';
                wanted := ARRAY(
                    SELECT date_trunc(entry.every, moment) + period * ('1 ' || entry.every)::interval
                    FROM generate_series(0, {AHEAD}) AS period
                );
                IF pg_relation_size(format('public.%I', spare)::regclass) = 0
                    AND NOT treaty.lacks_partition(entry, wanted) THEN
                    CONTINUE;
                END IF;
                EXECUTE format('LOCK TABLE public.%I IN ACCESS EXCLUSIVE MODE', spare);
                IF pg_relation_size(format('public.%I', spare)::regclass) > 0 THEN
                    RETURN QUERY SELECT treaty.empty_default_partition(entry, spare);
                END IF;
                FOREACH start IN ARRAY wanted LOOP
                    IF treaty.lacks_partition(entry, ARRAY[start]) THEN
                        RETURN NEXT treaty.make_partition(entry.table_name, start);
                    END IF;
                END LOOP;
            END LOOP;
        END $$
    """)


def _lacks_partition() -> None:
    op.execute("""
        CREATE FUNCTION treaty.lacks_partition(entry treaty.lifecycle, starts timestamptz[]) RETURNS boolean
        LANGUAGE sql STABLE RETURN EXISTS (
            SELECT FROM unnest(starts) AS start
            WHERE to_regclass(format('public.%I', treaty.partition_name(entry, start))) IS NULL
        )
    """)


def _drop_partition() -> None:
    # By both clocks: one that runs ahead, of the worker or of the database, deletes nothing too early.
    op.execute(f"""
        CREATE FUNCTION treaty.drop_partition(moment timestamptz) RETURNS text
        LANGUAGE plpgsql {WITH_OWNERS_RIGHTS} AS $$
        DECLARE
            entry treaty.lifecycle;
            old text;
        BEGIN
            IF NOT pg_try_advisory_xact_lock(hashtext('treaty.lifecycle')) THEN
                RETURN NULL;
            END IF;
            FOR entry IN
                SELECT * FROM treaty.lifecycle
                WHERE partition_by IS NOT NULL AND keep_for IS NOT NULL ORDER BY table_name
            LOOP
                SELECT relname INTO old FROM pg_inherits JOIN pg_class ON oid = inhrelid
                WHERE inhparent = format('public.%I', entry.table_name)::regclass
                AND (regexp_match(pg_get_expr(relpartbound, oid), $bound$TO \\('([^']+)'\\)$bound$))[1]::timestamptz
                    <= least(moment, clock_timestamp()) - entry.keep_for
                ORDER BY relname LIMIT 1;
                IF FOUND THEN
                    EXECUTE format('DROP TABLE public.%I', old);
                    RETURN old;
                END IF;
            END LOOP;
            RETURN NULL;
        END $$
    """)


def _set_aside() -> None:
    # For migrations: a table with its partitions goes out of the way of one that takes its name.
    op.execute("""
        CREATE FUNCTION treaty.set_aside(aside text) RETURNS void LANGUAGE plpgsql AS $$
        DECLARE
            partition regclass;
        BEGIN
            FOR partition IN
                SELECT inhrelid FROM pg_inherits WHERE inhparent = format('public.%I', aside)::regclass
            LOOP
                EXECUTE format('ALTER TABLE %s SET SCHEMA treaty', partition);
            END LOOP;
            EXECUTE format('ALTER TABLE public.%I SET SCHEMA treaty', aside);
        END $$
    """)
