"""A small Stripe of our own, that the real SDK talks to over HTTP: for development, tests and the demo.

It is not Stripe: what it takes and answers has the shapes of the SDK's version, what it leaves out it refuses.
"""

from __future__ import annotations

from stripe_simulator.process import Simulator, SimulatorError

__all__ = ["Simulator", "SimulatorError"]
