"""Contracts that nobody thought of generate code that can be imported, and that mypy and ruff are content with."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import yaml
from hypothesis import HealthCheck, Phase, given, settings

from tests.generator_emit import made_up, projects
from treaty.check import load
from treaty.project import Project

EXAMPLES = int(os.environ.get("TREATY_FUZZ_EXAMPLES", "75")) // 5  # each is a namespace of eight contracts
SETTINGS = '[tool.treaty]\ntitle = "Made up"\nversion = "1.0.0"\n'
IMPORT_ALL = """
import importlib, json, pathlib
from openapi_spec_validator import OpenAPIV31SpecValidator
for path in sorted(pathlib.Path("generated").rglob("*.py")):
    importlib.import_module(".".join(path.with_suffix("").parts))
import generated.app
generated.app.create_app()
OpenAPIV31SpecValidator(json.loads(pathlib.Path("generated/openapi.json").read_bytes())).validate()
"""


class Quoted(yaml.SafeDumper):
    """Writes every text in quotes, so that it stays one whichever YAML is read."""


Quoted.add_representer(str, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"'))


def test_made_up_contracts(tmp_path: Path) -> None:
    made: list[dict[str, Any]] = []

    @settings(
        max_examples=EXAMPLES,
        derandomize="TREATY_FUZZ_EXAMPLES" not in os.environ,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(made_up.namespaces())
    def collect(contracts: dict[str, Any]) -> None:
        made.append(contracts)

    collect()
    projects.write(tmp_path, {"pyproject.toml": SETTINGS})
    for number, contracts in enumerate(made):
        _write(tmp_path / "contracts" / "made" / f"n{number}", f"made.n{number}", contracts)
    _, problems = load(Project.find(tmp_path))
    assert not problems, "\n".join(map(str, problems[:20]))
    projects.complete(tmp_path)
    assert projects.ruff(tmp_path) == ""
    assert projects.mypy(tmp_path) == ""
    projects.python(tmp_path, IMPORT_ALL)


def _write(folder: Path, namespace: str, contracts: dict[str, Any]) -> None:
    folder.mkdir(parents=True)
    place = namespace.replace(".", "-")
    for name, contract in contracts.items():
        written = {"kind": contract["kind"], "key": f"{namespace}.{name}", "version": "1.0.0", **contract}
        text = yaml.dump(written, Dumper=Quoted, sort_keys=False, width=10_000)
        (folder / f"{name}.yaml").write_text(text.replace("PLACE", place))
