"""Where a project keeps what is verified: the project of every command."""

from treaty_runtime.project import Project, ProjectError

__all__ = ["Project", "ProjectError"]
