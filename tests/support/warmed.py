"""Imported by the server of forked processes: classes, patterns and templates that commands make when first needed.

A command of its own makes them every time, and in a small project that is most of what it does.
"""

from pathlib import Path

from treaty.check import examine
from treaty.emit import emit
from treaty.project import Project

_PROJECT = Project.find(Path(__file__).parents[1] / "generator_emit/golden/shapes")
emit(examine(_PROJECT).model, _PROJECT)
