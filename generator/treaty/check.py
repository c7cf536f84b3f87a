"""Contracts from the folder to the linked model, with everything that is wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from treaty.contract.parse import parse_folder
from treaty.contract.unsaid import without_consequences
from treaty.diagnostics import Diagnostic, Severity
from treaty.garbage import without_garbage_collection
from treaty.progress import stage
from treaty.project import Project
from treaty.reporting.settle import settle
from treaty.resolve.link import link
from treaty.resolve.model import Model
from treaty.rules.book import Book
from treaty.rules.registry import run
from treaty.source.folder import NO_DRAFTS, read_folder
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


def examine(project: Project, drafts: Mapping[str, bytes] = NO_DRAFTS, today: date | None = None) -> Checked:
    """Read the contracts (or, of some, what they would hold), and find what is wrong with them.

    Only with `today` anything is said that was not wrong yesterday.
    """
    with without_garbage_collection():
        book, problems = read(project, drafts, today)
        return Checked(book, problems_of(book, problems))


def problems_of(book: Book, known: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Everything that is to be said about a book, sorted: what is `known` already, and what rules find."""
    with stage("checking"):
        return settle(book, without_consequences([*known, *run(book)]))


def load(project: Project) -> tuple[Model, list[Diagnostic]]:
    """The model of a project and all errors, sorted. Use the model only when there are none."""
    checked = examine(project)
    return checked.model, checked.errors


def read(
    project: Project, drafts: Mapping[str, bytes] = NO_DRAFTS, today: date | None = None
) -> tuple[Book, list[Diagnostic]]:
    """Everything that rules read, and what kept it from being complete."""
    with stage("reading"):
        folder = read_folder(project.contracts, project.shown(project.contracts), drafts)
        features, complaints = read_features(project.features, project.shown(project.features))
    with stage("understanding", len(folder.documents)):
        contracts = parse_folder(folder)
    with stage("linking", len(contracts.parsed)):
        model, context, merged = link(contracts)
    book = Book(project, model, contracts, merged, frozenset(context.unresolved), tuple(features), today)
    return book, [*contracts.problems, *context.problems, *complaints]
