"""The steps: what the contracts' phrases mean, and the harness's own."""

import generated.steps  # noqa: F401
import treaty_runtime.acceptance.builtin_steps  # noqa: F401
