"""What an operation answers: what the caller prefers, the example that was asked for, or something made for it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from treaty.json_schema import output_fields
from treaty.mock.refusals import Refused, declared, refusal
from treaty.mock.samples import NoSample, Samples
from treaty.pipeline import PIPELINE_ERRORS
from treaty.resolve.model import Example, Model, Operation
from treaty.resolve.pages import NEXT

_PREFERENCE = re.compile(r"\s*(?P<word>code|example)\s*=\s*(?P<quote>\"?)(?P<value>[A-Za-z0-9_.-]+)(?P=quote)\s*")
_HOW = "Write `Prefer: code=CODE` or `Prefer: example=KEY`."


@dataclass(frozen=True, slots=True)
class Said:
    """An answer's content, and where it comes from; `content` is `None` where there is none."""

    status: int
    content: Mapping[str, Any] | None
    source: str


class Answers:
    """What the operations of one model answer."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._samples = Samples(model)

    def preferred(self, operation: Operation, preference: str) -> Said | None:
        """What the header `Prefer` asks for; `None` when it speaks of something else. Raises `Refused`."""
        for part in preference.split(","):
            match = _PREFERENCE.fullmatch(part)
            if match and match["word"] == "code":
                raise self._refusal(operation, match["value"])
            if match:
                return self._example(operation, self._named(operation, match["value"]))
        return None

    def answer(self, operation: Operation, given: Mapping[str, Any]) -> Said:
        """The answer to an input. Raises `Refused` when an example says that it is refused."""
        example = _matching(operation, given)
        return self._example(operation, example) if example else self._made(operation, given)

    def _example(self, operation: Operation, example: Example) -> Said:
        if example.error is not None:
            raise self._refusal(operation, example.error)
        content = None if operation.status == 204 else example.output or {}
        return Said(operation.status, content, f"example {example.key}")

    def _made(self, operation: Operation, given: Mapping[str, Any]) -> Said:
        if operation.status == 204:
            return Said(operation.status, None, "schema")
        try:
            fields = output_fields(self._model, operation.output)
            if operation.page:  # the only one: whoever follows `next` would never come to an end
                fields = tuple(field for field in fields if field.name != NEXT)
            made = self._samples.output(fields, given)
        except NoSample as error:
            raise refusal(
                "internal", f"No answer can be made: {error}. Add an example to `{operation.header.key}` that has one."
            ) from None
        return Said(operation.status, made, "schema")

    def _refusal(self, operation: Operation, code: str) -> Refused:
        for error in operation.errors:
            if code in (error.code, str(error.status)):
                return declared(error)
        for known, status in PIPELINE_ERRORS.items():
            if code in (known, str(status)):
                errors = [("", "was chosen by the caller")] if known == "invalid" else []
                return refusal(known, errors=errors)
        codes = ", ".join([*(error.code for error in operation.errors), *PIPELINE_ERRORS])
        return _no_such(f"`{operation.header.key}` is never refused with `{code}`. It may be with: {codes}.")

    def _named(self, operation: Operation, key: str) -> Example:
        for example in operation.examples:
            if example.key == key:
                return example
        keys = ", ".join(example.key for example in operation.examples) or "none"
        raise _no_such(f"`{operation.header.key}` has no example `{key}`. It has: {keys}.")


def _no_such(why: str) -> Refused:
    return refusal("malformed", f"{why} {_HOW}")


def _matching(operation: Operation, given: Mapping[str, Any]) -> Example | None:
    """The example with this input; the key that tells requests apart may be another, and a file has no page.

    Not one that the pipeline refuses: that depends on who asks, and how often.
    """
    examples = [example for example in operation.examples if example.error not in PIPELINE_ERRORS]
    sent = {parameter.field.name for parameter in operation.parameters} | {field.name for field in operation.body}
    never_sent = {field.name for field in operation.input} - sent
    for example in examples:
        if _without(example.input, never_sent) == given:
            return example
    idempotency = operation.policy.idempotency
    if idempotency is None:
        return None
    apart = {idempotency.field.name}
    plain = _without(given, apart)
    return next((example for example in examples if _without(example.input, apart) == plain), None)


def _without(values: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}
