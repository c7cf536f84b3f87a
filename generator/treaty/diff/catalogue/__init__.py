"""All classes of change. D0: any contract, D1: operations, D2: inputs, D3: outputs, D4: events, D5: stored data,
D6: policy, D7: scenarios and examples, D8: phrases, D9: jobs and webhooks. An id is never given to another class.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from treaty.diff.base import ChangeClass
from treaty.diff.catalogue import (
    acceptance,
    contracts,
    events,
    inputs,
    jobs,
    operations,
    outputs,
    phrases,
    policy,
    service_levels,
    stored,
    webhooks,
)

_MODULES = (
    contracts,
    operations,
    inputs,
    outputs,
    events,
    stored,
    policy,
    acceptance,
    phrases,
    jobs,
    service_levels,
    webhooks,
)


@cache
def classes() -> Mapping[str, ChangeClass]:
    """All classes, by id."""
    found = (item for module in _MODULES for item in vars(module).values() if isinstance(item, ChangeClass))
    return {item.id: item for item in sorted(found, key=lambda item: item.id)}
