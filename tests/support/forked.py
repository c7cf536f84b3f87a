"""The generator's commands in forked processes: what a test runs twenty times is imported once.

Each command has a process, a working folder, an environment and an exit code of its own, as when it is installed.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

__all__ = ["is_forked", "run_forked"]

COMMANDS = frozenset({"check", "diff", "explain", "fix", "fmt", "generate", "new", "schema", "trace"})
# What these commands load when they need it.
LOADED = ["treaty.cli", "treaty.generate", "treaty.incremental", "treaty.emit", "treaty.rules.registry", "ruff"]
WARMED = "tests.support.warmed"
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload([*LOADED, WARMED])


def is_forked(command: str, arguments: Sequence[str]) -> bool:
    """Whether this is a command of the generator that ends by itself."""
    return command == "treaty" and bool(arguments) and arguments[0] in COMMANDS


def run_forked(
    command: Sequence[str],
    folder: Path,
    environment: Mapping[str, str],
    during: AbstractContextManager[object] | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `treaty …` in a folder, inside of what else is to happen; both outputs are in `stdout`."""
    with tempfile.NamedTemporaryFile(prefix="said-") as said:
        process = _PROCESSES.Process(target=_run, args=(command, folder, dict(environment), said.name, during))
        process.start()
        process.join()
        code = process.exitcode
        process.close()
        assert code is not None
        return subprocess.CompletedProcess(list(command), code, Path(said.name).read_text())


def _run(
    command: Sequence[str],
    folder: Path,
    environment: dict[str, str],
    said: str,
    during: AbstractContextManager[object] | None,
) -> None:
    output = os.open(said, os.O_WRONLY | os.O_APPEND)
    for stream in (sys.stdout, sys.stderr):
        os.dup2(output, stream.fileno())
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = list(command)
    from treaty.__main__ import run

    with during or nullcontext():
        sys.exit(run())
