"""The settings as a page of the documentation: made from the fields, so that none is missing or wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic.fields import FieldInfo

from treaty_runtime.settings import Settings, variable_of

__all__ = ["settings_page"]

HEAD = """\
# Settings

The service reads environment variables once, when it starts. One that is wrong stops it, with a message that names it.
With nothing set, it brings its own PostgreSQL and a random secret, both kept in the data folder.

This page is printed by `treaty settings`.

"""


def settings_page() -> str:
    """The page, in Markdown."""
    return HEAD + "\n".join(_sections())


def _sections() -> Iterator[str]:
    for name, field in Settings.model_fields.items():
        yield f"## `{variable_of(name, field)}`\n\n{field.description}\n\n{_value(field)}\n"


def _value(field: FieldInfo) -> str:
    default = "Not set by default." if field.default is None else f"Default: `{_written(field.default)}`."
    examples = [_written(example) for example in field.examples or () if _written(example) != _written(field.default)]
    return f"{default} Example: `{examples[0]}`." if examples else default


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
