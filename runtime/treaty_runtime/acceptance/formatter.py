"""Tells `treaty verify` what behave does: a scenario begins, a feature is done."""

from __future__ import annotations

from typing import Any

from behave.formatter.base import Formatter  # type: ignore[import-untyped]

from treaty_runtime.acceptance.outcomes import outcome_of

__all__ = ["OutcomeFormatter"]


class OutcomeFormatter(Formatter):  # type: ignore[misc]  # behave has no types
    """Hands outcomes to the report that the configuration carries; writes nothing itself."""

    name = "treaty"
    description = "What treaty verify reports from"

    def __init__(self, stream_opener: Any, config: Any) -> None:
        super().__init__(stream_opener, config)
        self._feature: Any = None

    def feature(self, feature: Any) -> None:
        """A feature begins."""
        self._feature = feature

    def scenario(self, scenario: Any) -> None:
        """A scenario begins."""
        self.config.treaty_report.begin(scenario.name)

    def eof(self) -> None:
        """A feature is done."""
        for scenario in self._feature.walk_scenarios() if self._feature else ():
            self.config.treaty_report.add(outcome_of(scenario, self.config.treaty_stage.definition))
        self._feature = None
