"""Contracts from the folder to the linked model, with everything that is wrong with them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from treaty.contract.parse import parse_folder
from treaty.contract.unsaid import without_consequences
from treaty.diagnostics import Diagnostic, Severity
from treaty.project import Project
from treaty.reporting.settle import settle
from treaty.resolve.link import link
from treaty.resolve.model import Model
from treaty.rules.book import Book
from treaty.rules.registry import run
from treaty.source.folder import read_folder
from treaty.source.gherkin import read_features


@dataclass(frozen=True, slots=True)
class Checked:
    """What a project says and everything that is to be said about it, sorted; its model is of use without errors."""

    book: Book
    problems: list[Diagnostic]

    @property
    def model(self) -> Model:
        """The linked contracts."""
        return self.book.model

    @property
    def errors(self) -> list[Diagnostic]:
        """The problems that stop everything."""
        return [problem for problem in self.problems if problem.severity is Severity.ERROR]


def examine(project: Project) -> Checked:
    """Read the contracts, and find what is wrong with them."""
    with _no_garbage_collection():
        book, problems = read(project)
        return Checked(book, settle(book, without_consequences([*problems, *run(book)])))


def load(project: Project) -> tuple[Model, list[Diagnostic]]:
    """The model of a project and all errors, sorted. Use the model only when there are none."""
    checked = examine(project)
    return checked.model, checked.errors


def read(project: Project) -> tuple[Book, list[Diagnostic]]:
    """Everything that rules read, and what kept it from being complete."""
    folder = read_folder(project.contracts, project.shown(project.contracts))
    contracts = parse_folder(folder)
    model, context, merged = link(contracts)
    features, complaints = read_features(project.features, project.shown(project.features))
    book = Book(project, model, contracts, merged, frozenset(context.unresolved), tuple(features))
    return book, [*contracts.problems, *context.problems, *complaints]


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    # Thousands of small objects are made and kept; looking through all of them again and again costs more than reading.
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
