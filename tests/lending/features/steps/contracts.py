"""The steps: what the contracts' phrases mean, and the harness's own."""

import generated.steps
import treaty_runtime.acceptance.builtin_steps  # noqa: F401
