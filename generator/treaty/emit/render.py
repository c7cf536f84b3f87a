"""Layout: Jinja templates whose tree mirrors the generated one. They hold no logic and see views only."""

from __future__ import annotations

from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from treaty.emit.text import literal


def render(template: str, **view: Any) -> str:
    """The text of one file."""
    return _environment().get_template(template).render(view)


def templates_below(folder: str) -> list[str]:
    """The names of the templates in a folder and below it, as `render` takes them."""
    return _environment().list_templates(filter_func=lambda name: name.startswith(f"{folder}/"))


@cache
def _environment() -> Environment:
    # S701: this is Python and Gherkin, not HTML; contract text passes `text` instead of autoescaping.
    environment = Environment(  # noqa: S701
        loader=PackageLoader("treaty", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,  # templates don't change while they are used
    )
    environment.filters["literal"] = literal
    return environment
