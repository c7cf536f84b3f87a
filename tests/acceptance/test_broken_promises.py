"""A service that breaks its promises: each line names the promise, what was promised and what came."""

from __future__ import annotations

from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.acceptance.conftest import PostOffice

TWICE = """\
    uow.session.add(Letter(office_id=uow.tenant, code='copy', grams=1, posted_at=uow.now))
    await uow.session.flush()
    uow.emit(LetterPosted(code=letter.code, grams=letter.grams))
"""
REFUSED = (
    "  post.letter.post had to succeed here, but was refused with 409 too_heavy: Letters weigh 1,000 grams at most."
)


@pytest.fixture(scope="module")
def office(another: Callable[[], PostOffice]) -> PostOffice:
    office = another()
    office.change(
        "post/letter.py",
        ("stamps=1", "stamps=2"),
        ("if payload.grams > 1000:", "if payload.grams > 1001:"),
        ("count=len(letters)", "count=len(letters) + 1"),
        ("    await uow.session.delete(letter)\n", "    raise RuntimeError('no matches left')\n"),
        (
            "    await uow.session.flush()\n",
            TWICE,
        ),
    )
    return office


@pytest.fixture(scope="module")
def said(office: PostOffice) -> CompletedProcess[str]:
    return office.verify("generated/features")


def blocks(said: CompletedProcess[str]) -> dict[str, list[str]]:
    """The lines about each failed scenario."""
    parts = [part.splitlines() for part in said.stdout.split("\n\n")]
    return {part[0].rpartition(" / ")[2]: part for part in parts if " / " in part[0]}


def test_it_fails(said: CompletedProcess[str]) -> None:
    assert said.returncode == 1
    assert "8 scenarios: 6 failed, 2 passed" in said.stdout


def test_everything_that_was_promised_otherwise_is_named_at_its_step(said: CompletedProcess[str]) -> None:
    assert blocks(said)["post-one"][:7] == [
        "failed: post.letter.post / post-one",
        "  generated/features/post/letter.post.feature:10",
        "  Then The letter is out",
        "  post.letter.post promised output.stamps = 1, but answered 2",
        "  post.letter.post promised 1 event post.letter.posted, found 2",
        "  post.letter.post promised 1 new Letter, found 2",
        "  post.letter.post promised 1 Letter in total, found 2",
    ]
    assert blocks(said)["post-one"][7].startswith('  the whole answer: 201 {"letter": "')


def test_an_example_is_compared_whole(said: CompletedProcess[str]) -> None:
    lines = blocks(said)["small-letter"]
    assert lines[2] == "  Then it answers"
    assert lines[3] == "  post.letter.post promised output.stamps = 1, but answered 2"
    assert lines[4].startswith("  the whole answer: 201")


def test_an_error_that_did_not_come(said: CompletedProcess[str]) -> None:
    assert blocks(said)["heavy-letter"][2:4] == [
        "  Then it is refused with too_heavy",
        "  post.letter.post promised the error too_heavy, but answered 201",
    ]


def test_a_value_from_the_phrase(said: CompletedProcess[str]) -> None:
    lines = blocks(said)["of-ones-own-office"]
    assert lines[3] == "  post.letter.find promised output.count = 0, but answered 1"


def test_a_failure_of_the_service_shows_its_log(said: CompletedProcess[str]) -> None:
    text = "\n".join(blocks(said)["heads-burn"])
    assert "post.letter.burn promised success, but answered 500 internal" in text
    assert "; the service's log:" in text
    assert "no matches left" in text
    assert '"event": "request_failed"' in text


def test_the_history_knows_it(office: PostOffice, said: CompletedProcess[str]) -> None:
    statuses = {entry["scenario"]: entry["status"] for entry in office.history()}
    assert statuses["post-one"] == "failed"
    assert statuses["clerks-do-not"] == "passed"


def test_a_given_has_to_succeed(post: PostOffice) -> None:
    post.change("post/letter.py", ("payload.grams > 1000", "payload.grams > 10"))
    said = post.verify("--operation", "post.letter.burn")
    assert said.returncode == 1
    assert blocks(said)["heads-burn"][:5] == [
        "failed: post.letter.burn / heads-burn",
        "  generated/features/post/letter.burn.feature:9",
        "  And A letter is posted",
        REFUSED,
        blocks(said)["heads-burn"][4],
    ]


def test_plain_behave_says_the_same(office: PostOffice, said: CompletedProcess[str]) -> None:
    plain = office.project.run("behave", "--no-color", "features", "generated/features/post/letter.find.feature")
    assert plain.returncode == 1
    assert "post.letter.find promised output.count = 0, but answered 1" in plain.stdout
    assert "Traceback" not in plain.stdout
