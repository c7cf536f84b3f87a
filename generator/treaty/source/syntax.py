"""What libyaml could not read, said as an author needs to hear it."""

from __future__ import annotations

import yaml

from treaty.diagnostics import Diagnostic, Edit, Fix, Location
from treaty.source.quotes import missing_quotes

_STEP = "  "
_MOST_LINES = 10_000


def syntax_problem(path: str, text: str, error: yaml.YAMLError) -> Diagnostic:
    """The diagnostic for an error of libyaml in `text`."""
    if isinstance(error, yaml.reader.ReaderError):
        return _unreadable_character(path, text, error.position)
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    problem = getattr(error, "problem", None) or "this is not YAML"
    line, column = (mark.line, mark.column) if mark else (0, 0)
    return _tab_in_indentation(path, text, line) or Diagnostic(
        Location(path, line + 1, column + 1),
        "yaml-syntax",
        f"This is not YAML: {problem}.",
        "Check the indentation, and quote text that contains `: `, ` #` or begins with `{ [ * & ! | > % @`.",
        fix=missing_quotes(path, text.split("\n"), line),
    )


def _tab_in_indentation(path: str, text: str, near: int) -> Diagnostic | None:
    lines = text.split("\n")
    for number in (near, near - 1):
        line = lines[number] if 0 <= number < len(lines) else ""
        indentation = line[: len(line) - len(line.lstrip())]
        if "\t" in indentation:
            at = Location(path, number + 1, indentation.index("\t") + 1)
            hint = "Indent with spaces."
            return Diagnostic(at, "yaml-tab", "A tab stands in the indentation.", hint, fix=_spaces(path, lines))
    return None


def _spaces(path: str, lines: list[str]) -> Fix | None:
    """The mend that indents with two spaces what is indented with one tab; none where spaces indent, too."""
    tabs = [(number, line[: len(line) - len(line.lstrip())]) for number, line in enumerate(lines, 1) if line.strip()]
    if len(tabs) > _MOST_LINES or any(set(blanks) - {"\t"} for _, blanks in tabs):
        return None
    edits = (Edit(Location(path, number), blanks, _STEP * len(blanks)) for number, blanks in tabs if blanks)
    return Fix("indent with two spaces for each tab", tuple(edits))


def _unreadable_character(path: str, text: str, position: int) -> Diagnostic:
    before = text[:position]
    return Diagnostic(
        Location(path, before.count("\n") + 1, len(before) - before.rfind("\n")),
        "yaml-character",
        "YAML does not allow this character here.",
        'Delete it, or write it as an escape in double quotes, such as "\\u0007".',
    )
