"""The mock as a process of its own, as consumers start it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

ROOT = Path(__file__).parents[2]
PATIENCE = 120.0
RUNNING = re.compile(r"on (http://\S+) \(Ctrl-C ends it\)")


@dataclass(frozen=True, slots=True)
class Mock:
    """A running mock, what it prints, and its process."""

    address: str
    log: Path
    process: subprocess.Popen[bytes]

    def client(self, **headers: str) -> httpx.Client:
        """A client that has a token, as most callers do."""
        return httpx.Client(base_url=self.address, headers={"Authorization": "Bearer x", **headers}, timeout=PATIENCE)


def command(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("treaty")), "mock", *arguments]


@contextmanager
def mocking(project: Path, log: Path) -> Iterator[Mock]:
    """A mock of `project` while the block runs. It must end by Ctrl-C, in order and without a traceback."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command("--project", str(project), "--port", "0"), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while not (running := RUNNING.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.05)
        yield Mock(running[1], log, process)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=PATIENCE) == 0
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()
    assert " failed: " not in log.read_text()


@pytest.fixture(scope="module")
def billing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """A mock of this repository's own contracts."""
    with mocking(ROOT, tmp_path_factory.mktemp("mock") / "log") as mock:
        yield mock


@pytest.fixture(scope="module")
def shapes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mock]:
    """A mock of contracts with every kind of field."""
    with mocking(ROOT / "tests/generator_emit/golden/shapes", tmp_path_factory.mktemp("mock") / "log") as mock:
        yield mock
