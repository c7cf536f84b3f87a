"""One command run once: how long it took, the most memory that one of its processes held, and what it said."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

_RSS_UNIT = 1 if sys.platform == "darwin" else 1024


class FailedError(Exception):
    """A command that is measured did not succeed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Run:
    """What one run took and said."""

    seconds: float
    megabytes: float
    said: str


def measure(command: Sequence[str], folder: Path) -> Run:
    """Run a command that has to succeed, with its own folder searched for programs first. Raises `FailedError`."""
    said = folder / ".said"
    with said.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=subprocess.STDOUT, env=_environment(Path(command[0]).parent)
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    text = said.read_text(errors="replace")
    if process.returncode:
        raise FailedError(f"{' '.join(command)} ended with {process.returncode}:\n{text}")
    return Run(seconds, usage.ru_maxrss * _RSS_UNIT / 1e6, text)


def _environment(programs: Path) -> dict[str, str]:
    """Ours, without the wish that modules be compiled anew in each run: pip compiled those of the peers."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environment | {"PATH": os.pathsep.join((str(programs), os.environ["PATH"]))}
