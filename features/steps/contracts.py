"""The steps: what the contracts' phrases mean, and those that examples are made of."""

import generated.steps  # noqa: F401
import treaty_runtime.acceptance.builtin_steps  # noqa: F401
