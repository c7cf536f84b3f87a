"""What the modules of operations and jobs have in common: input, output, and the protocol of the implementation."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.emit.scope import Scope
from treaty.emit.shapes import ClassView, classes
from treaty.emit.text import docstring, one_line
from treaty.resolve.model import Job, Operation, Played

_BATCH_MANNER = (
    "Returns a result for each item, in their order: its output, or the error that it is refused with. An item that is "
    "refused has changed nothing; what is raised fails all of them, and each is then tried alone."
)


def input_class(contract: Operation | Job) -> str:
    """The class of the input."""
    return f"{contract.class_name}Input"


def input_name(contract: Operation | Job, scope: Scope) -> str:
    """The local name of the class that the implementation takes: a job that follows an event takes its payload."""
    if isinstance(contract, Job) and contract.on is not None:
        return scope.contract(scope.model.events[contract.on])
    return input_class(contract)


def output_class(contract: Operation | Job) -> str:
    """The class of a contract's own output; one that answers a shared shape has none."""
    return f"{contract.class_name}Output"


def output_name(contract: Operation | Job, scope: Scope) -> str:
    """The local name of the class that the implementation returns."""
    if isinstance(contract.output, tuple):
        return output_class(contract)
    return scope.contract(scope.model.types[contract.output.key])


def shapes(contract: Operation | Job, scope: Scope) -> Iterator[ClassView]:
    """The classes of input and output."""
    key, verb = contract.header.key, "tells" if isinstance(contract, Job) else "answers"
    if not isinstance(contract, Job) or contract.on is None:
        base = scope.runtime("models", "Input")
        yield from classes(input_class(contract), base, f"What `{key}` takes.", contract.input, scope)
    if isinstance(contract.output, tuple):
        base = scope.runtime("models", "Output")
        yield from classes(output_class(contract), base, f"What `{key}` {verb}.", contract.output, scope)


def purpose(contract: Played) -> str:
    """Why it exists and who uses it, for the module's docstring."""
    words = {"Goal": contract.goal, "Context": contract.context}
    return "\n".join(f"{word}: {text}" for word, text in words.items() if text)


def protocol_doc(contract: Operation | Job) -> str:
    """The docstring of the protocol."""
    module, function = contract.implementation
    return docstring(f"What implements `{contract.header.key}`: `{module}:{function}`.", indent=4)


def call_doc(contract: Operation | Job, scope: Scope) -> str:
    """The docstring of the function that implements it: what it does, emits and raises."""
    events = ((scope.contract(scope.model.events[emit.event]), emit.when) for emit in contract.emits)
    emits = "\n".join(f"    {name}: {one_line(when)}" if when else f"    {name}" for name, when in events)
    errors = () if isinstance(contract, Job) else contract.errors
    raises = "\n".join(f"    {error.class_name}: {one_line(error.when)}" for error in errors)
    page = contract.page if isinstance(contract, Operation) else None
    order = ", ".join(f"`{field.python_name}`" for field in page.order) if page else ""
    returns = f"    Up to `page.limit + 1` items after `page.after`, by {order}, and no `next`." if page else ""
    is_batch = isinstance(contract, Operation) and contract.batch
    sections = {"Returns": returns, "Emits": emits, "Refuses with" if is_batch else "Raises": raises}
    paragraphs = [f"{title}:\n{lines}" for title, lines in sections.items() if lines]
    return docstring(contract.header.description, *([_BATCH_MANNER] if is_batch else []), *paragraphs, indent=8)
