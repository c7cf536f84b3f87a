"""An ordinary run over those contracts that a change may concern, and over what they need."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from treaty.check import problems_of
from treaty.contract.parse import Contracts, parse_folder
from treaty.diagnostics import Diagnostic
from treaty.emit import emit_contract
from treaty.emit.asyncapi import emit_asyncapi
from treaty.emit.openapi import emit_openapi
from treaty.emit.snapshot import emit_snapshot
from treaty.format import format_python
from treaty.incremental.dependence import Dependence
from treaty.incremental.facts import Facts, Memory, facts
from treaty.incremental.splice import Place, spliced
from treaty.progress import counted, stage
from treaty.project import Project
from treaty.resolve.link import link
from treaty.resolve.model import Model
from treaty.rules.book import Book
from treaty.source.folder import DEFAULTS, read_files
from treaty.source.gherkin import FeatureFile, read_features

_DOCUMENTS: dict[str, tuple[Place, ...]] = {
    "openapi.json": (("paths", None, None), ("components", "schemas", None)),
    "asyncapi.json": (("operations", None), ("components", "messages", None), ("components", "schemas", None)),
    "schema.json": (("tables", None),),
}
# When more than this share of all contracts has to be read, a run over everything takes hardly longer.
LARGEST_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """What came of it: the files that may have changed, and what is remembered from now on."""

    files: dict[str, bytes]
    memory: Memory


@dataclass(frozen=True, slots=True)
class _Scope:
    """Which contracts the run is about (`affected`), and which it reads; whether it plays feature files, too."""

    affected: frozenset[str]
    read: frozenset[str]
    with_features: bool


def run_part(project: Project, memory: Memory, changed: Collection[str]) -> Part | None:
    """What the edited contracts at these paths change; `None` when only a run over everything can tell."""
    keys = {facts.path: key for key, facts in memory.contracts.items()}
    edited = {keys[path] for path in changed if path in keys}
    if len(edited) < len(changed) or any(memory.contracts[key].kind == "vocabulary" for key in edited):
        return None  # what folders say for all below them, and what is compared with every sentence
    scope = _scope(memory, edited)
    if len(scope.read) > LARGEST_SHARE * len(memory.contracts):
        return None
    book, problems = _read(project, memory, scope)
    new = facts(book.model)
    if not scope.affected <= new.keys() or not _is_complete(new):
        return None
    if any(new[key].says != memory.contracts[key].says for key in scope.affected):
        return None
    if _concern(scope, memory, project, problems_of(book, problems)):
        return None
    files = _emitted(book.model, project, memory, scope)
    known = {**memory.contracts, **{key: new[key] for key in scope.affected}}
    return Part(files, replace(memory, contracts=known)) if files is not None else None


def _scope(memory: Memory, changed: set[str]) -> _Scope:
    dependence = Dependence(memory.contracts)
    affected = dependence.affected(changed)
    played = {key for namespace in memory.features for key in dependence.phrases_above(namespace)} | {*memory.featured}
    with_features = not played.isdisjoint(affected)
    also = {*memory.singles, *(played if with_features else ())}
    return _Scope(frozenset(affected), frozenset(dependence.needed(affected, also)), with_features)


def _read(project: Project, memory: Memory, scope: _Scope) -> tuple[Book, list[Diagnostic]]:
    """The contracts that are read. Of all others their kind is known, as of those that can't be understood."""
    shown = project.shown(project.contracts)
    features: list[FeatureFile] = []
    complaints: list[Diagnostic] = []
    with stage("reading"):
        folder = read_files(project.contracts, shown, _paths(memory, scope, shown))
        if scope.with_features:
            features, complaints = read_features(project.features, project.shown(project.features))
    with stage("understanding", len(folder.documents)):
        contracts = parse_folder(folder)
        contracts.broken |= _others(memory, contracts)
    with stage("linking", len(contracts.parsed)):
        model, context, merged = link(contracts)
    book = Book(project, model, contracts, merged, frozenset(context.unresolved), tuple(features))
    return book, [*contracts.problems, *context.problems, *complaints]


def _paths(memory: Memory, scope: _Scope, shown: str) -> list[str]:
    """The files that are read, below the folder of contracts: also what the folders above say for them."""
    files = [memory.contracts[key].path.removeprefix(f"{shown}/") for key in scope.read]
    folders = {folder for file in files for folder in _above(file)}
    return sorted([*files, *(f"{folder}{DEFAULTS}" for folder in folders)])


def _above(file: str) -> Iterable[str]:
    parts = file.split("/")[:-1]
    return ("".join(f"{part}/" for part in parts[:depth]) for depth in range(len(parts) + 1))


def _others(memory: Memory, contracts: Contracts) -> Mapping[str, str]:
    known = contracts.parsed.keys() | contracts.broken.keys()
    return {key: facts.kind for key, facts in memory.contracts.items() if key not in known}


def _is_complete(new: Mapping[str, Facts]) -> bool:
    """Whether everything that is needed was read, also what contracts need only since they were edited."""
    return all(need in new for facts in new.values() for need in facts.needs)


def _concern(scope: _Scope, memory: Memory, project: Project, found: Iterable[Diagnostic]) -> bool:
    """Whether any of the problems is one of the whole: others come from what was not read."""
    paths = {
        facts.path
        for key, facts in memory.contracts.items()
        if key in scope.affected or (key in scope.read and facts.kind == "vocabulary")
    }
    features = f"{project.shown(project.features)}/"
    return any(
        problem.at.path in paths or (scope.with_features and problem.at.path.startswith(features)) for problem in found
    )


def _emitted(model: Model, project: Project, memory: Memory, scope: _Scope) -> dict[str, bytes] | None:
    """The files of the affected contracts, and the documents that all contracts stand in."""
    with stage("emitting", len(scope.affected)):
        package = project.output.name
        concerned = [contract for contract in model.contracts() if contract.header.key in scope.affected]
        texts = {path: text for item in counted(concerned) for path, text in emit_contract(item, model, package)}
        documents = {
            "openapi.json": emit_openapi(model, project, memory.shared_names),
            "asyncapi.json": emit_asyncapi(model, project),
            "schema.json": emit_snapshot(model),
        }
        whole = {name: _whole(project, name, text) for name, text in documents.items()}
    with stage("formatting", len(texts)):
        texts |= format_python({path: text for path, text in texts.items() if path.endswith(".py")})
    files = {path: text.encode() for path, text in texts.items()}
    files |= {name: content for name, content in whole.items() if content is not None}
    return files if None not in whole.values() else None


def _whole(project: Project, name: str, part: str) -> bytes | None:
    try:
        document = (project.output / name).read_bytes()
    except OSError:
        return None
    return spliced(document, part.encode(), _DOCUMENTS[name])
