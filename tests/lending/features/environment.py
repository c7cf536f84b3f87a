"""The hooks of behave: the real service on a database of its own, empty for each scenario."""

from treaty_runtime.acceptance.environment import *  # noqa: F403  the hooks that behave looks for
