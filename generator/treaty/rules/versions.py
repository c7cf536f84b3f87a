"""An older version that is still served, such as `usage.record@1`, stands beside a newer one and says its own major."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from treaty import names
from treaty.contract.parse import Parsed
from treaty.resolve.model import Header
from treaty.rules.base import Finding, Rule
from treaty.rules.book import Book


def check(book: Book) -> Iterator[Finding]:
    """Compare the majors of files' names, of their versions, and of the newest version."""
    headers = {header.key: header for header in book.model.headers()}
    for key, header in headers.items():
        plain, major = names.without_version(key)
        if major is None:
            continue
        if header.major != major:
            yield _other_major(book.parsed(key), header, major)
        elif newest := headers.get(plain):
            yield from _compared(book.parsed(key), header, newest)
        elif plain not in book.contracts.broken:
            yield _alone(book.parsed(key), header, major)


def _other_major(owner: Parsed[Any], header: Header, major: int) -> Finding:
    return Finding(
        owner.at("version"),
        f"The file's name says version {major}, and the contract says {header.version}.",
        f"Write a version that begins with `{major}.`, or rename the file.",
    )


def _compared(owner: Parsed[Any], header: Header, newest: Header) -> Iterator[Finding]:
    name = names.without_version(header.name)[0]
    if header.major >= newest.major:
        yield Finding(
            owner.at("version"),
            f"Version {header.version} is not older than `{newest.path}`, which is {newest.version}.",
            f"The newest major has the plain name, `{name}.yaml`; raise its version, or exchange the two files.",
        )
    elif (header.kind == "event") != (newest.kind == "event"):
        yield Finding(
            owner.at("kind"),
            f"The newest version of `{name}` is of kind `{newest.kind}`, and this one is of kind `{header.kind}`.",
            "Versions of one contract are of one kind; give one of the two another name.",
        )


def _alone(owner: Parsed[Any], header: Header, major: int) -> Finding:
    name = names.without_version(header.name)[0]
    return Finding(
        owner.at("version"),
        f"There is no newer version beside `{header.name}`.",
        f"The newest major has the plain name: rename the file to `{name}.yaml`, or write what comes after {major}.",
    )


RULE = Rule("versions", "Whoever names a version must get that one; without `@`, the newest.", check)
