"""Modules that come from all contracts together: the lines that name one of them."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from treaty.trace.anchors import Span


def named_spans(text: str, package: str, modules: Mapping[str, str]) -> Iterator[Span]:
    """The lines of imports and uses of generated modules; `modules` gives the contract of each."""
    tree = ast.parse(text)
    local: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.ImportFrom):
            for alias in node.names:
                parent = f"{node.module}.".removeprefix(f"{package}.")
                key = modules.get(f"{parent}{alias.name}") or modules.get(parent.removesuffix("."))
                if key:
                    local[alias.asname or alias.name] = key
                    yield Span(alias.lineno, alias.end_lineno or alias.lineno, key, None)
    for name in ast.walk(tree):
        if isinstance(name, ast.Name) and name.id in local:
            yield Span(name.lineno, name.end_lineno or name.lineno, local[name.id], None)
