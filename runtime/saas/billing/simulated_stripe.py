"""The simulator of Stripe beside a service that has no key: one for all processes that share a data folder."""

from __future__ import annotations

import atexit
import fcntl
import urllib.error
import urllib.request
from pathlib import Path

from stripe_simulator import Simulator

__all__ = ["running_in"]

PATIENCE = 2.0  # seconds that a simulator which runs has to say so


def running_in(folder: Path) -> str:
    """The address of the simulator with the state in `folder`; it is started when none runs, and ends with the process.

    Raises `SimulatorError` when it does not start.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # of two processes that look at once, one starts it
        address = _said(folder / "address")
        if address is None or not _answers(address):
            simulator = Simulator.start(folder)
            atexit.register(simulator.stop)
            address = simulator.address
        return address


def _said(file: Path) -> str | None:
    return file.read_text(encoding="ascii").strip() if file.is_file() else None


def _answers(address: str) -> bool:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/_simulator/health", timeout=PATIENCE) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError, ValueError):
        return False
