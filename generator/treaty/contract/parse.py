"""Documents to contracts: the kind, the words, the key. Everything that one file alone can get wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

from pydantic import ValidationError

from treaty.contract.base import Written
from treaty.contract.kinds import KINDS, AnyContract, Defaults
from treaty.contract.mending import mend, unknown_words
from treaty.contract.problems import problems
from treaty.contract.prose import distrusted_phrases, prose_problems
from treaty.contract.spelling import respelling, suggestion
from treaty.contract.unsaid import unsaid
from treaty.contract.words import models_at, without_tags, words
from treaty.diagnostics import Diagnostic, Edit, Fix, Location
from treaty.names import without_version
from treaty.source.document import Document, Path
from treaty.source.folder import DEFAULTS, Folder, printable

ContractT = TypeVar("ContractT", bound=Written)
ContractT_co = TypeVar("ContractT_co", bound=Written, covariant=True)

_FOLDER_NAME = re.compile(r"[a-z][a-z0-9-]*")
_FILE_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*(\.[A-Za-z][A-Za-z0-9-]*)*(@(0|[1-9][0-9]{0,8}))?")
_RESERVED = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]", re.IGNORECASE)
_SERVED = ("command", "query", "event")


@dataclass(frozen=True, slots=True)
class Parsed(Generic[ContractT_co]):
    """What the author wrote in one file, and where every word of it stands.

    `name` is the file's: an older version that is still served has its major behind it, `usage.record@1`.
    """

    contract: ContractT_co
    document: Document
    namespace: str
    name: str

    @property
    def key(self) -> str:
        """What tells it from every other contract: the key, with `@1` for an older version."""
        return f"{self.namespace}.{self.name}"

    def at(self, *path: str | int) -> Location:
        """Where a value stands."""
        return self.document.value_at(*path)

    def key_at(self, *path: str | int) -> Location:
        """Where a key stands."""
        return self.document.key_at(*path)


@dataclass(slots=True)
class Contracts:
    """Everything that was written.

    `broken` contracts exist, but could not be understood: key to kind, as far as it can be told (empty: it says none;
    `None`: nothing is known). `distrusted` phrases were taken apart by YAML.
    `by_folded`: where keys stand, without regard to capital letters.
    """

    parsed: dict[str, Parsed[AnyContract]] = field(default_factory=dict)
    defaults: dict[str, Parsed[Defaults]] = field(default_factory=dict)
    broken: dict[str, str | None] = field(default_factory=dict)
    distrusted: set[Location] = field(default_factory=set)
    by_folded: dict[str, str] = field(default_factory=dict)
    problems: list[Diagnostic] = field(default_factory=list)


def parse_folder(folder: Folder) -> Contracts:
    """Understand every document of `folder`."""
    found = Contracts(problems=list(folder.problems))
    for path, kind in sorted(folder.unreadable.items()):
        namespace, name = _place(path)
        found.broken[f"{namespace}.{name}"] = kind
    for path, document in folder.documents.items():
        _parse_file(path, document, found)
    return found


def _place(path: str) -> tuple[str, str]:
    """Namespace and name that a path below `contracts/` gives."""
    folder, _, file = path.removesuffix(".yaml").rpartition("/")
    return folder.replace("/", "."), file


def _parse_file(path: str, document: Document, found: Contracts) -> None:
    folder, _, file = path.rpartition("/")
    if file == DEFAULTS:
        defaults, document, complaints = _understand(Defaults, document)
        found.problems += complaints
        if defaults:
            found.defaults[folder] = Parsed(defaults, document, folder.replace("/", "."), "_defaults")
        return
    if complaint := _bad_path(path, document):
        found.problems.append(complaint)
        return
    namespace, name = _place(path)
    key = f"{namespace}.{name}"
    if key in found.parsed or key in found.broken:
        found.problems.append(_same_key(document, key))
        return
    twin = found.by_folded.setdefault(key.casefold(), document.path)
    if twin != document.path:
        found.problems.append(_twin(document, twin))
        found.broken[key] = None
        return
    kind, complaints = _kind(document)
    found.problems += complaints
    contract: AnyContract | None = None
    if kind:
        found.problems += [*prose_problems(document), *unsaid(document)]
        found.distrusted |= distrusted_phrases(document)
        contract, document, complaints = _understand(KINDS[kind], document)
        if document.value_at("key") not in {complaint.at for complaint in complaints}:
            complaints += _key_problems(document, without_version(key)[0])
        found.problems += complaints
        if kind not in _SERVED and without_version(name)[1] is not None:
            found.problems.append(_no_versions(document, kind))
            contract = None
    if contract is None:
        found.broken[key] = kind or suggestion(str(document.data.get("kind")), KINDS) or ""
    else:
        found.parsed[key] = Parsed(contract, document, namespace, name)


def _bad_path(path: str, document: Document) -> Diagnostic | None:
    *folders, file = path.removesuffix(".yaml").split("/")
    at = Location(document.path)
    if not folders:
        return Diagnostic(
            at,
            "path-no-folder",
            "This contract stands in no folder, so it has no namespace.",
            "Move it into a folder, such as `saas/billing/`.",
        )
    for folder in folders:
        if not _FOLDER_NAME.fullmatch(folder):
            return Diagnostic(
                at,
                "path-name",
                f"The folder `{printable(folder)}` can't be part of a key.",
                "Name folders with small letters, digits and `-`.",
            )
    if not _FILE_NAME.fullmatch(file):
        return Diagnostic(
            at,
            "path-name",
            f"The file name `{printable(file)}.yaml` can't be part of a key.",
            "Name files with words of letters, digits and `-`, joined by dots (older versions: `usage.record@1.yaml`; "
            "defaults: `_defaults.yaml`).",
        )
    return _reserved(at, (*folders, file.partition(".")[0].partition("@")[0]))


def _reserved(at: Location, names: tuple[str, ...]) -> Diagnostic | None:
    for name in names:
        if _RESERVED.fullmatch(name):
            return Diagnostic(
                at,
                "path-reserved",
                f"Windows keeps the name `{name}` for a device.",
                "Rename it, such as to the whole word that it stands for.",
            )
    return None


def _same_key(document: Document, key: str) -> Diagnostic:
    return Diagnostic(
        document.value_at("key"), "key-taken", f"Another file has the key `{key}` too.", "Rename one of the two files."
    )


def _twin(document: Document, other: str) -> Diagnostic:
    return Diagnostic(
        Location(document.path),
        "path-twin",
        f"Only capital letters tell this path from `{other}`.",
        "Rename one of the two files: Windows and macOS take both for one.",
    )


def _no_versions(document: Document, kind: str) -> Diagnostic:
    return Diagnostic(
        document.value_at("kind"),
        "version-kind",
        f"There is one version of {'an' if kind[0] in 'aeiou' else 'a'} {kind} at a time.",
        "Leave `@` and the number out of the file's name; only commands, queries and events are served in several.",
    )


def _kind(document: Document) -> tuple[str | None, list[Diagnostic]]:
    kinds = ", ".join(KINDS)
    if "kind" not in document.data:
        at = document.value_at()
        return None, [
            Diagnostic(
                at, "kind-missing", "The contract does not say its kind.", f"Begin with `kind:` and one of {kinds}."
            )
        ]
    kind = document.data["kind"]
    if not isinstance(kind, str) or kind not in KINDS:
        meant = suggestion(str(kind), KINDS)
        hint = f"Did you mean `{meant}`?" if meant else f"Write one of {kinds}."
        at = document.value_at("kind")
        fix = respelling(at, kind, KINDS) if isinstance(kind, str) else None
        return None, [Diagnostic(at, "kind-unknown", f"There is no kind `{_short(kind)}`.", hint, fix=fix)]
    if next(iter(document.data)) != "kind":
        return kind, [
            Diagnostic(
                document.key_at("kind"),
                "kind-not-first",
                "`kind` is not the first word.",
                "Move it to the top of the file.",
                fix=_first(document, kind),
            )
        ]
    return kind, []


def _first(document: Document, kind: str) -> Fix:
    """The mend that moves the line of `kind` above the first word."""
    line = f"kind: {kind}\n"
    first = document.key_at(next(iter(document.data)))
    moved = Edit(document.key_at("kind"), line, ""), Edit(first, "", line)
    return Fix("move `kind` to the top", moved)


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


def _key_problems(document: Document, key: str) -> list[Diagnostic]:
    written = document.data.get("key")
    if not isinstance(written, str) or written == key:
        return []
    at = document.value_at("key")
    return [
        Diagnostic(
            at,
            "key-path",
            f"The key `{_short(written)}` does not match the file's path.",
            f"Write `key: {key}`, or move the file.",
            fix=respelling(at, written, [key]),
        )
    ]


def _understand(model: type[ContractT], document: Document) -> tuple[ContractT | None, Document, list[Diagnostic]]:
    """The contract and the document it was read from: mended, when it had unknown words."""
    contract, complaints, error = _validate(model, document)
    if error is not None and (unknown := unknown_words(error)):
        contract, document, complaints = _past_unknown_words(model, document, error, unknown)
    nulls = list(_nulls(model, document))
    missing = {document.value_at(*path) for path in nulls}
    complaints = [complaint for complaint in complaints if complaint.at not in missing]
    seen = {complaint.at for complaint in complaints}
    complaints += [found for found in map(partial(_no_value, document), nulls) if found.at not in seen]
    return contract, document, complaints


def _past_unknown_words(
    model: type[ContractT], document: Document, error: ValidationError, unknown: list[Path]
) -> tuple[ContractT | None, Document, list[Diagnostic]]:
    about_words = problems(model, document, error, only=unknown)
    mended, guessed = mend(model, document, unknown)
    contract, complaints, more = _validate(model, mended)
    wrong = {without_tags(item["loc"]) for item in more.errors()} if more else set()
    skipped = [location for path, location in guessed.items() if any(place[: len(path)] == path for place in wrong)]
    if skipped:  # what stands there is no such thing, so the guess was wrong: one mistake, one message
        mended, _ = mend(model, document, unknown, skipped)
        contract, complaints, _ = _validate(model, mended)
    return contract, mended, [*about_words, *complaints]


def _validate(
    model: type[ContractT], document: Document
) -> tuple[ContractT | None, list[Diagnostic], ValidationError | None]:
    try:
        # JSON mode: lists become tuples and strings enumerations, and nothing else is converted.
        contract = model.model_validate_json(json.dumps(document.data), by_alias=True, by_name=False)
    except ValidationError as error:
        return None, problems(model, document, error), error
    return contract, [], None


def _nulls(model: type[Written], document: Document) -> Iterator[Path]:
    """Words without a value: pydantic takes them for words that were left out, or complains of their type."""
    for path in document.nulls:
        if any(path[-1] in words(found) for found in models_at(model, path[:-1])):
            yield path


def _no_value(document: Document, path: Path) -> Diagnostic:
    at = document.key_at(*path)
    return Diagnostic(at, "value-missing", f"`{path[-1]}` has no value.", "Give it one, or delete the line.")
