"""behave's runner for a project: steps and hooks always come from its features folder."""

from __future__ import annotations

from collections.abc import Sequence

from behave.configuration import Configuration  # type: ignore[import-untyped]
from behave.runner import Runner  # type: ignore[import-untyped]

from treaty_runtime.acceptance.formatter import OutcomeFormatter
from treaty_runtime.acceptance.report import Report
from treaty_runtime.acceptance.stage import Stage
from treaty_runtime.project import Project

__all__ = ["ProjectRunner"]


class ProjectRunner(Runner):  # type: ignore[misc]  # behave has no types
    """Plays the feature files `paths` on an open stage and tells a report."""

    def __init__(self, project: Project, paths: Sequence[str], tags: str | None, stage: Stage, report: Report) -> None:
        formatter = f"{OutcomeFormatter.__module__}:{OutcomeFormatter.__name__}"
        words = [*paths, *([f"--tags={tags}"] if tags else [])]
        config = Configuration(
            words, load_config=False, format=[formatter], summary=False, capture_log=False, color="off"
        )
        config.treaty_stage, config.treaty_report = stage, report
        super().__init__(config)
        self._project = project

    def setup_paths(self) -> None:
        """Steps and hooks are in the features folder, wherever the feature files are."""
        self.base_dir = self.config.base_dir = str(self._project.features)
        for folder in (self._project.features, self._project.root):
            self.path_manager.add(str(folder))
