"""Sentences matched against phrases, exactly as behave matches them: `parse`, case-sensitive, the whole sentence."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from operator import itemgetter
from typing import Any, Literal

import parse  # type: ignore[import-untyped]

from treaty.resolve.model import Phrase, Vocabulary

Keyword = Literal["given", "when", "then"]


def _operation_key(text: str) -> str:
    return text


_operation_key.pattern = r"[A-Za-z][A-Za-z0-9-]*(?:\.[A-Za-z][A-Za-z0-9-]*)+(?:@[0-9]+)?"  # type: ignore[attr-defined]

# The steps of contract examples, which every project has (treaty_runtime.acceptance.builtin_steps).
BUILT_IN: tuple[tuple[Keyword, str], ...] = (
    ("when", "{operation:OperationKey} is sent"),
    ("then", "it answers"),
    ("then", "it is refused with {code:w}"),
)


_PLACEHOLDER = re.compile(r"\{[^{}]*\}")
# For so many unknown sentences the nearest are looked for, which takes milliseconds each: when a whole vocabulary is
# missing, hundreds are unknown.
_HINTED = 100
_BRACE = re.compile(r"[{}]")


class PatternError(ValueError):
    """A pattern that `parse` does not understand."""


@dataclass(frozen=True, eq=False)
class Wording:
    """One way of saying a phrase, the `position`th; `phrase` is `None` for the built-in steps."""

    pattern: str
    type: Keyword
    vocabulary: Vocabulary | None
    phrase: Phrase | None
    position: int = 0

    @cached_property
    def parser(self) -> Any:
        """The compiled pattern. Raises `PatternError`."""
        return compile_pattern(self.pattern, built_in=self.phrase is None)

    @cached_property
    def beginning(self) -> str:
        """The text before the first placeholder: what a sentence must begin with."""
        return _BRACE.split(self.pattern, maxsplit=1)[0]

    @cached_property
    def ending(self) -> str:
        """The text after the last placeholder: what a sentence must end with."""
        return _BRACE.split(self.pattern)[-1]

    def match(self, sentence: str) -> dict[str, Any] | None:
        """What the placeholders stand for, or `None` when the sentence is another one."""
        if not sentence.startswith(self.beginning):
            return None
        if self.beginning == self.pattern:
            return {} if sentence == self.pattern else None
        try:
            found = self.parser.parse(sentence)
        except PatternError:
            return None
        except Exception:
            return {}  # behave takes a failing conversion for a match, too, and complains when the step runs
        return dict(found.named) if found else None


@cache  # by the rule that looks at patterns, and to match sentences
def compile_pattern(pattern: str, *, built_in: bool = False) -> Any:
    """The compiled pattern. Raises `PatternError`."""
    types = {"OperationKey": _operation_key} if built_in else {}
    try:
        parser = parse.Parser(pattern, extra_types=types, case_sensitive=True)
        parser.parse("")  # compiles the regular expression
    except Exception as error:
        raise PatternError(str(error)) from error
    return parser


@dataclass(frozen=True, slots=True)
class Match:
    """A wording that says a sentence, and what its placeholders stand for."""

    wording: Wording
    values: dict[str, Any]


class _Lookup:
    """Wordings by how they begin, or by how they end where a placeholder comes first: few can say a given sentence."""

    def __init__(self, wordings: Iterable[Wording]) -> None:
        self._beginnings: dict[str, list[tuple[int, Wording]]] = {}
        self._endings: dict[str, list[tuple[int, Wording]]] = {}
        for position, wording in enumerate(wordings):
            texts = self._beginnings if wording.beginning else self._endings
            texts.setdefault(wording.beginning or wording.ending, []).append((position, wording))
        self._first = {len(text) for text in self._beginnings}
        self._last = {len(text) for text in self._endings}

    def candidates(self, sentence: str) -> list[Wording]:
        """The wordings that may say a sentence, in order."""
        size = len(sentence)
        found = [
            pair for length in self._first if length <= size for pair in self._beginnings.get(sentence[:length], ())
        ]
        found += [
            pair for length in self._last if length <= size for pair in self._endings.get(sentence[size - length :], ())
        ]
        return [wording for _, wording in sorted(found, key=itemgetter(0))]


class Sentences:
    """All wordings, found by sentence. `broken` vocabularies may hold any phrase."""

    def __init__(self, vocabularies: Iterable[Vocabulary], broken: Collection[str]) -> None:
        self.wordings: dict[Keyword, list[Wording]] = {"given": [], "when": [], "then": []}
        self._broken = broken
        self._found: dict[tuple[Keyword, str], tuple[Match, ...]] = {}
        self._near: dict[tuple[Keyword, str, str], list[str]] = {}
        for wording in (*_built_in(), *_all(vocabularies)):
            self.wordings[wording.type].append(wording)
        self._lookups = {keyword: _Lookup(wordings) for keyword, wordings in self.wordings.items()}

    def candidates(self, keyword: Keyword, sentence: str) -> list[Wording]:
        """The wordings that begin and end as a sentence does, in order."""
        return self._lookups[keyword].candidates(sentence)

    def matches(self, keyword: Keyword, sentence: str) -> tuple[Match, ...]:
        """Everything that matches a sentence, visible or not: behave knows no namespaces."""
        key = (keyword, sentence)
        if key not in self._found:
            pairs = ((wording, wording.match(sentence)) for wording in self.candidates(keyword, sentence))
            self._found[key] = tuple(Match(wording, values) for wording, values in pairs if values is not None)
        return self._found[key]

    def visible(self, keyword: Keyword, sentence: str, namespace: str) -> tuple[Match, ...]:
        """What matches a sentence in a namespace: phrases of its own vocabularies and of those above."""
        return tuple(match for match in self.matches(keyword, sentence) if is_visible(match.wording, namespace))

    def may_be_elsewhere(self, namespace: str) -> bool:
        """Whether a vocabulary that could not be read may hold the phrase."""
        return any(is_above(key.rpartition(".")[0], namespace) for key in self._broken)

    def nearest(self, keyword: Keyword, sentence: str, namespace: str) -> list[str]:
        """The visible wordings that are most like a sentence; none after `_HINTED` sentences, as more help nobody."""
        key = (keyword, sentence, namespace)
        if key not in self._near and len(self._near) < _HINTED:
            plain = {
                _PLACEHOLDER.sub("", wording.pattern).lower(): wording.pattern
                for wording in self.wordings[keyword]
                if wording.phrase and is_visible(wording, namespace)
            }
            close = difflib.get_close_matches(sentence.lower(), plain, n=3, cutoff=0.6)
            self._near[key] = [plain[near] for near in close]
        return self._near.get(key, [])


def is_visible(wording: Wording, namespace: str) -> bool:
    """Whether a namespace may use a wording."""
    return wording.vocabulary is None or is_above(wording.vocabulary.header.namespace, namespace)


def is_above(namespace: str, below: str) -> bool:
    """Whether a namespace is another one or stands above it."""
    return below == namespace or below.startswith(f"{namespace}.")


def _built_in() -> Iterator[Wording]:
    for keyword, pattern in BUILT_IN:
        yield Wording(pattern, keyword, None, None)


def _all(vocabularies: Iterable[Vocabulary]) -> Iterator[Wording]:
    for vocabulary in vocabularies:
        for phrase in vocabulary.phrases:
            keywords: tuple[Keyword, ...] = ("given", "when") if phrase.type != "then" else ("then",)
            for keyword in keywords:
                for position, pattern in enumerate(phrase.patterns):
                    yield Wording(pattern, keyword, vocabulary, phrase, position)
