"""What `treaty trace` says, in lines for people."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.project import Project
from treaty.source.document import Document
from treaty.trace.anchors import Span
from treaty.trace.trace import Trace


def origin_lines(trace: Trace, project: Project, path: str, line: int) -> Iterator[str]:
    """Where a generated line comes from."""
    spans = trace.origin(path, line)
    if not spans:
        yield f"It comes from all contracts below {project.shown(project.contracts)}/ together."
    for span in spans:
        if span.at is None:
            shown = trace.book.parsed(span.key).document.path
            yield f"{shown} ({span.key}) as a whole: no single line of it says this."
        else:
            yield f"{span.at} ({span.key})"
            yield f"    {_text(project, span.at.path, span.at.line)}"


def result_lines(
    trace: Trace, project: Project, document: Document, key: str | None, line: int | None
) -> Iterator[str]:
    """What a contract, or one of its lines, leads to."""
    output = project.shown(project.output)
    whole = trace.whole(key) if key and line is None else []
    yield from (f"{output}/{path} (the whole file)" for path in whole)
    ranges: dict[str, list[Span]] = {}
    for path, span in trace.results(document, line):
        if path not in whole:
            ranges.setdefault(path, []).append(span)
    for path, spans in ranges.items():
        text = trace.lines(path)
        for first, last in _merged(spans):
            shown = f"{first}-{last}" if last > first else f"{first}"
            yield f"{output}/{path}:{shown}: {text[first - 1].strip()}"
    if not whole and not ranges:
        yield (
            f"{document.path}:{line} leads to no lines of its own; the contract as a whole does."
            if line
            else (f"{document.path} leads to no generated lines.")
        )


def _merged(spans: list[Span]) -> Iterator[tuple[int, int]]:
    """Lines in order, those side by side and within each other together."""
    ordered = sorted((span.first, span.last) for span in spans)
    first, last = ordered[0]
    for begins, ends in ordered[1:]:
        if begins <= last + 1:
            last = max(last, ends)
        else:
            yield first, last
            first, last = begins, ends
    yield first, last


def _text(project: Project, path: str, line: int) -> str:
    lines = (project.root / path).read_text(encoding="utf-8").splitlines()
    return lines[line - 1].strip() if line <= len(lines) else ""
