"""Projects made for a test: contracts in, generated files out, and what mypy, ruff and Python think of them."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from treaty.check import load
from treaty.emit import emit
from treaty.emit.implementing import input_class, output_class
from treaty.format import format_python
from treaty.project import Project
from treaty.resolve.model import Job, Model, Operation, TypeRef

ROOT = Path(__file__).parents[2]
MYPY = """
[mypy]
strict = true
plugins = pydantic.mypy
mypy_path = {folder}
explicit_package_bases = true
warn_unreachable = true
enable_error_code = ignore-without-code, redundant-expr, truthy-bool
[pydantic-mypy]
init_typed = true
"""

IMPORTS = """
from collections.abc import Sequence
from treaty_runtime.operations import Result
from treaty_runtime.unit_of_work import Item, Transaction, UnitOfWork
"""

FETCH = """
from collections.abc import Mapping
from treaty_runtime.settings import Settings

async def {function}(settings: Settings, address: str, /) -> Mapping[str, object] | None:
    raise NotImplementedError
"""


def generated_files(folder: Path) -> dict[str, str]:
    """What a project's contracts generate, which must be without problems."""
    project = Project.find(folder)
    model, problems = load(project)
    assert not problems, "\n".join(map(str, problems))
    files = emit(model, project)
    return files | format_python({path: text for path, text in files.items() if path.endswith(".py")})


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write files below a folder."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text.encode())


def copy(source: Path, target: Path) -> Path:
    """A copy of a project's contracts and settings."""
    shutil.copytree(source / "contracts", target / "contracts")
    shutil.copy(source / "pyproject.toml", target / "pyproject.toml")
    return target


def complete(folder: Path) -> Model:
    """Generate a project, and implement every operation and job by one that can't do anything."""
    project = Project.find(folder)
    write(folder / "generated", generated_files(folder))
    model, _ = load(project)
    write(folder, implementations(model))
    return model


def implementations(model: Model) -> dict[str, str]:
    """Modules with an implementation of each operation and job that fits its protocol and raises."""
    modules: dict[str, list[str]] = {}
    for contract in model.implemented.values():
        modules.setdefault(contract.implementation[0], []).append(_implementation(contract, model))
    for webhook in model.webhooks.values():
        if webhook.fetch:
            module, function = webhook.fetch
            modules.setdefault(module, []).append(FETCH.format(function=function))
    return {
        f"{module.replace('.', '/')}.py": "\n\n\n".join([IMPORTS, *functions]) + "\n"
        for module, functions in modules.items()
    }


def _implementation(contract: Operation | Job, model: Model) -> str:
    output, place = output_class(contract), contract.module
    if isinstance(contract.output, TypeRef):
        type_ = model.types[contract.output.key]
        output, place = type_.class_name, type_.module
    name = contract.implementation[1]
    taken, told = input_class(contract), contract.module
    if isinstance(contract, Job) and contract.on:
        taken, told = model.events[contract.on].class_name, model.events[contract.on].module
    page = ", page: object" if isinstance(contract, Operation) and contract.page else ""
    call = f"_: UnitOfWork, payload: {name}_input{page}) -> {name}_output"
    if isinstance(contract, Operation) and contract.batch:
        call = f"_: Transaction, items: Sequence[Item[{name}_input]]) -> list[Result[{name}_output]]"
    return (
        f"from generated.{told} import {taken} as {name}_input\n"
        f"from generated.{place} import {output} as {name}_output\n\n\n"
        f"async def {name}({call}:\n    raise NotImplementedError"
    )


def mypy(folder: Path) -> str:
    """What mypy has to say about everything below a folder; nothing when all is well."""
    (folder / "mypy.ini").write_text(MYPY.format(folder=folder))
    return _said(folder, "mypy", "--cache-dir", str(ROOT / ".mypy_cache" / "projects"), ".")


def ruff(folder: Path) -> str:
    """What ruff, with this repository's settings, has to say about generated code; nothing when all is well."""
    first_party = sorted({"treaty_runtime", "generated", *(path.name for path in (folder / "contracts").iterdir())})
    known = "lint.isort.known-first-party = [" + ", ".join(f'"{name}"' for name in first_party) + "]"
    settings = ("--config", str(ROOT / "pyproject.toml"), "--config", known, "--no-cache")
    return _said(folder, "ruff", "check", *settings, "generated") + _said(
        folder, "ruff", "format", "--check", "--line-length=120", "generated"
    )


def python(folder: Path, code: str) -> str:
    """What a program says that can import what was generated. Warnings are errors, as they are here."""
    said = _run(folder, sys.executable, "-W", "error", "-c", code)
    assert said.returncode == 0, said.stdout
    return said.stdout


def _said(folder: Path, command: str, *arguments: str) -> str:
    said = _run(folder, str(Path(sys.executable).with_name(command)), *arguments)
    return said.stdout if said.returncode else ""


def _run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
