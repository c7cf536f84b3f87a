"""The built wheels: complete, and enough for a project that generates, runs and verifies at once."""

from __future__ import annotations

import json
import re
import subprocess
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.beginning.wheels import OWN, ROOT, Machine, build

TEAM = "018f0000-0000-7000-8000-000000000001"
PATIENCE = 180.0
RUNNING = re.compile(r" on (http://\S+)")
# Serves the project in the present folder; whoever imports what serving must not need gets an error. The web framework
# itself imports YAML, for documents of its own that nobody asks for.
SERVE = """
import sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        package = name.partition(".")[0]
        if package in ("jinja2", "treaty") or package == "yaml" and importer() not in ("litestar", "yaml"):
            raise ImportError(f"{name} is imported while serving, by {importer()}")

def importer():
    frame = sys._getframe(2)
    while "importlib" in frame.f_code.co_filename:
        frame = frame.f_back
    return frame.f_globals["__name__"].partition(".")[0]

sys.meta_path.insert(0, Refuse())
sys.path[:0] = [".", "runtime"]

import uvicorn

uvicorn.run("generated.app:create_app", factory=True, port=0)
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("wheels")
    return {name: build(name, folder) for name in OWN}


@pytest.mark.parametrize("name", OWN)
def test_everything_is_in_the_wheel(wheels: dict[str, Path], name: str) -> None:
    source = ROOT / OWN[name]
    package = name.replace("-", "_")
    committed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", package],
        cwd=source, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    packed = {path for path in zipfile.ZipFile(wheels[name]).namelist() if ".dist-info/" not in path}
    assert packed == {path for path in committed if (source / path).exists()}
    assert f"{package}/py.typed" in packed


@pytest.fixture(scope="module")
def generator_alone(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine.with_wheels(tmp_path_factory.mktemp("alone") / "venv", [wheels["treaty"]])


def test_the_generator_needs_no_web_framework_and_no_database(generator_alone: Machine, tmp_path: Path) -> None:
    machine = generator_alone
    for package in ("litestar", "sqlmodel", "sqlalchemy", "psycopg", "alembic", "uvicorn", "treaty_runtime"):
        imported = machine.run("python", "-c", f"import {package}", folder=tmp_path)
        assert "ModuleNotFoundError" in imported.stdout, package
    said = machine.must("treaty", "init", "demo", folder=tmp_path)
    assert "treaty migrate initial    # needs treaty-runtime" in said
    demo = tmp_path / "demo"
    assert machine.must("treaty", "check", folder=demo) == "8 contracts, no problems.\n"
    said = machine.must("treaty", "generate", folder=demo)
    assert " 0 written, 0 removed." in said
    assert "The database schema changed: run `treaty migrate NAME`" in said
    assert json.loads(machine.must("treaty", "schema", folder=demo))["title"] == "Treaty contract"
    with mocked(machine, demo, tmp_path / "log") as address:
        answer = httpx.post(f"{address}/tasks", json={"title": "Feed the cat"}, headers={"Authorization": "Bearer x"})
        assert answer.json()["urgency"]
    assert "still-to-say" in machine.must("treaty", "new", "event", "demo.task.done", folder=demo)
    refused = machine.run("treaty", "verify", folder=demo)
    assert refused.returncode != 0
    assert "a command of treaty-runtime, which is not installed here" in refused.stdout
    assert "Traceback" not in refused.stdout


def mocked(machine: Machine, demo: Path, log: Path) -> AbstractContextManager[str]:
    """The mock's address, while it answers."""
    return running([machine.python, "-m", "treaty", "mock", "--port", "0"], machine, demo, log)


@pytest.fixture(scope="module")
def machine(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Machine:
    return Machine.with_wheels(tmp_path_factory.mktemp("both") / "venv", list(wheels.values()))


@pytest.fixture(scope="module")
def demo(machine: Machine) -> Path:
    """A project as its first user makes it."""
    place = machine.folder.parent
    assert machine.must("treaty", "init", "demo", folder=place).endswith("  cd demo\n  make test\n")
    return place / "demo"


def test_a_new_project_proves_itself(machine: Machine, demo: Path) -> None:
    said = machine.must("make", "test", folder=demo)
    assert "12 scenarios: 12 passed" in said
    assert said.endswith("OK\n")
    assert "no problems" in machine.must("make", "check", folder=demo)


def served(machine: Machine, demo: Path, log: Path) -> AbstractContextManager[str]:
    """The project's address while it is served, without a template engine, YAML or the generator."""
    return running([machine.python, "-c", SERVE], machine, demo, log)


@contextmanager
def running(command: Sequence[str | Path], machine: Machine, folder: Path, log: Path) -> Iterator[str]:
    """The address that a command says it answers on, while it does."""
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=folder, env=machine.environment({}), stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + PATIENCE
        while not (found := RUNNING.search(log.read_text())):
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield found[1]
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE)
    assert "Traceback" not in log.read_text(), log.read_text()


def test_serving_needs_no_templates_and_no_yaml(machine: Machine, demo: Path, tmp_path: Path) -> None:
    machine.must("treaty", "upgrade", folder=demo)
    token = machine.must("treaty", "token", "--person", "ann", "--tenant", TEAM, folder=demo).strip()
    with served(machine, demo, tmp_path / "log") as address, httpx.Client(base_url=address, timeout=PATIENCE) as client:
        client.headers["Authorization"] = f"Bearer {token}"
        assert client.post("/tasks", json={"title": "Water the plants"}).json()["urgency"] == "later"
        assert client.post("/tasks", json={"title": "Water the plants"}).json()["code"] == "title_taken"
        assert [task["title"] for task in client.get("/tasks").json()["tasks"]] == ["Water the plants"]
        assert client.get("/openapi.json").content == (demo / "generated" / "openapi.json").read_bytes()
        assert "swagger-ui" in client.get("/docs").text
        assert len(client.get("/docs/swagger-ui-bundle.js").content) > 100_000
