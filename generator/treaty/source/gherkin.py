"""Hand-written feature files: every scenario as a list of steps that know where they stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from treaty.diagnostics import Diagnostic, Location
from treaty.source.folder import printable, read_bytes, walk
from treaty.source.reader import MAX_BYTES

Keyword = Literal["given", "when", "then"]
_KEYWORDS: dict[str, Keyword] = {"Context": "given", "Action": "when", "Outcome": "then"}


@dataclass(frozen=True, slots=True)
class FeatureStep:
    """One step of one played scenario; an outline's placeholders are filled in. `columns`: its table's heading."""

    type: Keyword
    text: str
    at: Location
    columns: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class FeatureScenario:
    """A scenario as it is played: backgrounds first, outlines once per row."""

    name: str
    steps: tuple[FeatureStep, ...]


@dataclass(frozen=True, slots=True)
class FeatureFile:
    """A feature file and the namespace of its folder."""

    path: str
    namespace: str
    scenarios: tuple[FeatureScenario, ...]


def read_features(folder: Path, shown_as: str) -> tuple[list[FeatureFile], list[Diagnostic]]:
    """All feature files below `folder`; none when there is no such folder."""
    found: list[FeatureFile] = []
    problems: list[Diagnostic] = []
    for path in sorted(walk(folder, shown_as, (".feature",), problems)):
        shown = f"{shown_as}/{path}"
        text = _text(folder, path, shown, problems)
        if text is None:
            continue
        namespace = path.rpartition("/")[0].replace("/", ".")
        try:
            found.append(FeatureFile(printable(shown), namespace, tuple(_scenarios(text, printable(shown)))))
        except _SyntaxProblemError as error:
            problems += error.problems
    return found, problems


class _SyntaxProblemError(Exception):
    def __init__(self, problems: list[Diagnostic]) -> None:
        super().__init__(str(problems[0]))
        self.problems = problems


def _text(folder: Path, path: str, shown: str, problems: list[Diagnostic]) -> str | None:
    content = read_bytes(folder, path, shown)
    if content is None:
        return None
    if isinstance(content, Diagnostic):
        problems.append(content)
        return None
    at = Location(printable(shown))
    if len(content) > MAX_BYTES:
        problems.append(Diagnostic(at, "file-too-large", f"This file is larger than {MAX_BYTES:,} bytes.", "Split it."))
        return None
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        problems.append(Diagnostic(at, "not-utf8", "This is not UTF-8.", "Save the file as UTF-8."))
        return None


def _scenarios(text: str, path: str) -> Iterator[FeatureScenario]:
    # Imported late: a project without feature files does not pay for it.
    from gherkin.errors import CompositeParserException, ParserException
    from gherkin.parser import Parser
    from gherkin.pickles.compiler import Compiler

    try:
        document: Any = Parser().parse(text)
    except CompositeParserException as error:
        raise _SyntaxProblemError([_problem(path, item) for item in error.errors]) from None
    except ParserException as error:
        raise _SyntaxProblemError([_problem(path, error)]) from None
    if not document.get("feature"):
        return
    places = dict(_places(document["feature"]))
    played: Any = {**document, "uri": path}
    for pickle in Compiler().compile(played):
        yield FeatureScenario(pickle["name"], tuple(_steps(pickle["steps"], places, path)))


def _problem(path: str, error: Any) -> Diagnostic:
    location = getattr(error, "location", None) or {}
    at = Location(path, location.get("line", 1), location.get("column", 1) or 1)
    message = str(error).split(": ", 1)[-1]
    return Diagnostic(
        at, "feature-syntax", f"This is not Gherkin: {message}.", "See https://cucumber.io/docs/gherkin/reference/."
    )


def _places(node: Any) -> Iterator[tuple[str, tuple[int, int]]]:
    """The place of every step, by the id that played scenarios refer to."""
    for child in node.get("children", ()):
        for part in child.values():
            for step in part.get("steps", ()):
                yield step["id"], (step["location"]["line"], step["location"]["column"])
            yield from _places(part)


def _steps(steps: Any, places: dict[str, tuple[int, int]], path: str) -> Iterator[FeatureStep]:
    before: Keyword = "given"
    for step in steps:
        before = _KEYWORDS.get(step["type"], before)
        table = step.get("argument", {}).get("dataTable")
        columns = tuple(cell["value"] for cell in table["rows"][0]["cells"]) if table else None
        yield FeatureStep(before, step["text"], Location(path, *places[step["astNodeIds"][0]]), columns)
