"""`treaty generate`: contracts in, files out. With any problem in the contracts nothing is written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from treaty.check import load
from treaty.diagnostics import Diagnostic
from treaty.emit import emit
from treaty.format import Formatter
from treaty.output import Difference, bring_up_to_date, compare
from treaty.project import Project

MEMORY = ".treaty/formatted.json"
SNAPSHOT = "schema.json"


@dataclass(frozen=True, slots=True)
class Generated:
    """What came of a run: problems of the contracts, or how the output folder differed from its `files`."""

    problems: list[Diagnostic] = field(default_factory=list)
    files: Mapping[str, str] = field(default_factory=dict)
    difference: Difference = field(default_factory=Difference)
    schema_changed: bool = False

    @property
    def differs(self) -> bool:
        """Whether anything that is committed has to change."""
        return bool(self.difference) or self.schema_changed


def generate(project: Project, *, write: bool) -> Generated:
    """Bring the project's output up to date, or only say how it differs. Raises `treaty.output.OutputError`."""
    model, problems = load(project)
    if problems:
        return Generated(problems)
    texts = emit(model, project)
    formatter = Formatter.remembering(project.root / MEMORY)
    files = texts | formatter.format(_python(texts), project.output)
    difference = compare(project.output, files)
    if write:
        bring_up_to_date(project.output, files, difference)
        formatter.remember()
    return Generated([], files, difference, _schema_changed(project, files))


def summary(generated: Generated, project: Project, *, check: bool) -> Iterator[str]:
    """What was done, or what `--check` found, in lines for people."""
    output, difference = project.shown(project.output), generated.difference
    said = {"missing": difference.missing, "differs": difference.changed, "stale": difference.stale}
    written = len(difference.missing) + len(difference.changed)
    if check:
        yield from (f"{output}/{path}: {word}" for word, paths in said.items() for path in paths)
    if check and difference:
        yield f"{output}/ is not what the contracts say: run `treaty generate`."
    elif check:
        yield f"{output}/ is what the contracts say: {len(generated.files)} files."
    else:
        yield f"{output}/: {len(generated.files)} files, {written} written, {len(difference.stale)} removed."
    if generated.schema_changed:
        folder = project.shown(project.migrations)
        yield f"The database schema changed: run `treaty migrate NAME`, which writes a revision below {folder}/."


def _python(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in texts.items() if path.endswith(".py")}


def _schema_changed(project: Project, files: Mapping[str, str]) -> bool:
    """Whether the contracts ask for another database schema than the migrations lead to."""
    wanted = json.loads(files[SNAPSHOT])
    try:
        reached = json.loads((project.migrations / SNAPSHOT).read_bytes())
    except FileNotFoundError:
        return bool(wanted["tables"])
    except (OSError, ValueError):
        return True
    return bool(wanted != reached)
