"""What a run did or found, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.generate import Generated
from treaty.output.manifest import NAME
from treaty.project import Project
from treaty.reporting.differences import difference


def summary(generated: Generated, project: Project) -> Iterator[str]:
    """What was done."""
    output, difference = project.shown(project.output), generated.difference
    written = len(difference.missing) + len(difference.changed)
    yield f"{output}/: {generated.count} files, {written} written, {len(difference.stale)} removed."
    yield from _schema(generated, project)


def findings(generated: Generated, project: Project) -> Iterator[str]:
    """What `--check` found."""
    output, difference = project.shown(project.output), generated.difference
    edited = frozenset(difference.edited)
    said = {"missing": difference.missing, "differs": difference.changed, "stale": difference.stale}
    for word, paths in said.items():
        yield from (f"{output}/{path}: {'edited by hand' if path in edited else word}" for path in paths)
    if generated.manifest_differs:
        yield f"{output}/{NAME}: differs"
    for path in difference.edited:
        yield where_it_belongs(path, generated, project)
    if difference or generated.manifest_differs:
        yield f"{output}/ is not what the contracts say: run `treaty generate`."
    else:
        yield f"{output}/ is what the contracts say: {generated.count} files."
    yield from _schema(generated, project)


def refusal(generated: Generated, project: Project) -> Iterator[str]:
    """What was edited by hand, and where each change belongs: nothing was written."""
    output = project.shown(project.output)
    for path in generated.difference.edited:
        yield f"{output}/{path} was edited by hand:"
        yield from _edit(path, generated, output)
        yield where_it_belongs(path, generated, project)
    yield "Nothing was written. `treaty generate --force` gives up what was edited."


def where_it_belongs(path: str, generated: Generated, project: Project) -> str:
    """Where somebody should have made the change that was made in a generated file."""
    shown = f"{project.shown(project.output)}/{path}"
    if path not in generated.files:
        return f"{shown}: no contract makes it any more. To keep it, move it out of the output folder."
    origin = generated.origins.get(path)
    if origin is None:
        place = project.shown(project.contracts)
        return f"{shown}: it comes from all contracts together, so the change belongs into one below {place}/."
    does = f"; what the operation does, into `{origin.implementation}`" if origin.implementation else ""
    return (
        f"{shown}: what it says belongs into {', '.join(origin.paths)}{does}. "
        f"`treaty trace {shown}:LINE` names the line of the contract."
    )


def differences(generated: Generated, project: Project) -> Iterator[str]:
    """What a run would change, as a unified diff."""
    output, found = project.shown(project.output), generated.difference
    for path in sorted((*found.missing, *found.changed, *found.stale)):
        name = f"{output}/{path}"
        before, after = found.before.get(path), generated.files.get(path)
        old = "/dev/null" if before is None else f"a/{name}"
        new = "/dev/null" if after is None else f"b/{name}"
        yield from difference(before or b"", after or b"", old, new)


def outlook(generated: Generated, project: Project) -> Iterator[str]:
    """What a run would do, after the differences."""
    output, difference = project.shown(project.output), generated.difference
    written = len(difference.missing) + len(difference.changed)
    yield (
        f"{output}/: {generated.count} files, {written} would be written, {len(difference.stale)} removed. "
        "Nothing was written."
    )
    for path in difference.edited:
        yield f"{output}/{path} was edited by hand: without `--force` nothing would be written."


def _edit(path: str, generated: Generated, output: str) -> Iterator[str]:
    """What somebody made of a file; of one that no contract makes any more nobody knows what it was."""
    wanted = generated.files.get(path)
    if wanted is not None:
        names = f"{output}/{path} (generated)", f"{output}/{path} (edited)"
        yield from difference(wanted, generated.difference.before[path], *names)


def _schema(generated: Generated, project: Project) -> Iterator[str]:
    if generated.schema_changed:
        folder = project.shown(project.migrations)
        yield f"The database schema changed: run `treaty migrate NAME`, which writes a revision below {folder}/."
