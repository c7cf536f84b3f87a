"""Writes one revision and the schema that it leads to: both files or neither."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from treaty_runtime.errors import MigrationError
from treaty_runtime.migrations.changes import AlterColumn, Change
from treaty_runtime.migrations.diff import compare
from treaty_runtime.migrations.history import application_history
from treaty_runtime.migrations.render import Revision, render
from treaty_runtime.migrations.snapshot import Snapshot

__all__ = ["Outcome", "revise"]

SNAPSHOT = "schema.json"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What `revise` did: the revision that was written, and whether `schema.json` was."""

    path: Path | None
    noted: bool


def revise(title: str, wanted: Path, folder: Path, *, allow_data_loss: bool = False) -> Outcome:
    """Write the revision that leads from `folder/schema.json` to the schema in `wanted`.

    Raises `MigrationError` that names everything which cannot be done, and what to write instead; then nothing is
    written.
    """
    slug = _slug(title)
    present = folder / SNAPSHOT
    old = Snapshot.read(present) if present.exists() else Snapshot()
    new, text = Snapshot.read(wanted), wanted.read_bytes()
    noted = not present.exists() or present.read_bytes() != text
    changes = _changes(old, new, allow_data_loss=allow_data_loss)
    history = application_history(folder)
    head = history.head()
    interrupted = head is not None and head.revision == _identifier(head.down_revision, new)
    if not changes or interrupted:  # the revision is there already when writing the two files was cut short
        if noted:
            _write({present: text})
        return Outcome(path=None, noted=noted)
    parent = head.revision if head else None
    revision = Revision(id=_identifier(parent, new), parent=parent, title=_sentence(title), changes=changes)
    path = history.versions / f"{_number(history.versions):04}_{slug}.py"
    _write({path: render(revision).encode(), present: text})
    return Outcome(path=path, noted=True)


def _changes(old: Snapshot, new: Snapshot, *, allow_data_loss: bool) -> list[Change]:
    diff = compare(old, new)
    problems = list(diff.problems)
    if not allow_data_loss:
        problems += [
            f"It would drop {change.loses}. If that is meant, add --allow-data-loss; "
            "if a field only got another name, say `renamedFrom` on it."
            for change in diff.changes
            if change.loses and not isinstance(change, AlterColumn)  # a problem already
        ]
    if problems:
        raise MigrationError("\n".join(["No revision is written:", *(f"  {problem}" for problem in problems)]))
    return diff.changes


def _identifier(parent: str | tuple[str, ...] | list[str] | None, snapshot: Snapshot) -> str:
    """The same change after the same revision has the same id, wherever it is made."""
    return hashlib.sha256(f"{parent}\n{snapshot.model_dump_json()}".encode()).hexdigest()[:12]


def _sentence(title: str) -> str:
    line = " ".join(title.split())
    return f"{line[:1].upper()}{line[1:].rstrip('.')}."


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")[:50].rstrip("_")
    if not slug:
        raise MigrationError(f"{title!r} has no letter to name a file with. Say in a word or two what changes.")
    return slug


def _number(versions: Path) -> int:
    numbers = [int(path.name.split("_")[0]) for path in versions.glob("[0-9]*_*.py")]
    return max(numbers, default=0) + 1


def _write(files: dict[Path, bytes]) -> None:
    """Write all files or none, each whole."""
    drafts: dict[Path, Path] = {}
    done: list[Path] = []
    try:
        for path, content in files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            drafts[path] = path.with_name(f".{path.name}.draft")
            drafts[path].write_bytes(content)
        for path, draft in drafts.items():  # the new revision first: it is the one that can be taken back
            draft.replace(path)
            done.append(path)
    except OSError as error:
        for path in done:
            path.unlink()
        raise MigrationError(f"The revision cannot be written: {error}. Nothing was changed.") from error
    finally:
        for draft in drafts.values():
            draft.unlink(missing_ok=True)
