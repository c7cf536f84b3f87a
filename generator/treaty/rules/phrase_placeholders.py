"""What stands in braces in an act or an expectation is known when the phrase is said."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty.contract.spelling import respelling, suggestion
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book, PhrasePlace
from treaty.rules.phrase_patterns import placeholders
from treaty.rules.stage import Stage, stage
from treaty.rules.templates import REFERENCE, texts


def check(book: Book) -> Iterator[Finding]:
    """Look at everything in braces: placeholders of the pattern, `row.x`, and fields of what was kept under a name."""
    stages: dict[str, Stage] = {}
    for place in book.phrases:
        patterns = [placeholders(pattern) for pattern in place.phrase.patterns]
        if any(isinstance(found, str) for found in patterns):
            continue
        known = {name for found in patterns if isinstance(found, dict) for name in found}
        namespace = place.vocabulary.header.namespace
        around = stages.setdefault(namespace, stage(book, namespace)) if namespace not in stages else stages[namespace]
        yield from _phrase(place, known, around, incomplete=book.sentences.may_be_elsewhere(namespace))


def _phrase(place: PhrasePlace, known: set[str], around: Stage, *, incomplete: bool) -> Iterator[Finding]:
    for path, text in _texts(place):
        at = place.owner.at(*path)
        for match in REFERENCE.finditer(text):
            name, field = match[1], match[2]
            if field is None:
                within = text[: match.start(1)], text[match.end(1) :]
                yield from _placeholder(at, name, known, within) if known else ()  # without any, braces are text
            elif name != "row" and not incomplete:
                yield from _field(at, name, field.partition(".")[0], known, around)


def _texts(place: PhrasePlace) -> Iterator[tuple[Any, str]]:
    for word in ("do", "expect"):
        if word in place.written:
            yield from texts(place.written[word], (*place.path, word))


def _placeholder(at: Any, name: str, known: set[str], within: tuple[str, str]) -> Iterator[Finding]:
    if name not in known:
        meant = suggestion(name, known)
        hint = f"Did you mean `{{{meant}}}`?" if meant else f"Its placeholders: {', '.join(sorted(known))}."
        yield Finding(at, f"`{{{name}}}` is no placeholder of this phrase.", hint, respelling(at, name, known, within))


def _field(at: Any, name: str, field: str, known: set[str], around: Stage) -> Iterator[Finding]:
    if name in known:
        fields = around.open_fields if around.has_open else None
    elif name in around.fields:
        fields = around.fields[name]
    elif around.has_open:
        return
    else:
        meant = suggestion(name, [*around.fields, *known])
        hint = f"Did you mean `{meant}`?" if meant else f"Give a `create` or a `call` the name: `name: {name}`."
        yield Finding(
            at, f"`{{{name}.{field}}}` speaks of `{name}`, and no phrase keeps anything under that name.", hint
        )
        return
    if fields is not None and field not in fields:
        meant = suggestion(field, fields)
        hint = f"Did you mean `{meant}`?" if meant else f"Its fields: {', '.join(sorted(fields))}."
        yield Finding(at, f"`{{{name}.{field}}}`: what is kept as `{name}` has no field `{field}`.", hint)


RULE = Rule("phrase-placeholder", "What can't be filled in is not what the phrase means.", check)
