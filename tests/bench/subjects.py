"""What is measured: each subject prepares its part of a project and says which command to run."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COLD = "generate, cold"
UNCHANGED = "generate, nothing changed"
EDITED = "generate, one contract edited"
CHECK = "check, all rules"
CLIENT = "openapi-python-client"
CLIENT_OF_LESS = "openapi-python-client, all errors alike"
MODELS = "datamodel-code-generator"
MODELS_FAST = "datamodel-code-generator, fastest formatter"

ERRORS_ALIKE = "peers/errors-alike.json"
EDITED_CONTRACT = Path("contracts/area0/part3/order.record.yaml")


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing to measure. `prepare` is called before each run, with the project's folder."""

    name: str
    command: Sequence[str]
    prepare: Callable[[Path], None]


@dataclass(frozen=True, slots=True)
class Target:
    """At most this part of the time that another subject takes; without `most` it is only told."""

    subject: str
    of: str
    most: float | None


MOST_MEMORY = 1024 * 1024 * 1024 / 1e6  # megabytes, at 10,000 contracts

TARGETS = (
    Target(COLD, CLIENT, 1 / 5),
    Target(COLD, CLIENT_OF_LESS, None),
    Target(COLD, MODELS, 1 / 2),
    Target(COLD, MODELS_FAST, 1 / 2),
    Target(UNCHANGED, COLD, 1 / 20),
    Target(EDITED, COLD, 1 / 10),
    Target(CHECK, COLD, 1 / 2),
)


def subjects(treaty: Path, peers: Path) -> tuple[Subject, ...]:
    """Everything, in the order of one round; `treaty` and `peers` are the folders of the programs."""
    openapi = "generated/openapi.json"
    models = [f"{peers}/datamodel-codegen", "--input", openapi, "--output", "peers/models.py"]
    client = [f"{peers}/openapi-python-client", "generate", "--output-path", "peers/client", "--path"]
    return (
        Subject(COLD, [f"{treaty}/treaty", "generate", "--stats"], _forget),
        Subject(UNCHANGED, [f"{treaty}/treaty", "generate"], _leave),
        Subject(EDITED, [f"{treaty}/treaty", "generate"], _edit),
        Subject(CHECK, [f"{treaty}/treaty", "check", "--stats"], _without_memory),
        Subject(CLIENT, [*client, openapi], _without_peers),
        Subject(CLIENT_OF_LESS, [*client, ERRORS_ALIKE], _with_errors_alike),
        Subject(MODELS, models, _without_peers),
        Subject(MODELS_FAST, [*models, "--formatters", "builtin"], _without_peers),
    )


def _leave(folder: Path) -> None:
    """The project stays as the run before left it."""


def _forget(folder: Path) -> None:
    """Nothing was ever generated."""
    for name in ("generated", ".treaty"):
        shutil.rmtree(folder / name, ignore_errors=True)


def _without_memory(folder: Path) -> None:
    """Nothing is known of an earlier run, so that every rule has to look at everything."""
    shutil.rmtree(folder / ".treaty", ignore_errors=True)


def _without_peers(folder: Path) -> None:
    shutil.rmtree(folder / "peers", ignore_errors=True)
    (folder / "peers").mkdir()


def _with_errors_alike(folder: Path) -> None:
    """A document whose errors do not say which codes they have: all of them are the same `Problem`."""
    _without_peers(folder)
    document = json.loads((folder / "generated/openapi.json").read_bytes())
    (folder / ERRORS_ALIKE).write_text(json.dumps(_without_codes(document), indent=2))


def _without_codes(node: Any) -> Any:
    if isinstance(node, list):
        return [_without_codes(item) for item in node]
    if not isinstance(node, dict):
        return node
    match node:
        case {"allOf": [{"$ref": "#/components/schemas/Problem"} as problem, _]}:
            return problem
    return {name: _without_codes(item) for name, item in node.items()}


def _edit(folder: Path) -> None:
    """Change what one operation takes and what it says of itself, each time in another way."""
    contract = folder / EDITED_CONTRACT
    text = contract.read_text()
    longer = text.replace("maxLength: 64, description: The account", "maxLength: 65, description: That account")
    contract.write_text(
        longer
        if longer != text
        else text.replace("maxLength: 65, description: That", "maxLength: 64, description: The")
    )
