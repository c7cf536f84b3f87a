"""What a new project is called: one name, as each place wants it."""

from __future__ import annotations

import importlib.util
import keyword
import re
from dataclasses import dataclass

from treaty import names
from treaty.beginning import BeginningError

# Folders of a project: Python would find them instead of a package of that name.
_FOLDERS = frozenset({"contracts", "docs", "features", "generated", "runtime", "tests"})
_PACKAGE = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_LONGEST = 40


@dataclass(frozen=True, slots=True)
class Name:
    """A project's name: a Python package."""

    package: str

    @property
    def namespace(self) -> str:
        """The folder of its contracts: keys have dashes where Python has underscores."""
        return self.package.replace("_", "-")

    @property
    def title(self) -> str:
        """What people read."""
        return self.package.replace("_", " ").capitalize()


def name_of(folder: str) -> Name:
    """The name that a folder suggests. Raises `BeginningError` when it suggests none."""
    package = "_".join(re.findall(r"[a-z0-9]+", folder.lower()))
    try:
        return named(package)
    except BeginningError as error:
        said = str(error) if package else f"`{folder}` has no letter to name a package with."
        raise BeginningError(f"{said} Say another name: --package my_service") from None


def named(package: str) -> Name:
    """A name that was said. Raises `BeginningError` when Python or the project can't use it."""
    if not _PACKAGE.fullmatch(package) or len(package) > _LONGEST or keyword.iskeyword(package):
        raise BeginningError(
            f"`{package}` can't name a package: that takes small letters, digits and single `_`, beginning with a "
            f"letter, at most {_LONGEST} characters, and is no word of Python's own."
        )
    if package in names.RESERVED_ROOTS | _FOLDERS:
        raise BeginningError(f"`{package}` belongs to Python, to Treaty or to a folder of the project: choose another.")
    if _is_installed(package):
        raise BeginningError(
            f"A package `{package}` is installed already, and would hide the project's: choose another."
        )
    return Name(package)


def _is_installed(package: str) -> bool:
    try:
        spec = importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return True
    # A folder without `__init__.py` that happens to lie beside is no package that anybody installed.
    return spec is not None and spec.origin is not None
