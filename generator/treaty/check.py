"""Contracts from the folder to the linked model, with everything that is wrong with them."""

from __future__ import annotations

from treaty.contract.parse import parse_folder
from treaty.diagnostics import Diagnostic
from treaty.project import Project
from treaty.resolve.link import link
from treaty.resolve.model import Model
from treaty.rules.book import Book
from treaty.rules.registry import run
from treaty.source.folder import read_folder
from treaty.source.gherkin import read_features


def load(project: Project) -> tuple[Model, list[Diagnostic]]:
    """The model of a project and all diagnostics, sorted. Use the model only when there are none."""
    book, problems = read(project)
    return book.model, sorted({*problems, *run(book)})


def read(project: Project) -> tuple[Book, list[Diagnostic]]:
    """Everything that rules read, and what kept it from being complete."""
    folder = read_folder(project.contracts, project.shown(project.contracts))
    contracts = parse_folder(folder)
    model, context, merged = link(contracts)
    features, complaints = read_features(project.features, project.shown(project.features))
    book = Book(project, model, contracts, merged, frozenset(context.unresolved), tuple(features))
    return book, [*contracts.problems, *context.problems, *complaints]
