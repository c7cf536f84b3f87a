"""`treaty generate`: contracts in, files out. With any problem in the contracts nothing is written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from treaty.check import examine
from treaty.diagnostics import Diagnostic
from treaty.emit import emit
from treaty.emit.origins import Origin, origins
from treaty.format import Formatter
from treaty.garbage import without_garbage_collection
from treaty.incremental.facts import Memory
from treaty.incremental.part import Part, run_part
from treaty.output.compare import Difference, compare
from treaty.output.errors import OutputError
from treaty.output.journal import Journal
from treaty.output.lock import locked
from treaty.output.manifest import (
    NAME,
    Manifest,
    digest,
    digests,
    listed_hash,
    manifest_text,
    read_manifest,
    with_hashes,
)
from treaty.progress import stage
from treaty.project import Project
from treaty.resolve.model import Model
from treaty.witness import Witness, is_loaded

MEMORY = ".treaty/formatted.json"
SNAPSHOT = "schema.json"


@dataclass(frozen=True, slots=True)
class Generated:
    """What came of a run: problems of the contracts, or how the output folder differed from its `files`.

    `refused` says that nothing was written, because files were edited by hand.
    """

    problems: list[Diagnostic] = field(default_factory=list)
    files: Mapping[str, bytes] = field(default_factory=dict)
    origins: Mapping[str, Origin] = field(default_factory=dict)
    difference: Difference = field(default_factory=Difference)
    manifest_differs: bool = False
    schema_changed: bool = False
    refused: bool = False
    warnings: list[Diagnostic] = field(default_factory=list)
    memory: Memory | None = None
    in_all: int = 0

    @property
    def count(self) -> int:
        """How many files there are in all: `files` may be only those that could have changed."""
        return self.in_all or len(self.files)

    @property
    def differs(self) -> bool:
        """Whether anything that is committed has to change."""
        return bool(self.difference) or self.manifest_differs or self.schema_changed


def generate(
    project: Project, *, write: bool, force: bool = False, waiting: Callable[[], None] = lambda: None
) -> Generated:
    """Bring the project's output up to date, or only say how it differs. Raises `OutputError`.

    `force` overwrites what was edited by hand; `waiting` is called when another run has to finish first.
    """
    journal = Journal.of(project.root, project.output)
    is_loaded()
    with locked(project.root, shared=not write, waiting=waiting), without_garbage_collection():
        if write:
            journal.finish()
        elif journal.is_unfinished:
            raise OutputError(
                f"A run of `treaty generate` was interrupted while it changed {project.shown(project.output)}/. "
                "Run `treaty generate`: it finishes that one first."
            )
        witness = Witness.of(project, journal) if write else None
        generated = None
        if witness and not force:
            generated = _regenerate(project, journal, witness)
        generated = generated or _generate(project, journal, write=write, force=force)
        if witness:
            witness.leave_record(generated)
        return generated


def _regenerate(project: Project, journal: Journal, witness: Witness) -> Generated | None:
    """Only what edited contracts change; `None` when that can't be told, or other things changed as well."""
    edited = witness.edited_contracts()
    if edited is None:
        return None
    try:
        memory = Memory.from_text(edited[0])
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    part = run_part(project, memory, edited[1])
    before = part and _before(project, part)
    return _write_part(project, journal, part, before) if part and before else None


def _before(project: Project, part: Part) -> dict[str, bytes] | None:
    """What stands in the manifest and where the files of a part belong; `None` unless the manifest lists just that."""
    try:
        before = {path: (project.output / path).read_bytes() for path in (NAME, *part.files)}
    except OSError:
        return None
    is_listed = all(listed_hash(before[NAME], path) == digest(before[path]) for path in part.files)
    return before if is_listed else None


def _write_part(project: Project, journal: Journal, part: Part, before: Mapping[str, bytes]) -> Generated:
    """Put what changed of a part in its places."""
    changed = {path: content for path, content in part.files.items() if content != before[path]}
    with stage("writing", len(changed)):
        if changed:
            hashes = digests(changed)
            manifest = with_hashes(before[NAME], hashes)
            old = {path: listed for path in changed if (listed := listed_hash(before[NAME], path))}
            journal.write(
                {**changed, NAME: manifest},
                {**old, NAME: digest(before[NAME])},
                {**hashes, NAME: digest(manifest)},
            )
    return Generated(
        files=part.files,
        difference=Difference(changed=tuple(changed), before=before),
        schema_changed=_schema_changed(project, part.files[SNAPSHOT]),
        memory=part.memory,
        in_all=before[NAME].count(b'"sha256": '),
    )


def _generate(project: Project, journal: Journal, *, write: bool, force: bool) -> Generated:
    checked = examine(project)
    if checked.errors:
        return Generated(checked.problems)
    model, warnings = checked.model, checked.problems
    memory = Memory.of(model, checked.book.features) if write else None
    del checked  # what the authors wrote takes more memory than all that is made of it
    formatter = Formatter.remembering(project.root / MEMORY)
    files, made_from = made(model, project, formatter), origins(model)
    known = {path: origin.paths for path, origin in made_from.items() if path in files}
    with stage("comparing", len(files)):
        manifest, difference = _compare(project, files, force=force)
        hashes = digests(files)
        manifest_after = manifest_text(hashes, known)
    differs = manifest is None or manifest_after != manifest.content
    refused = write and bool(difference.edited) and not force
    if write and not refused:
        with stage("writing", len(difference.missing) + len(difference.changed)):
            hashes[NAME] = digest(manifest_after)
            _write(journal, {**files, NAME: manifest_after}, hashes, difference, manifest)
            formatter.remember()
    changed = _schema_changed(project, files[SNAPSHOT])
    return Generated([], files, made_from, difference, differs, changed, refused, warnings, memory)


def made(model: Model, project: Project, formatter: Formatter) -> dict[str, bytes]:
    """The content of every generated file."""
    with stage("emitting"):
        texts = emit(model, project)
    modules = _python(texts)
    with stage("formatting", len(modules)):
        formatted = formatter.format(modules, project.output)
    return {path: formatted.get(path, text).encode() for path, text in texts.items()}


def _compare(project: Project, files: Mapping[str, bytes], *, force: bool) -> tuple[Manifest | None, Difference]:
    """The manifest, and how the output folder differs; who forces can do without a manifest."""
    try:
        manifest = read_manifest(project.output)
    except OutputError:
        if not force:
            raise
        manifest = None
    return manifest, compare(project.output, files, manifest)


def _write(
    journal: Journal,
    files: Mapping[str, bytes],
    hashes: Mapping[str, str],
    difference: Difference,
    manifest: Manifest | None,
) -> None:
    """All changes at once; the manifest comes last."""
    contents: dict[str, bytes | None] = {path: files[path] for path in (*difference.missing, *difference.changed)}
    contents |= dict.fromkeys(difference.stale)
    before = digests(difference.before)
    if manifest:
        before[NAME] = digest(manifest.content)
    if hashes[NAME] != before.get(NAME):
        contents[NAME] = files[NAME]
    if contents:
        journal.write(contents, before, hashes)


def _python(texts: Mapping[str, str]) -> dict[str, str]:
    return {path: text for path, text in texts.items() if path.endswith(".py")}


def _schema_changed(project: Project, snapshot: bytes) -> bool:
    """Whether the contracts ask for another database schema than the migrations lead to."""
    wanted = json.loads(snapshot)
    try:
        reached = json.loads((project.migrations / SNAPSHOT).read_bytes())
    except FileNotFoundError:
        return bool(wanted["tables"])
    except (OSError, ValueError):
        return True
    return bool(wanted != reached)
