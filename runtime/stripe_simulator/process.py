"""The simulator in a process of its own, for tests, the demo and development."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from stripe_simulator.folder import address_in

__all__ = ["Simulator", "SimulatorError"]

START = 20.0  # seconds


class SimulatorError(Exception):
    """The simulator does not start, or refuses what it is told."""


@dataclass(slots=True)
class Simulator:
    """A running simulator: its address, and what only a simulator can be told. Ends with the process that has it."""

    address: str
    process: subprocess.Popen[str]

    @staticmethod
    def running(folder: Path) -> str | None:
        """The address of the simulator that has this folder, if one runs, whoever started it."""
        return address_in(folder)

    @classmethod
    def start(cls, folder: Path, port: int = 0) -> Simulator:
        """Start it with the state in `folder`, and wait until it answers. Raises `SimulatorError` when it does not."""
        process = subprocess.Popen(  # noqa: S603 - our own module
            [
                *(sys.executable, "-m", "stripe_simulator", "--with-parent"),
                *("--folder", str(folder), "--port", str(port)),
            ],
            stdout=subprocess.PIPE,
            text=True,
        )
        # It listens before it says where.
        address = process.stdout.readline().strip() if process.stdout is not None else ""
        started = cls(address, process)
        if not address:
            started._ended()
            raise SimulatorError(f"The simulator of Stripe does not start (exit code {process.returncode}).")
        return started

    def stop(self) -> None:
        """End it, and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(START)
        except subprocess.TimeoutExpired:
            self.process.kill()
        self._ended()

    def kill(self) -> None:
        """End it as a crash would."""
        self.process.kill()
        self._ended()

    def _ended(self) -> None:
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def __enter__(self) -> Simulator:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def order(self, path: str, **parameters: Any) -> Any:
        """Tell `/_simulator/<path>` to do something."""
        return self._call("POST", path, json.dumps(parameters).encode())

    def _call(self, method: str, path: str, body: bytes | None) -> Any:
        request = urllib.request.Request(f"{self.address}/_simulator/{path}", data=body, method=method)  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=300) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                raise SimulatorError(json.load(error)["error"]["message"]) from error

    def advance(self, seconds: int) -> int:
        """Move the clock on, and have all happen that is due; the time then."""
        return int(self.order("clock", advance=seconds)["now"])

    def settle(self, seconds: float = 30) -> dict[str, Any]:
        """Wait until no delivery waits any more; the counts. Raises `SimulatorError` when it takes longer."""
        until = time.monotonic() + seconds
        while (counts := self.ask("deliveries"))["waiting"]:
            if time.monotonic() > until:
                raise SimulatorError(f"After {seconds} seconds, {counts['waiting']} deliveries still wait.")
            time.sleep(0.02)
        return dict(counts)

    def ask(self, path: str) -> Any:
        """Ask `/_simulator/<path>`."""
        return self._call("GET", path, None)
