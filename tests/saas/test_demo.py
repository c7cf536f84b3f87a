"""The demonstration, given for real: alone, twice at once, after a crash, and where it cannot be."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support.project import ROOT
from treaty_runtime.embedded.server import EmbeddedPostgres

PATIENCE = 120
COMMAND = (sys.executable, "-m", "saas.demo")


def _environment(folder: Path, **more: str) -> dict[str, str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("TREATY_", "DATABASE_", "STRIPE_"))
    }
    return {**kept, "TREATY_DATA_DIR": str(folder), "TREATY_PORT": "0", "COLUMNS": "200", **more}


def once(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Give the demonstration once."""
    return subprocess.run(
        [*COMMAND, "--once"],
        cwd=ROOT,
        env=_environment(folder, **environment),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=PATIENCE,
        check=False,
    )


class Given:
    """A demonstration that goes on until it is stopped."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def said(self) -> str:
        """What it has said so far."""
        return self._output.read_text()

    @property
    def address(self) -> str:
        """Where it serves."""
        return next(line.split()[-1] for line in self.said.splitlines() if "API explorer" in line).removesuffix("/docs")

    def wait_for(self, words: str, where: Path | None = None) -> None:
        """Return when it has said so, on the terminal or in a file."""
        deadline = time.monotonic() + PATIENCE
        while words not in (where.read_text() if where else self.said):
            assert self.process.poll() is None, self.said
            assert time.monotonic() < deadline, self.said
            time.sleep(0.02)

    def stop(self, number: signal.Signals) -> int:
        """Send a signal; the exit code."""
        self.process.send_signal(number)
        return self.process.wait(timeout=PATIENCE)


@contextmanager
def given(folder: Path, **environment: str) -> Iterator[Given]:
    """Start the demonstration."""
    with tempfile.NamedTemporaryFile(prefix="demo-") as output:
        process = subprocess.Popen(
            COMMAND, cwd=ROOT, env=_environment(folder, **environment), stdout=output, stderr=subprocess.STDOUT
        )
        try:
            yield Given(process, Path(output.name))
        finally:
            process.kill()
            process.wait(timeout=PATIENCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder that does not exist yet; the first demonstration makes it."""
    return tmp_path_factory.mktemp("demo") / "new" / ".treaty"


@dataclass(frozen=True, slots=True)
class Used:
    """A data folder after a demonstration, and how that went."""

    folder: Path
    shown: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def used(folder: Path) -> Used:
    """The first demonstration in a data folder."""
    return Used(folder, once(folder))


def test_again_and_again(used: Used) -> None:
    for shown in (used.shown, once(used.folder)):
        assert shown.returncode == 0, shown.stdout
        assert shown.stdout.count("✓ as promised") == 15
        for words in ("POST /billing/usage", "201 Created", "Idempotency-Replayed", "limit_exceeded", "/docs", "Ann"):
            assert words in shown.stdout
        for words in ("303 See Other", "no_subscription", '"status": "active"', '"quantity": 42'):
            assert words in shown.stdout
        assert "Traceback" not in shown.stdout
        assert "✗" not in shown.stdout


def test_a_taken_port_and_a_database_that_is_somebody_elses(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        shown = once(
            folder, TREATY_PORT=port, DATABASE_URL="postgresql://db.example/production", STRIPE_API_KEY="sk_live_1"
        )
    assert shown.returncode == 0, shown.stdout
    assert f"Port {port} is taken, so the service listens on" in shown.stdout
    assert "DATABASE_URL left alone" in shown.stdout
    assert "STRIPE_API_KEY left alone" in shown.stdout


def test_two_at_once_and_the_end_of_both(folder: Path) -> None:
    with given(folder) as first, given(folder) as second:
        first.wait_for("Ctrl-C ends it.")
        second.wait_for("Ctrl-C ends it.")
        assert first.address != second.address
        assert second.stop(signal.SIGINT) == 0
        assert httpx.get(f"{first.address}/health/ready").json() == {"status": "ready"}
        assert "swagger" in httpx.get(f"{first.address}/docs").text
        first.wait_for('"billing.usage.recorded"', folder / "demo.log")  # the worker delivers what was told
        assert first.stop(signal.SIGTERM) == 0
        assert first.said.endswith("Stopped.\n")
        assert "Traceback" not in first.said + second.said


def test_stopped_before_it_has_begun(folder: Path) -> None:
    with given(folder) as demonstration:
        demonstration.wait_for("Starting PostgreSQL")
        assert demonstration.stop(signal.SIGTERM) == 128 + signal.SIGTERM
        assert "Traceback" not in demonstration.said


def test_what_a_killed_one_left_behind(folder: Path) -> None:
    with given(folder) as killed:
        killed.wait_for("Ctrl-C ends it.")
        killed.stop(signal.SIGKILL)
    shown = once(folder)
    assert shown.returncode == 0, shown.stdout


@pytest.mark.parametrize("place", ["a file", "nothing can be written here"])
def test_a_data_folder_that_cannot_be(tmp_path: Path, place: str) -> None:
    folder = tmp_path / "file"
    folder.touch()
    if place != "a file":
        folder = Path("/proc/treaty")  # not even root writes here
    shown = once(folder)
    assert shown.returncode == 1
    assert shown.stdout.startswith("The demonstration cannot be given. ")
    assert str(folder) in shown.stdout
    assert "TREATY_DATA_DIR" in shown.stdout
    assert "Traceback" not in shown.stdout


def test_a_database_of_another_history(used: Used) -> None:
    with (
        EmbeddedPostgres.start(used.folder / "postgres") as server,
        psycopg.connect(server.superuser_url()) as database,
    ):
        newest = database.execute("SELECT version_num FROM treaty.application_revision").fetchall()[0][0]
        database.execute("UPDATE treaty.application_revision SET version_num = 'of-another'")
        database.commit()
        shown = once(used.folder)
        database.execute("UPDATE treaty.application_revision SET version_num = %s", [newest])
    assert shown.returncode == 1
    assert "of-another" in shown.stdout
    assert "TREATY_DATA_DIR" in shown.stdout
    assert "Traceback" not in shown.stdout


def test_a_service_that_does_not_keep_its_word(used: Used) -> None:
    with (
        EmbeddedPostgres.start(used.folder / "postgres") as server,
        psycopg.connect(server.superuser_url()) as database,
    ):
        database.execute(
            'INSERT INTO billing_usage_limit (id, organization_id, meter_id, "window", "limit", enforcement)'
            " SELECT gen_random_uuid(), organization_id, id, 'day', 0, 'hard' FROM billing_meter"
            " WHERE feature = 'token_issuances'"
        )
    shown = once(used.folder)
    assert shown.returncode == 1
    assert "✗ not as promised: it is recorded" in shown.stdout
    assert "Not everything was answered as promised." in shown.stdout
