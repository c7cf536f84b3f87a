"""All codes that diagnostics can have: those of the stages, and those of the rules."""

from __future__ import annotations

import sys
from functools import cache
from types import MappingProxyType

from treaty.reporting.base import Code
from treaty.reporting.stages import STAGES
from treaty.rules.registry import rules


@cache
def codes() -> MappingProxyType[str, Code]:
    """Every code, by its id."""
    found = {code.id: code for code in STAGES}
    for rule in rules():
        title = (sys.modules[rule.check.__module__].__doc__ or "").partition("\n")[0]
        found[rule.id] = Code(rule.id, "rules", title, rule.purpose, rule.advice, rule.severity)
    return MappingProxyType(dict(sorted(found.items())))
