"""The steps of the contracts, and those of examples."""

import generated.steps  # noqa: F401
import treaty_runtime.acceptance.builtin_steps  # noqa: F401
