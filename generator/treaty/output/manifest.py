"""The manifest: which files of the output folder treaty made, from which contracts, and what it wrote into them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import Any

from treaty.output.errors import OutputError, failure

NAME = ".treaty-manifest.json"
ALL = "all"
_FORMAT = 1
_HASH = re.compile(rb'"sha256": "([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the last run wrote: the SHA-256 of each file, by its path below the output folder; and its own text."""

    hashes: Mapping[str, str]
    content: bytes


def read_manifest(folder: Path) -> Manifest | None:
    """The manifest of an output folder; `None` when it has none yet. Raises `OutputError`."""
    file = folder / NAME
    try:
        content = file.read_bytes()
        return Manifest(_hashes(json.loads(content)), content)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise failure(error, folder, "read") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise OutputError(
            f"{file} is no manifest that this treaty understands. After a merge, settle the contracts and run "
            "`treaty generate --force`, which writes it anew; it overwrites generated files that were edited by hand."
        ) from None


def manifest_text(hashes: Mapping[str, str], contracts: Mapping[str, tuple[str, ...]]) -> bytes:
    """The manifest of files with these hashes, a line for each; those without contracts of their own come from all."""
    lines = [f"    {json.dumps(path)}: {_entry(hashes[path], contracts.get(path))}" for path in sorted(hashes)]
    listed = ",\n".join(lines)
    return (
        "{\n"
        '  "about": "What treaty generated: from which contracts, and the SHA-256 of each file. Do not edit.",\n'
        f'  "format": {_FORMAT},\n'
        f'  "generator": {json.dumps(version("treaty"))},\n'
        f'  "files": {{\n{listed}\n  }}\n'
        "}\n"
    ).encode()


def listed_hash(manifest: bytes, path: str) -> str | None:
    """What a manifest's text says of one file, without reading all of it."""
    start, end = _line(manifest, path)
    found = _HASH.search(manifest, start, end)
    return found[1].decode() if found else None


def with_hashes(manifest: bytes, hashes: Mapping[str, str]) -> bytes:
    """A manifest's text, once these of its files hold something else."""
    for path, new in hashes.items():
        start, end = _line(manifest, path)
        line = _HASH.sub(f'"sha256": "{new}"'.encode(), manifest[start:end])
        manifest = manifest[:start] + line + manifest[end:]
    return manifest


def _line(manifest: bytes, path: str) -> tuple[int, int]:
    start = manifest.find(f"\n    {json.dumps(path)}: ".encode())
    return (start, manifest.find(b"\n", start + 1)) if start >= 0 else (0, 0)


def digests(files: Mapping[str, bytes]) -> dict[str, str]:
    """The digest of each file. Of large ones it takes long: a run asks once."""
    return {path: digest(content) for path, content in files.items()}


def digest(content: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(content).hexdigest()


def below(path: str) -> str:
    """The path, when it is one below the output folder. Raises `ValueError` for others."""
    pure = PurePosixPath(path)
    if pure.is_absolute() or ".." in pure.parts or "\\" in path or "\0" in path or pure.as_posix() != path:
        raise ValueError(path)
    return path


def _entry(own: str, contracts: tuple[str, ...] | None) -> str:
    return json.dumps({"contracts": list(contracts) if contracts else ALL, "sha256": own})


def _hashes(data: dict[str, Any]) -> dict[str, str]:
    if data["format"] != _FORMAT:
        raise ValueError(data["format"])
    return {below(path): str(entry["sha256"]) for path, entry in data["files"].items()}
