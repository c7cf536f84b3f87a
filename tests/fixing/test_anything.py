"""Whatever is wrong with a contract, mending never fails, never makes it worse, and mends nothing the second time."""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.generator.checking import check, project, write
from tests.generator.test_anything import COMPANIONS, damaged
from tests.support.limits import no_more_than_500_mb
from treaty.fixing.plan import identity, mend

pytestmark = pytest.mark.usefixtures(no_more_than_500_mb.__name__)
EXAMPLES = int(os.environ.get("TREATY_CONTRACT_EXAMPLES", "25"))
often = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.too_slow])
WORD = re.compile(rb"[A-Za-z]{3,}")


@given(st.sampled_from(sorted(COMPANIONS)), st.randoms(use_true_random=False), st.booleans())
@often
def test_damaged_contracts(name: str, chance: random.Random, slips: bool) -> None:
    """A real contract among its companions, damaged anywhere, or with slips of the pen in its words."""
    wrong = misspelt(COMPANIONS[name], chance) if slips else damaged(COMPANIONS[name], chance)
    with TemporaryDirectory() as folder:
        root = write(Path(folder), COMPANIONS | {name: wrong})
        before = Counter(map(identity, check(root)))
        mending = mend(project(root), lambda _: True)
        write(root, mending.after)
        after = check(root)
        assert Counter(map(identity, after)) <= before
        assert after == mending.checked.problems
        assert mend(project(root), lambda _: True).after == {}


def misspelt(content: bytes, chance: random.Random) -> bytes:
    """A contract in which up to three words have two letters exchanged, one doubled, or one missing."""
    for _ in range(chance.randint(1, 3)):
        found = chance.choice(list(WORD.finditer(content)))
        at = chance.randrange(found.start(), found.end() - 1)
        one, two = content[at : at + 1], content[at + 1 : at + 2]
        content = content[:at] + chance.choice([two + one, one + one + two, two]) + content[at + 2 :]
    return content
