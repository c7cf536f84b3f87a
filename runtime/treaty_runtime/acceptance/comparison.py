"""What an answer promised and what it is: each difference is the rest of a sentence that names the operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from treaty_runtime.acceptance.formats import Formats, described, is_of
from treaty_runtime.acceptance.json_values import same, shown

__all__ = ["part_differs", "whole_differs"]


def part_differs(promised: Any, answered: Any, path: str = "output") -> Iterator[str]:
    """How `answered` lacks what is promised of it. More than promised is fine, in objects at any depth."""
    if isinstance(promised, Mapping):
        if set(promised) == {"every"} and isinstance(answered, list):
            for index, item in enumerate(answered):
                yield from part_differs(promised["every"], item, f"{path}[{index}]")
        elif isinstance(answered, dict):
            yield from _fields_differ(promised, answered, path)
        else:
            yield f"promised {path} to be an object, but answered {shown(answered)}"
    elif isinstance(promised, list | tuple) and isinstance(answered, list) and len(promised) == len(answered):
        for index, (wanted, got) in enumerate(zip(promised, answered, strict=True)):
            yield from part_differs(wanted, got, f"{path}[{index}]")
    elif not same(promised, answered):
        yield _different(promised, answered, path)


def _fields_differ(promised: Mapping[str, Any], answered: dict[str, Any], path: str) -> Iterator[str]:
    for name, wanted in promised.items():
        if name in answered:
            yield from part_differs(wanted, answered[name], f"{path}.{name}")
        else:
            yield _absent(wanted, f"{path}.{name}")


def whole_differs(promised: Any, answered: Any, formats: Formats, path: str = "output") -> Iterator[str]:
    """How `answered` is not exactly `promised`; a uuid, datetime or url only has to be one."""
    if (by_type := formats.by_type) is not None:
        if not is_of(by_type, answered):
            yield f"promised {path} to be {described(by_type)}, but answered {shown(answered)}"
    elif isinstance(promised, dict) and isinstance(answered, dict):
        yield from _objects_differ(promised, answered, formats, path)
    elif isinstance(promised, list) and isinstance(answered, list) and len(promised) == len(answered):
        for index, (wanted, got) in enumerate(zip(promised, answered, strict=True)):
            yield from whole_differs(wanted, got, formats.item(), f"{path}[{index}]")
    elif not same(promised, answered):
        yield _different(promised, answered, path)


def _objects_differ(promised: dict[str, Any], answered: dict[str, Any], formats: Formats, path: str) -> Iterator[str]:
    for name, wanted in promised.items():
        if name in answered:
            yield from whole_differs(wanted, answered[name], formats.at(name), f"{path}.{name}")
        else:
            yield _absent(wanted, f"{path}.{name}")
    for name in answered.keys() - promised.keys():
        yield f"promised no {path}.{name}, but answered {shown(answered[name])}"


def _different(promised: Any, answered: Any, path: str) -> str:
    return f"promised {path} = {shown(promised)}, but answered {shown(answered)}"


def _absent(promised: Any, path: str) -> str:
    return f"promised {path} = {shown(promised)}, but answered without it"
