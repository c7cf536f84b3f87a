"""Contracts from the folder to the linked model, with everything that is wrong with them."""

from __future__ import annotations

from treaty.contract.parse import parse_folder
from treaty.diagnostics import Diagnostic
from treaty.project import Project
from treaty.resolve.link import link
from treaty.resolve.model import Model
from treaty.source.folder import read_folder


def load(project: Project) -> tuple[Model, list[Diagnostic]]:
    """The model of a project and all diagnostics, sorted. Use the model only when there are none."""
    folder = read_folder(project.contracts, project.shown(project.contracts))
    contracts = parse_folder(folder)
    model, context, _ = link(contracts)
    return model, sorted({*contracts.problems, *context.problems})
