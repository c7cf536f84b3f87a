"""The hooks of behave."""

from treaty_runtime.acceptance.environment import *  # noqa: F403  the hooks that behave looks for
