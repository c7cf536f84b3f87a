"""A contract from its kind and key: complete but for what only its author knows, which `treaty check` then asks for."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from treaty import names
from treaty.beginning import BeginningError
from treaty.beginning.project import SCHEMA
from treaty.check import load, read
from treaty.contract.kinds import KINDS, Defaults
from treaty.contract.parse import Parsed
from treaty.contract.patterns import EXPLAINED, KEY
from treaty.contract.spelling import suggestion
from treaty.diagnostics import Diagnostic
from treaty.emit.render import render
from treaty.project import Project
from treaty.resolve.model import Entity
from treaty.rules.book import Book

_FOLDER = re.compile(r"[a-z][a-z0-9-]*")
_LONGEST_KEY = 200
_ABOUT = {
    "command": "what it does",
    "query": "what it shows",
    "job": "what it does",
    "webhook": "what it hears of",
    "event": "what happened",
    "entity": "what a row is",
    "type": "what it stands for",
    "vocabulary": "what its phrases are about",
}
# An operation, a job, a webhook or an event is called `usage.record`, the others by one word.
_WORDS_IN_NAME = {"command": 2, "query": 2, "job": 2, "webhook": 2, "event": 2}


@dataclass(frozen=True, slots=True)
class Begun:
    """A new contract: its file, and what is left to say in it."""

    file: Path
    left: list[Diagnostic]


@dataclass(frozen=True, slots=True)
class _Inherited:
    """Which words the folders above say already."""

    stability: bool
    owners: bool
    auth: bool


@dataclass(frozen=True, slots=True)
class _Tenant:
    """How an entity's rows refer to the tenant they belong to."""

    field: str
    entity: str


def begin_contract(project: Project, kind: str, key: str) -> Begun:
    """Add the contract `key`. Raises `BeginningError` when it is there already, or can't be called so."""
    _refuse_kind(kind)
    _refuse_key(key)
    book, _ = read(project)
    folder, name = _place(project, kind, key)
    file = project.contracts.joinpath(*folder, f"{name}.yaml")
    _refuse_taken(file, key, book)
    text = _text(project, kind, key, file, book)
    _write(project, file, text)
    left = [problem for problem in load(project)[1] if problem.at.path == project.shown(file)]
    if refused := [problem for problem in left if problem.code.startswith(("path-", "key-"))]:
        _take_back(project, file)
        raise BeginningError(f"{refused[0].message} {refused[0].hint}")
    return Begun(file, left)


def _refuse_kind(kind: str) -> None:
    if kind not in KINDS:
        meant = suggestion(kind, KINDS)
        hint = f"Did you mean `{meant}`?" if meant else f"There are: {', '.join(KINDS)}."
        raise BeginningError(f"There is no kind `{kind}`. {hint}")


def _refuse_key(key: str) -> None:
    if not re.fullmatch(KEY, key) or len(key) > _LONGEST_KEY:
        message, hint = EXPLAINED[KEY]
        raise BeginningError(f"`{key}` {message} {hint}")


def _place(project: Project, kind: str, key: str) -> tuple[list[str], str]:
    """The folder and the name in it: the nearest namespace that there is, else what the kind suggests."""
    words = key.split(".")
    depth = next(
        (depth for depth in range(len(words) - 1, 0, -1) if _is_namespace(project.contracts.joinpath(*words[:depth]))),
        max(1, len(words) - _WORDS_IN_NAME.get(kind, 1)),
    )
    for folder in words[:depth]:
        if not _FOLDER.fullmatch(folder):
            raise BeginningError(
                f"`{folder}` would be a folder of `{key}`, and those are called by small letters, digits and `-`."
            )
    if words[0].replace("-", "_") in names.RESERVED_ROOTS:
        raise BeginningError(f"`{words[0]}` belongs to Python or to Treaty: begin the key with another word.")
    return words[:depth], ".".join(words[depth:])


def _is_namespace(folder: Path) -> bool:
    return folder.is_dir() and any(folder.glob("*.yaml"))


def _refuse_taken(file: Path, key: str, book: Book) -> None:
    if key in book.contracts.parsed:
        raise BeginningError(f"There is a contract `{key}` already: {book.parsed(key).document.path}.")
    for other in (*book.contracts.parsed, *book.contracts.broken):
        if other != key and other.casefold() == key.casefold():
            raise BeginningError(f"There is a contract `{other}`, and file systems differ in whether that is the same.")
    if key in book.contracts.broken or os.path.lexists(file):
        raise BeginningError(
            f"There is a file for `{key}` already, and something is wrong with it: run `treaty check`."
        )


def _text(project: Project, kind: str, key: str, file: Path, book: Book) -> str:
    above = [defaults.contract for defaults in _defaults_above(project, file, book)]
    schema = project.root / SCHEMA
    namespace, name = ".".join(file.parent.relative_to(project.contracts).parts), file.stem
    return render(
        f"contract_stub/{kind}.yaml.jinja",
        kind=kind,
        key=key,
        about=_ABOUT[kind],
        schema=Path(os.path.relpath(schema, file.parent)).as_posix() if schema.is_file() else None,
        deed="-".join(names.snake(word).replace("_", "-") for word in reversed(name.split("."))),
        tenant=_tenant(book.model.tenant_entity, namespace),
        inherited=_Inherited(
            stability=any(defaults.stability is not None for defaults in above),
            owners=any(defaults.owners is not None for defaults in above),
            auth=any(defaults.policy.auth is not None for defaults in above),
        ),
    )


def _defaults_above(project: Project, file: Path, book: Book) -> Iterator[Parsed[Defaults]]:
    folders = file.relative_to(project.contracts).parts[:-1]
    for depth in range(len(folders) + 1):
        if defaults := book.contracts.defaults.get("/".join(folders[:depth])):
            yield defaults


def _tenant(entity: Entity | None, namespace: str) -> _Tenant | None:
    if entity is None:
        return None
    name = entity.header.name.rsplit(".", 1)[-1]
    return _Tenant(
        field=name[:1].lower() + name[1:].replace("-", ""),
        entity=entity.header.name if entity.header.namespace == namespace else entity.header.key,
    )


def _write(project: Project, file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        stream = file.open("x", encoding="utf-8", newline="\n")
        try:
            with stream:
                stream.write(text)
        except OSError:  # half a contract would be in the way of the next try
            _take_back(project, file)
            raise
    except OSError as error:
        raise BeginningError(f"{file} can't be written: {error.strerror}.") from None


def _take_back(project: Project, file: Path) -> None:
    file.unlink()
    for folder in file.relative_to(project.contracts).parents:
        with suppress(OSError):  # another contract is in it
            (project.contracts / folder).rmdir()
