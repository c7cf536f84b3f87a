"""Mistakes of those who write scenarios and services: a sentence each, never a traceback, and never a green run."""

from __future__ import annotations

import re
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.acceptance.conftest import PostOffice

STEPS = '''
"""Steps that go wrong."""

from behave import given, then, when
from behave.api.pending_step import StepNotImplementedError

from generated.post.clerk import Clerk
from generated.post.letter import Letter
from generated.post.office import Office
from treaty_runtime import acceptance
from treaty_runtime.acceptance import World

POSTED = "2026-01-01T00:00:00Z"


@given("something to be written")
def later(context):
    raise StepNotImplementedError("soon")


@when("a step divides by zero")
def divide(context):
    print("about to divide")
    1 / 0


@acceptance.when("an office is kept: {what}")
async def kept(world: World, what: str) -> None:
    match what:
        case "without a tenant":
            await world.create(Letter, {"code": "a", "grams": 1, "postedAt": POSTED})
        case "with a field that is none":
            await world.create(Office, {"town": "A", "colour": "red"})
        case "with a time that is none":
            await world.create(Office, {"town": "A", "opened": "noon"})
        case "without its town":
            await world.create(Office, {})
        case "that refers to nothing":
            await world.create(Letter, {"office": "Nowhere", "code": "a", "grams": 1, "postedAt": POSTED})
        case "that refers to another kind":
            await world.create(Letter, {"code": "a", "grams": 1, "postedAt": POSTED, "answers": "office"})
        case "twice":
            for _ in range(2):
                await world.create(Letter, {"code": "a", "grams": 1, "postedAt": POSTED})


@acceptance.when("the world is asked: {what}")
async def asked(world: World, what: str) -> None:
    match what:
        case "to call nothing":
            await world.call("post.letter.pots", {})
        case "to repeat nothing":
            await world.repeat()
        case "to call as a stranger":
            await world.call("post.letter.find", {}, actor="Zoe")
        case "to call for nobody":
            await world.call("post.letter.find", {})
        case "to enter nowhere":
            await world.actor("Zoe", tenant="Nowhere", roles=("clerk",))
        case "to take an unknown rank":
            await world.actor("Zoe", tenant="office", roles=("king",))
        case "to leave a hole in the path":
            await world.call("post.letter.burn", {})
        case "for the wrong time":
            await world.clock(at="yesterday")
        case "for the wrong duration":
            await world.clock(advance="1 week")
        case "for an unknown name":
            world.value("nobody.knows")
        case "for an unknown field of a row":
            world.value("office.colour")
        case "for rows":
            world.rows()
        case "for a step in no file":
            await world.step("nowhere.at_all", {})
        case "for a step that is none":
            await world.step("odd.at_all", {})


@acceptance.then("something is expected of nothing")
async def expected(world: World) -> None:
    await world.expect(outcome="success")


@acceptance.then("something has changed")
async def changed(world: World) -> None:
    await world.expect(changes={Clerk: 1})
'''
OFFICE = "Given An office exists"
SENTENCES = {
    ("Given something that nobody says",): ("undefined", "no phrase of the vocabulary matches this step"),
    ("Given something to be written",): ("pending", "the step is still to be written: soon"),
    ("When a step divides by zero",): ("error", r"ZeroDivisionError: division by zero \(features/steps/odd.py:24\)"),
    (): ("empty", "the scenario has no steps, so it proves nothing"),
    ("When an office is kept: without a tenant",): (
        "failed",
        r"Letter belongs to a tenant: create a row of Office first \(a Given of the vocabulary\)",
    ),
    ("When an office is kept: with a field that is none",): (
        "failed",
        "Office has no field `colour`; its columns are id, town, opened, site",
    ),
    ("When an office is kept: with a time that is none",): ("failed", 'Office.opened cannot be "noon": .*'),
    ("When an office is kept: without its town",): (
        "failed",
        r'Office \{\} cannot be created: null value in column "town" .*',
    ),
    ("When an office is kept: that refers to nothing",): (
        "failed",
        "Letter.office names the row `Nowhere`, which is not there; rows: none yet",
    ),
    (OFFICE, "When an office is kept: that refers to another kind"): (
        "failed",
        "Letter.answers names `office`, which is a row of Office",
    ),
    (OFFICE, "When an office is kept: twice"): (
        "failed",
        "Letter .* cannot be created: duplicate key .* already exists.",
    ),
    ("When the world is asked: to call nothing",): (
        "failed",
        r"there is no operation post.letter.pots; did you mean post.letter.post\?",
    ),
    ("When the world is asked: to repeat nothing",): ("failed", "there is no request to repeat: .*"),
    (OFFICE, "When the world is asked: to call as a stranger"): (
        "failed",
        r"nobody here is called `Zoe`: make them a caller first \(`actor: Zoe`\), or create the Office `Zoe`; .*",
    ),
    ("When the world is asked: to call for nobody",): (
        "failed",
        "post.letter.find needs a caller: create a row of Office .*",
    ),
    (OFFICE, "When the world is asked: to enter nowhere"): (
        "failed",
        "Zoe cannot belong to `Nowhere`: no Office of this name was created",
    ),
    (OFFICE, "When the world is asked: to take an unknown rank"): ("failed", 'Clerk.rank cannot be "king": .*'),
    (OFFICE, "When the world is asked: to leave a hole in the path"): (
        "failed",
        "post.letter.burn cannot be sent without `code`: it stands in /letters/.*",
    ),
    ("When the world is asked: for the wrong time",): (
        "failed",
        "`yesterday` is not a date-time: write one such as .*",
    ),
    ("When the world is asked: for the wrong duration",): ("failed", "`1 week` is not a duration: .*"),
    ("When the world is asked: for an unknown name",): (
        "failed",
        r"\{nobody.knows\} speaks of `nobody`, which no phrase before this one named; names: none yet",
    ),
    (OFFICE, "When the world is asked: for an unknown field of a row"): ("failed", "Office has no field `colour`; .*"),
    ("When the world is asked: for rows",): (
        "failed",
        "this phrase runs once for each row of a table: write one below .*",
    ),
    ("When the world is asked: for a step in no file",): (
        "failed",
        "the step nowhere.at_all needs .*features/steps/nowhere.py, which is not there",
    ),
    ("When the world is asked: for a step that is none",): (
        "failed",
        "the step odd.at_all needs a function `at_all` in .*features/steps/odd.py",
    ),
    (OFFICE, "When Another office exists", "Then something is expected of nothing"): (
        "failed",
        "the last When sent no request and ran no job, so there is no answer to speak of",
    ),
    (OFFICE, "Then something has changed"): ("failed", "there is no When yet, so nothing can have changed since"),
    (OFFICE, "When A letter is posted", "Then something has changed"): (
        "failed",
        "post.letter.post promised 1 new Clerk, found 0",
    ),
}


def feature() -> str:
    scenarios = (
        "\n".join([f"  Scenario: number {number} ends", *(f"    {step}" for step in steps)])
        for number, steps in enumerate(SENTENCES)
    )
    return "\n\n".join(
        [
            "Feature: odd",
            *scenarios,
            f"  Scenario: the last one\n    {OFFICE}\n    When A letter is posted\n    Then The letter is out",
        ]
    )


@pytest.fixture(scope="module")
def said(another: Callable[[], PostOffice]) -> CompletedProcess[str]:
    office = another()
    office.write("features/steps/odd.py", STEPS)
    office.write("features/post/odd.feature", feature())
    return office.verify("features/post/odd.feature")


@pytest.mark.parametrize("number", range(len(SENTENCES)))
def test_a_mistake_is_a_sentence(said: CompletedProcess[str], number: int) -> None:
    status, sentence = list(SENTENCES.values())[number]
    block = said.stdout.partition(f"{status}: odd / number {number} ends\n")[2].partition("\n\n")[0]
    assert any(re.fullmatch(sentence, line.strip()) for line in block.splitlines()), said.stdout


def test_what_a_step_printed_is_shown(said: CompletedProcess[str]) -> None:
    assert "about to divide" in said.stdout


def test_a_scenario_after_all_of_them_is_not_disturbed(said: CompletedProcess[str]) -> None:
    assert re.search(r"the last one +passed", said.stdout), said.stdout
    assert said.returncode == 1


@pytest.mark.parametrize(
    "text",
    [
        "Feature: odd\n  Scenario: one\n    Given something that nobody says\n",
        "Feature: odd\n  @wip\n  Scenario: one\n    Given something to be written\n",
    ],
    ids=["undefined", "pending"],
)
def test_a_run_is_not_green_for_want_of_steps(post: PostOffice, text: str) -> None:
    post.write("features/steps/odd.py", STEPS)
    post.write("features/post/odd.feature", text)
    said = post.verify("features/post/odd.feature")
    assert said.returncode == 1, said.stdout
    assert "passed" not in said.stdout


def test_a_failing_hook(post: PostOffice) -> None:
    post.write(
        "features/environment.py",
        "from treaty_runtime.acceptance.environment import *\n\n\n"
        "def before_tag(context, tag):\n    raise ValueError('no tags today')\n",
    )
    said = post.verify("--operation", "post.letter.find")
    assert said.returncode == 1
    assert "no tags today" in said.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (
            ["--operation", "post.letter.pots"],
            "There is no operation or job post.letter.pots. Did you mean post.letter.post?",
        ),
        (["nowhere.feature"], "There is no nowhere.feature. Name feature files, folders of them, or a line: "),
        (["post"], "0 scenarios: nothing ran"),
    ],
)
def test_a_wrong_argument(post: PostOffice, arguments: list[str], sentence: str) -> None:
    said = post.verify(*arguments)
    assert said.returncode == 1
    assert sentence in said.stdout


def test_nothing_generated(post: PostOffice) -> None:
    (post.project.folder / "generated" / "app.py").unlink()
    said = post.verify()
    assert said.returncode == 1
    assert "generated/app.py. Run `treaty generate` first." in said.stdout


def test_an_operation_that_nobody_implements(post: PostOffice) -> None:
    post.change("post/letter.py", ("async def burn(", "async def incinerate("))
    said = post.verify()
    assert said.returncode == 1
    assert "The application cannot be put together: module 'post.letter' has no attribute 'burn'" in said.stdout
    assert "generated/app.py:" in said.stdout


def test_an_implementation_that_is_not_python(post: PostOffice) -> None:
    post.change("post/letter.py", ("async def burn(", "async def burn"))
    said = post.verify()
    assert said.returncode == 1
    assert re.search(r"post/letter.py:\d+ is not Python: ", said.stdout), said.stdout


def test_a_feature_file_that_is_not_gherkin(post: PostOffice) -> None:
    post.write("features/post/odd.feature", "Feature: odd\n  Scenario: one\n    Given rain\n    Whenever it pours\n")
    said = post.verify()
    assert said.returncode == 1
    assert "A feature file cannot be read: " in said.stdout
    assert "features/post/odd.feature" in said.stdout


def test_two_phrases_for_one_sentence(post: PostOffice) -> None:
    post.write(
        "features/steps/odd.py",
        "from treaty_runtime.acceptance import given\n\n\n"
        "@given('An office exists')\nasync def again(world):\n    pass\n",
    )
    said = post.verify()
    assert said.returncode == 1
    assert "Two phrases match one sentence: " in said.stdout


def test_revisions_that_are_missing(post: PostOffice) -> None:
    for file in (post.project.folder / "migrations" / "versions").glob("*.py"):
        file.unlink()
    said = post.verify()
    assert said.returncode == 1
    assert "The revisions do not make post_clerk (id, office_id, person, rank). Run `treaty migrate " in said.stdout
