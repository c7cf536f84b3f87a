"""The Containerfile names what is there. No engine is needed for that, and none is here to build it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import typer

from tests.support.project import ROOT
from treaty_runtime.commands import register
from treaty_runtime.settings import Settings, variable_of

LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def instructions() -> Iterator[tuple[str, str]]:
    """What the file says, one instruction after another; continued lines are joined, comments left out."""
    text = (ROOT / "Containerfile").read_text()
    for line in re.sub(r"\\\n\s*", "", text).splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            yield word, rest


def said(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def test_every_source_is_there_and_in_the_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    sources = [source for rest in said("COPY") if not rest.startswith("--from=") for source in rest.split()[:-1]]
    assert len(sources) == 7
    for source in sources:
        assert (ROOT / source).exists(), source
        assert f"!{Path(source).parts[0]}" in ignored, source


def test_every_command_is_one() -> None:
    app = typer.Typer()
    register(app)
    known = {command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands}
    commands = [json.loads(rest) for rest in said("CMD")]
    assert commands == [["treaty", "worker"], ["treaty", "upgrade"], ["treaty", "serve"]]
    assert {name for _, name in commands} <= known


def test_every_setting_is_one() -> None:
    known = {variable_of(name, field) for name, field in Settings.model_fields.items()}
    given = dict(item.split("=", 1) for item in said("ENV")[0].split())
    settings = {name: value for name, value in given.items() if name.startswith("TREATY_")}
    assert settings.keys() <= known
    Settings.model_validate({name.removeprefix("TREATY_").lower(): value for name, value in settings.items()})


def test_nothing_runs_as_root_and_nothing_is_built_from_elsewhere() -> None:
    stages = [re.fullmatch(r"(\S+) AS (\S+)", rest) for rest in said("FROM")]
    assert [stage[2] for stage in stages if stage] == ["build", "service", "worker", "migrate", "web"]
    assert said("USER") == ["10001:10001"]
    assert "http" not in (ROOT / "Containerfile").read_text()
    assert all("--require-hashes" in run or "--no-deps --no-build-isolation" in run for run in said("RUN"))


def test_the_service_s_lock_is_a_part_of_the_other() -> None:
    service, everything = (
        dict(LOCKED.findall((ROOT / name).read_text())) for name in ("requirements-service.lock", "requirements.lock")
    )
    assert service.items() <= everything.items()
    assert {"litestar", "sqlmodel", "opentelemetry-sdk", "hatchling"} <= service.keys()
    assert not {"pytest", "mypy", "schemathesis", "hypothesis"} & service.keys()
