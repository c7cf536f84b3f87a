"""The `__init__.py` of every generated package, and the marker that says that they are typed."""

from __future__ import annotations

from treaty import names
from treaty.emit.render import render
from treaty.emit.scope import ORIGIN_OF_ALL
from treaty.emit.text import docstring
from treaty.resolve.model import Model


def emit_packages(model: Model) -> dict[str, str]:
    """One file for each namespace and each folder above one."""
    folders = {names.folder(header.namespace): header.namespace for header in model.headers()}
    for folder, namespace in list(folders.items()):
        parts, words = folder.split("."), namespace.split(".")
        for size in range(1, len(parts)):
            folders.setdefault(".".join(parts[:size]), ".".join(words[:size]))
    files = {
        f"{folder.replace('.', '/')}/__init__.py": _package(f"The contracts of `{namespace}`.")
        for folder, namespace in folders.items()
    }
    return files | {"__init__.py": _package("What the contracts generate."), "py.typed": ""}


def _package(doc: str) -> str:
    return render("package.py.jinja", doc=docstring(doc, ORIGIN_OF_ALL))
