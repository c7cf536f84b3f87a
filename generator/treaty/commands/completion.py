"""What the shell offers after a Tab: read off the names of files, so that it is there at once and never complains."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import typer

from treaty.project import Project, ProjectError


def contract_keys(context: typer.Context, incomplete: str) -> list[str]:
    """The keys of the project's contracts that begin so."""
    return sorted(key for key in _keys(context) if key.startswith(incomplete))


def kinds(incomplete: str) -> list[str]:
    """The kinds of contracts that begin so."""
    from treaty.contract.kinds import KINDS

    return [kind for kind in KINDS if kind.startswith(incomplete)]


def namespaces(context: typer.Context, incomplete: str) -> list[str]:
    """What a new contract's key may begin with."""
    found = {f"{key.rpartition('.')[0]}." for key in _keys(context, names_too=False)}
    return sorted(namespace for namespace in found if namespace.startswith(incomplete))


def _keys(context: typer.Context, *, names_too: bool = True) -> Iterator[str]:
    """The keys that the files give; without names, the last word only stands for it."""
    try:
        folder = Project.find(Path(context.params.get("project") or ".")).contracts
    except (ProjectError, OSError):
        return
    for place, _, files in os.walk(folder):
        words = Path(place).relative_to(folder).parts
        for name in files:
            if name.endswith(".yaml") and not name.startswith(("_", ".")) and words:
                yield ".".join((*words, name.removesuffix(".yaml") if names_too else "name"))
