"""`treaty mock` as a command: where it listens, what it needs, how it ends."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.mock.conftest import PATIENCE, ROOT, Mock, command, mocking

CONTRACT = (
    "kind: query\nkey: shop.{name}\nversion: 1.0.0\ndescription: Ask.\nhttp: GET /{name}\npolicy: {{auth: anonymous}}\n"
)


def project(folder: Path, contracts: dict[str, str]) -> Path:
    """A project that nobody has implemented anything of."""
    (folder / "pyproject.toml").write_text('[tool.treaty]\ntitle = "Shop"\nversion = "1.0.0"\n')
    for name, text in contracts.items():
        file = folder / "contracts" / "shop" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return folder


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False
    )


def test_contracts_are_enough(tmp_path: Path) -> None:
    with mocking(project(tmp_path, {"ask": CONTRACT.format(name="ask")}), tmp_path / "log") as mock:
        assert httpx.get(f"{mock.address}/ask").json() == {}
    log = (tmp_path / "log").read_text()
    assert log.startswith("1 operation, answered as its contract says, on http://127.0.0.1:")
    assert "GET /ask HTTP/1.1 200\n" in log
    assert not (tmp_path / "generated").exists()


def test_sigterm_ends_it_in_order(tmp_path: Path) -> None:
    with mocking(project(tmp_path, {"ask": CONTRACT.format(name="ask")}), tmp_path / "log") as mock:
        mock.process.send_signal(signal.SIGTERM)
        assert mock.process.wait(timeout=PATIENCE) == 0


def test_a_port_that_is_taken(billing: Mock) -> None:
    port = billing.address.rpartition(":")[2]
    said = run("--project", str(ROOT), "--port", port)
    assert said.returncode == 1
    assert said.stdout == f"Port {port} of 127.0.0.1 is taken. Choose another with --port, or 0 for any that is free.\n"


@pytest.mark.parametrize("host", ["no.such.host.invalid", "192.0.2.1"])
def test_an_address_that_is_not_ours(host: str) -> None:
    said = run("--project", str(ROOT), "--host", host, "--port", "0")
    assert said.returncode == 1
    assert f"{host}:0 can't be listened on: " in said.stdout
    assert said.stdout.count("\n") == 1


def test_wrong_contracts_are_not_answered(tmp_path: Path) -> None:
    folder = project(tmp_path, {"ask": CONTRACT.format(name="ask").replace("GET", "FETCH")})
    said = run("--project", str(folder), "--port", "0")
    assert said.returncode == 1
    assert "http-invalid" in said.stdout


def test_outside_of_a_project(tmp_path: Path) -> None:
    said = run("--project", str(tmp_path), "--port", "0")
    assert said.returncode == 1
    assert "project-missing" in said.stdout


@pytest.mark.parametrize("folder", [".", "tests/lending"])
def test_schemathesis_finds_nothing(tmp_path: Path, folder: str) -> None:
    """Every check but the one that expects a wrong token to be recognized: a mock believes everybody."""
    with mocking(ROOT / folder, tmp_path / "log") as mock:
        said = subprocess.run(
            [
                Path(sys.executable).with_name("schemathesis"), "run", f"{mock.address}/openapi.json",
                "--header", "Authorization: Bearer x", "--exclude-checks", "ignored_auth", "--seed", "1",
                "--max-examples", "10", "--generation-database", "none", "--phases", "examples,coverage,fuzzing",
                "--suppress-health-check", "all",
            ],
            cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    assert said.returncode == 0, said.stdout
