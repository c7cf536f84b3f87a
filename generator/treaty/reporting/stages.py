"""The codes of the stages before and beside the rules. Rules bring their own."""

from __future__ import annotations

from treaty.diagnostics import Severity
from treaty.reporting.base import Code

_PROJECT = {
    "project-missing": (
        "A command knows which project it is about.",
        "Without [tool.treaty] in pyproject.toml nobody knows which contracts are meant.",
    ),
    "project-unreadable": ("pyproject.toml is TOML.", "What can't be read says nothing."),
    "project-invalid": (
        "[tool.treaty] has only words that it knows, each with a value that it can use.",
        "A setting with a slip in its name would silently do nothing.",
    ),
    "severity-invalid": (
        "Only codes that exist, and that leave something to be generated, have a severity of their own.",
        "What makes generating impossible stays an error, whatever settings say.",
    ),
}
_SOURCE = {
    "folder-missing": ("The folder of contracts exists.", "An empty project and a wrong path look alike."),
    "folder-unreadable": ("Every folder of contracts can be read.", "A contract that is not seen is not kept."),
    "file-unreadable": (
        "Every contract is an ordinary file that can be read.",
        "Pipes and devices may never end, and a contract that is not seen is not kept.",
    ),
    "file-too-large": ("No file is larger than 1,000,000 bytes.", "No contract is that long; something else is."),
    "file-extension": ("Contracts end in `.yaml`.", "One ending, so that no contract is overlooked."),
    "file-empty": ("Every file says something.", "An empty contract is a promise of nothing."),
    "path-link": (
        "Links stay inside the folder that they stand in, and are links to files.",
        "What is generated must follow from what is committed here, and from nothing else.",
    ),
    "not-utf8": ("Files are UTF-8.", "The same bytes must mean the same text to everyone."),
    "not-a-mapping": ("A contract is a mapping: words with values.", "A list or a lone text has no words."),
    "yaml-syntax": ("Contracts are YAML.", "What can't be read says nothing."),
    "yaml-tab": ("Contracts are indented with spaces.", "YAML does not know how wide a tab is."),
    "yaml-character": ("Contracts have only characters that YAML allows.", "Control characters are invisible."),
    "yaml-alias": ("Contracts have no aliases (`*name`).", "A reader should see the value where it counts."),
    "yaml-tag": ("Contracts have no tags (`!name`).", "A value is what it looks like."),
    "yaml-several-documents": ("One file is one contract.", "A contract's key is its path."),
    "yaml-too-deep": ("Nothing is nested more than 32 levels deep.", "Nobody can read it, and it can stop programs."),
    "key-duplicate": ("No word is written twice.", "YAML would silently keep one of the two."),
    "key-not-text": ("Words are texts.", "A list can't be the name of a value."),
    "number-unusable": ("Numbers are finite.", "No JSON can carry infinity."),
    "text-nul": ("No text contains the character NUL.", "PostgreSQL can't store it."),
    "feature-syntax": ("Feature files are Gherkin.", "A scenario that can't be read is not played."),
}
_CONTRACT = {
    "path-no-folder": ("Every contract stands in a folder.", "The folder is its namespace."),
    "path-name": (
        "Folders and files are named with what can be part of a key.",
        "A contract's path is its key, and keys become modules, classes and files.",
    ),
    "path-reserved": (
        "No folder or file has a name that Windows keeps for devices.",
        "A repository with `con` or `nul.yaml` can't be checked out there.",
    ),
    "path-twin": (
        "Paths differ in more than capital letters.",
        "Windows and macOS take `Usage.yaml` and `usage.yaml` for one file.",
    ),
    "key-taken": ("Every contract has a key of its own.", "A key means one thing."),
    "key-path": ("A contract's key is its path.", "Whoever knows the key finds the file, and the other way round."),
    "kind-missing": ("A contract says its kind.", "The kind decides which words there are."),
    "kind-unknown": ("A contract is of a kind that there is.", "The kind decides which words there are."),
    "kind-not-first": ("`kind` is the first word.", "A reader should know at once what this is about."),
    "version-kind": (
        "Only commands, queries and events are served in several versions.",
        "Entities, types and phrases have one meaning at a time.",
    ),
    "word-missing": ("What a contract must say is said.", "Nothing is guessed."),
    "word-unknown": ("A contract has only words of the language.", "A slip would silently do nothing."),
    "value-missing": ("Every word has a value.", "A word without one could mean anything."),
    "value-type": ("Every value is of the kind that its word asks for.", "Nothing is converted silently."),
    "value-invalid": ("Every value is one that its word allows.", "What can't be kept must not be promised."),
    "text-cut-off": ("No text ends at ` #` by accident.", "YAML takes the rest for a comment and drops it."),
    "phrases-split": ("No phrase ends at a comma by accident.", "Between brackets YAML makes two phrases of it."),
    "still-to-say": (
        "Everything that `treaty new` left to be said is said.",
        "A placeholder is not what the service promises.",
    ),
}
_RESOLVE = {
    "reference-unknown": ("What a contract refers to exists.", "A name without a thing promises nothing."),
    "reference-kind": ("What a contract refers to is of the right kind.", "An event can't be a column."),
    "reference-version": (
        "Versions are named only where several are served.",
        "A name must mean the same contract tomorrow.",
    ),
    "field-unknown": ("Fields that are named exist.", "A name without a field does nothing."),
    "fields-without-object": ("Only objects have `fields`.", "A text has no parts."),
    "object-without-fields": ("Every object says its fields.", "An object that may be anything promises nothing."),
    "type-missing": ("Every field has a type.", "Nothing is guessed."),
    "type-invalid": ("Types are written as the language reference says.", "Nothing is guessed."),
    "http-invalid": ("`http` is a method and a path that can be served.", "A request must reach its operation."),
    "phrase-keyword": ("A phrase begins with one of Given, When and Then.", "It decides when the phrase may be said."),
}
_ALLOWING = {
    "suppression-invalid": (
        "`# treaty: allow CODE because REASON` names a code that may be allowed, and says why.",
        "Who reads it in a year must be able to tell whether the reason still holds.",
    ),
}
_DIFF = {
    "allowance-invalid": (
        "`[[tool.treaty.diff.allow]]` names a class of change and a contract, says why, and until when.",
        "Who reads it in a year must be able to tell whether the reason still holds.",
    ),
    "allowance-expired": ("No allowance for a change has run out.", "What may pass for a while may not pass forever."),
    "allowance-unused": (
        "Every allowance is about a change that there is.",
        "An allowance that nobody needs any more would let the next change pass.",
    ),
}
_BY_STAGE = {
    "project": _PROJECT,
    "source": _SOURCE,
    "contract": _CONTRACT,
    "resolve": _RESOLVE,
    "reporting": _ALLOWING,
    "diff": _DIFF,
}
_UNUSED = Code(
    "suppression-unused",
    "reporting",
    "What `# treaty: allow` allows is there.",
    "An allowance that nobody needs any more would let the next mistake pass.",
    advice=True,
    severity=Severity.WARNING,
)
STAGES: tuple[Code, ...] = (
    *(Code(id_, stage, title, why) for stage, said in _BY_STAGE.items() for id_, (title, why) in said.items()),
    _UNUSED,
)
