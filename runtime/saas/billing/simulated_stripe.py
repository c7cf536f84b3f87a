"""The simulator of Stripe beside a service that has no key: one for all processes that share a data folder."""

from __future__ import annotations

import atexit
from pathlib import Path

from stripe_simulator import Simulator, SimulatorError

__all__ = ["running_in"]


def running_in(folder: Path) -> str:
    """The address of the simulator with the state in `folder`; it is started when none runs, and ends with the process.

    Raises `SimulatorError` when it does not start.
    """
    return Simulator.running(folder) or _started(folder)


def _started(folder: Path) -> str:
    try:
        simulator = Simulator.start(folder)
    except SimulatorError:
        if faster := Simulator.running(folder):  # another process began at the same time
            return faster
        raise
    atexit.register(simulator.stop)
    return simulator.address
