"""Vocabularies: phrases with their functions' names, and contract names in their acts made full keys."""

from __future__ import annotations

from typing import Literal

from treaty import names
from treaty.contract.parse import Parsed
from treaty.contract.vocabulary import (
    Act,
    CallAct,
    CreateAct,
    DeliverAct,
    Expectation,
    PhraseSpec,
    RunAct,
    VocabularyContract,
)
from treaty.diagnostics import Location
from treaty.resolve.context import Context
from treaty.resolve.model import Header, Phrase, Vocabulary
from treaty.source.document import Path

_KEYWORDS: tuple[Literal["given", "when", "then"], ...] = ("given", "when", "then")


def vocabulary(parsed: Parsed[VocabularyContract], header: Header, context: Context) -> Vocabulary:
    """A vocabulary: every phrase with one keyword and a function name that is unique in its module."""
    reader = _PhraseReader(parsed, context)
    phrases = [reader.read(spec, ("phrases", position)) for position, spec in enumerate(parsed.contract.phrases)]
    return Vocabulary(
        header=header,
        module=names.module(parsed.namespace, parsed.name),
        phrases=tuple(phrase for phrase in phrases if phrase),
    )


class _PhraseReader:
    def __init__(self, parsed: Parsed[VocabularyContract], context: Context) -> None:
        self._parsed, self._context = parsed, context
        self._functions: dict[str, int] = {}

    def read(self, spec: PhraseSpec, path: Path) -> Phrase | None:
        """The phrase at `path`, or `None` when it is not clear what it is."""
        said = [keyword for keyword in _KEYWORDS if getattr(spec, keyword) is not None]
        if len(said) != 1:
            problem = f"says `{said[0]}` and `{said[1]}`" if said else "says none of `given`, `when` and `then`"
            self._context.complain(
                self._parsed.at(*path),
                "phrase-keyword",
                f"This phrase {problem}.",
                "Write exactly one of them; a phrase with `do` serves as Given and as When anyway.",
            )
            return None
        pattern = getattr(spec, said[0])
        acts = () if spec.do is None else spec.do if isinstance(spec.do, tuple) else (spec.do,)
        one = not isinstance(spec.do, tuple)
        return Phrase(
            type=said[0],
            patterns=(pattern, *spec.also),
            function_name=self._function(pattern),
            acts=tuple(
                self._act(act, (*path, "do") if one else (*path, "do", position)) for position, act in enumerate(acts)
            ),
            expect=self._expectation(spec.expect, (*path, "expect")) if spec.expect else None,
            at=self._parsed.at(*path),
        )

    def _function(self, pattern: str) -> str:
        name = names.phrase_function(pattern)
        self._functions[name] = count = self._functions.get(name, 0) + 1
        return name if count == 1 else f"{name}_{count}"

    def _act(self, act: Act, path: Path) -> Act:
        if isinstance(act, CreateAct):
            ((name, values),) = act.create.items()
            at = self._parsed.key_at(*path, "create", name)
            return act.model_copy(update={"create": {self._key(name, ("entity",), at): values}})
        if isinstance(act, CallAct):
            at = self._parsed.at(*path, "call")
            return act.model_copy(update={"call": self._key(act.call, ("command", "query"), at)})
        if isinstance(act, RunAct):
            return act.model_copy(update={"run": self._key(act.run, ("job",), self._parsed.at(*path, "run"))})
        if isinstance(act, DeliverAct):
            return act.model_copy(update={"to": self._key(act.to, ("webhook",), self._parsed.at(*path, "to"))})
        return act

    def _expectation(self, expect: Expectation, path: Path) -> Expectation:
        update: dict[str, object] = {}
        if isinstance(expect.events, tuple):
            update["events"] = tuple(
                self._key(name, ("event",), self._parsed.at(*path, "events", position))
                for position, name in enumerate(expect.events)
            )
        for word in ("changes", "total"):
            counts = getattr(expect, word)
            if isinstance(counts, dict):
                update[word] = {
                    self._key(name, ("entity",), self._parsed.key_at(*path, word, name)): count
                    for name, count in counts.items()
                }
        return expect.model_copy(update=update)

    def _key(self, name: str, kinds: tuple[str, ...], at: Location) -> str:
        return self._context.reference(name, self._parsed.namespace, kinds, at) or name
