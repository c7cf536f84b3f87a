"""What a code is."""

from __future__ import annotations

from dataclasses import dataclass

from treaty.diagnostics import Severity


@dataclass(frozen=True, slots=True)
class Code:
    """The code of a diagnostic: `title` says what is kept, `why` what for, `stage` who watches over it.

    With `advice` everything can be generated all the same: settings may lower it, and contracts may be allowed it.
    """

    id: str
    stage: str
    title: str
    why: str
    advice: bool = False
    severity: Severity = Severity.ERROR
