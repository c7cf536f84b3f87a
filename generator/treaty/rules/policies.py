"""The words of a policy do not contradict each other."""

from __future__ import annotations

from collections.abc import Iterator

from treaty.resolve.model import Policy
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Look at what an anonymous caller can't have."""
    for key, operation in book.model.operations.items():
        if operation.policy.auth != "anonymous":
            continue
        said = book.merged[key].policy
        for word, message, hint in _contradictions(operation.policy):
            # A folder's limit by organization is no mistake of an anonymous operation below: it counts addresses.
            if word != "rate_limit" or said[word].own:
                yield Finding(said[word].at, message, hint)


def _contradictions(policy: Policy) -> Iterator[tuple[str, str, str]]:
    if policy.roles:
        yield (
            "roles",
            "An anonymous caller has no roles.",
            "Ask for a caller with `auth: user`, or write `roles: []`.",
        )
    if policy.rate_limit and policy.rate_limit.by != "user":
        yield (
            "rate_limit",
            f"An anonymous caller has no {policy.rate_limit.by}.",
            "Write `by: user`: anonymous callers are told apart by their addresses.",
        )


RULE = Rule("policies", "A policy that contradicts itself protects nothing.", check)
