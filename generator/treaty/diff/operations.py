"""Operations compared: how they are called, what they take and answer, how they refuse, what they tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from treaty.diagnostics import Location
from treaty.diff.acceptance import compare_acceptance
from treaty.diff.base import Found
from treaty.diff.catalogue import contracts, events, operations, outputs
from treaty.diff.fields import FieldComparison
from treaty.diff.policy import compare_policies
from treaty.diff.service_levels import compare_service_levels
from treaty.diff.side import Side, Sides
from treaty.diff.views import INPUT, OUTPUT
from treaty.diff.wording import was
from treaty.json_schema import output_fields
from treaty.resolve.model import Emit, Error, Field, Job, Operation, Played, TypeRef

_PLACEHOLDER = re.compile(r"\{[^}]*\}")


def compare_operations(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    """What became of an operation."""
    yield from _kind(old, new, sides)
    yield from _http(old, new, sides)
    yield from _input(old, new, sides)
    yield from compare_output(old, new, sides)
    yield from _order(old, new, sides)
    yield from _formats(old, new)
    yield from _errors(old, new)
    yield from compare_policies(old, new, sides)
    yield from compare_service_levels(old, new, sides)
    yield from compare_emits(old, new, sides)
    yield from compare_texts(old, new, sides)
    yield from compare_acceptance(old, new, sides)


def _kind(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    before, after = old.header.kind, new.header.kind
    if before != after:
        at = sides.new.word_at(new.header.key, "kind")
        yield Found(contracts.KIND_CHANGED, at, f"This is a {after} now; it was a {before}.")


def _http(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    if not (old.http_path and new.http_path):
        return  # it could not be understood
    at = sides.new.word_at(new.header.key, "http")
    if old.method != new.method:
        yield Found(operations.METHOD_CHANGED, at, f"The method {was(old.method, new.method)}.")
    if route(old.http_path) != route(new.http_path):
        yield Found(operations.PATH_CHANGED, at, f"The path {was(old.http_path, new.http_path)}.")
    if old.status != new.status:
        yield Found(operations.STATUS_CHANGED, at, f"Success is answered with {new.status}; it was {old.status}.")


def route(path: str) -> str:
    """A path as the wire sees it: the names of its parameters do not show."""
    return _PLACEHOLDER.sub("{}", path)


def _input(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    renamed = _renamed_parameters(old, new)
    comparison = FieldComparison(sides, INPUT)
    at = sides.new.word_at(new.header.key, "http")
    before = {item.name: item for item in old.input}
    after = {item.name: item for item in new.input}
    for was_named, is_named in renamed.items():
        message = f"`{is_named}` in the path is the new name of `{was_named}`."
        yield Found(operations.PATH_PARAMETER_RENAMED, at, message)
        yield from comparison.field(before[was_named], after[is_named])
    yield from comparison.fields(
        (item for item in old.input if item.name not in renamed),
        (item for item in new.input if item.name not in renamed.values()),
    )
    yield from _moved(old, new, sides)


def _renamed_parameters(old: Operation, new: Operation) -> dict[str, str]:
    """Parameters that have another name at the same place of the same path."""
    if route(old.http_path) != route(new.http_path):
        return {}
    pairs = zip(_PLACEHOLDER.findall(old.http_path), _PLACEHOLDER.findall(new.http_path), strict=True)
    names = {one[1:-1]: other[1:-1] for one, other in pairs if one != other}
    known, still = {item.name for item in old.input}, {item.name for item in new.input}
    return {one: other for one, other in names.items() if one in known - still and other in still - known}


def _moved(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    """Fields that travel elsewhere. With another method or path, that is what there is to say."""
    if old.method != new.method or route(old.http_path) != route(new.http_path):
        return
    before, after = _places(old), _places(new)
    for item in new.input:
        if item.name in before and before[item.name].casefold() != after[item.name].casefold():
            at = _place_at(item, new, sides)
            now, then = after[item.name], before[item.name]
            yield Found(operations.FIELD_MOVED, at, f"`{item.name}` travels in {now}; it was in {then}.")


def _places(operation: Operation) -> dict[str, str]:
    places = {item.name: "the body" for item in operation.body}
    for parameter in operation.parameters:
        header = f" `{parameter.wire_name}`" if parameter.place == "header" else ""
        places[parameter.field.name] = f"the {parameter.place}{header}"
    return places


def _place_at(item: Field, operation: Operation, sides: Sides) -> Location:
    if any(parameter.place == "header" and parameter.field == item for parameter in operation.parameters):
        return sides.new.word_at(operation.header.key, "headers", item.name)
    return item.at


def compare_output(old: Operation | Job, new: Operation | Job, sides: Sides) -> Iterator[Found]:
    """What became of what it answers or tells."""
    if _knows_output(old, sides.old) and _knows_output(new, sides.new):
        before, after = output_fields(sides.old.model, old.output), output_fields(sides.new.model, new.output)
        yield from FieldComparison(sides, OUTPUT).fields(before, after)


def _order(old: Operation, new: Operation, sides: Sides) -> Iterator[Found]:
    """The order of pages. What has pages for the first time, or no more, has other fields, too."""
    if old.page and new.page:
        before, after = (", ".join(field.name for field in page.order) for page in (old.page, new.page))
        if before != after:
            at = sides.new.word_at(new.header.key, "output", "page", "order")
            yield Found(outputs.ORDER_CHANGED, at, f"The order of the items {was(before, after)}.")


def _formats(old: Operation, new: Operation) -> Iterator[Found]:
    """The files with all pages. What no longer has pages has other fields, too; their file is gone all the same."""
    if new.csv and not old.csv:
        yield Found(outputs.FORMAT_ADDED, new.csv.at, f"All pages are one CSV file at `{new.csv.http_path}`.")
    elif old.csv and not new.csv:
        yield Found(outputs.FORMAT_REMOVED, old.csv.at, "All pages are no CSV file any more.", "old")
    elif old.csv and new.csv and route(old.csv.http_path) != route(new.csv.http_path):
        message = f"The path of the CSV file {was(old.csv.http_path, new.csv.http_path)}."
        yield Found(outputs.FORMAT_MOVED, new.csv.at, message)


def _knows_output(contract: Operation | Job, side: Side) -> bool:
    written = side.book.parsed(contract.header.key).contract.output
    known = isinstance(contract.output, TypeRef) and contract.output.key in side.model.types
    return known or not isinstance(written, str)


def _errors(old: Operation, new: Operation) -> Iterator[Found]:
    before = {error.code: error for error in old.errors}
    after = {error.code: error for error in new.errors}
    for code, error in before.items():
        if code not in after:
            yield Found(operations.ERROR_REMOVED, error.at, f"It no longer refuses with `{code}`.", "old")
    for code, error in after.items():
        if code in before:
            yield from _error(before[code], error)
        else:
            yield Found(operations.ERROR_ADDED, error.at, f"It may refuse with `{code}`, which is new.")


def _error(old: Error, new: Error) -> Iterator[Found]:
    if old.status != new.status:
        message = f"`{new.code}` is answered with {new.status}; it was {old.status}."
        yield Found(operations.ERROR_STATUS_CHANGED, new.at, message)
    if old.when != new.when:
        yield Found(operations.ERROR_SENTENCE_CHANGED, new.at, f"`{new.code}` says: {new.when}")


def compare_emits(old: Operation | Job, new: Operation | Job, sides: Sides) -> Iterator[Found]:
    """What became of the events that it may emit."""
    before = {sides.now(emit.event): emit for emit in old.emits}
    after = {emit.event: emit for emit in new.emits}
    yield from no_longer_emitted([emit for key, emit in before.items() if key not in after], sides)
    for key, emit in after.items():
        if key not in before:
            yield Found(events.EMIT_ADDED, emit.at, f"It may emit `{key}`.")
        elif before[key].when != emit.when:
            yield Found(contracts.TEXT_CHANGED, emit.at, f"When it emits `{key}` is said in other words.")


def no_longer_emitted(emits: Iterable[Emit], sides: Sides) -> Iterator[Found]:
    """Events that an operation or a job emitted; those that are gone themselves are reported by themselves."""
    for emit in emits:
        if sides.now(emit.event) in sides.new.model.events:
            yield Found(events.EMIT_REMOVED, emit.at, f"It no longer emits `{emit.event}`.", "old")


def compare_texts(old: Operation | Job, new: Operation | Job, sides: Sides) -> Iterator[Found]:
    """What became of the texts about it, and of its implementation."""
    yield from compare_reasons(old, new, sides)
    if isinstance(old, Operation) and isinstance(new, Operation) and old.batch != new.batch:
        at, side = sides.word(old.header, new.header, "batch")
        taken = "many requests" if new.batch else "one request"
        yield Found(operations.BATCH_CHANGED, at, f"The implementation takes {taken} at a time now.", side)
    elif old.implementation != new.implementation:
        before, after = ":".join(old.implementation), ":".join(new.implementation)
        at, side = sides.word(old.header, new.header, "handler")
        yield Found(operations.HANDLER_CHANGED, at, f"`handler` {was(before, after)}.", side)


def compare_reasons(old: Played, new: Played, sides: Sides) -> Iterator[Found]:
    """What became of the texts that say why there is such a thing."""
    for word in ("goal", "context"):
        if getattr(old, word) != getattr(new, word):
            at, side = sides.word(old.header, new.header, word)
            yield Found(contracts.TEXT_CHANGED, at, f"`{word}` is said in other words.", side)
