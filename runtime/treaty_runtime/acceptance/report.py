"""What `treaty verify` prints: a table of scenarios, then each broken promise with its place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

from treaty_runtime.acceptance.outcomes import Outcome

__all__ = ["Report"]

STYLES = {"passed": "green"}


class Report:
    """Collects outcomes while behave runs, then prints them."""

    def __init__(self, console: Console, root: Path) -> None:
        self._console = console
        self._root = root
        self._status: Status | None = None
        self.outcomes: list[Outcome] = []
        self.left_out: list[Outcome] = []

    def follow(self, status: Status) -> None:
        """Show what is going on in `status`."""
        self._status = status

    def begin(self, scenario: str) -> None:
        """A scenario begins."""
        if self._status is not None:
            self._status.update(f"verifying {Text(scenario).markup}")

    def add(self, outcome: Outcome) -> None:
        """A scenario is over."""
        if outcome.played:
            self.outcomes.append(outcome)
        elif outcome.left_out:
            self.left_out.append(outcome)

    @property
    def failures(self) -> list[Outcome]:
        """The outcomes that are not as they should be."""
        return [outcome for outcome in self.outcomes if not outcome.passed]

    def print(self, escapes: Mapping[str, int]) -> None:
        """The table, the failures, the steps that left the vocabulary, and the sum."""
        self._console.print(self._table())
        for outcome in self.failures:
            self._print_failure(outcome)
        for outcome in self.left_out:
            reason = f"left out: {outcome.feature} / {outcome.scenario}: {outcome.left_out}"
            self._say(Text(reason, style="yellow"))
        if escapes:
            used = ", ".join(f"{name} ({number})" for name, number in sorted(escapes.items()))
            self._say(Text(f"Steps outside of the vocabulary, and how often: {used}", style="yellow"))
        self._print_sum()

    def _table(self) -> Table:
        table = Table("operation or feature", "scenario", "status", "time", box=None, pad_edge=False)
        table.columns[3].justify = "right"
        before = ""
        for outcome in self.outcomes:
            feature = outcome.feature if outcome.path != before else ""
            before = outcome.path
            status = Text(outcome.status, style=STYLES.get(outcome.status, "bold red"))
            table.add_row(Text(feature), Text(outcome.scenario), status, f"{outcome.seconds * 1000:.0f} ms")
        return table

    def _print_failure(self, outcome: Outcome) -> None:
        self._say(Text(f"\n{outcome.status}: {outcome.feature} / {outcome.scenario}", style="bold red"))
        if outcome.failure is None:
            return
        self._say(Text(f"  {self._relative(outcome.failure.place)}"))
        if outcome.failure.step:
            self._say(Text(f"  {outcome.failure.step}"))
        first, _, rest = outcome.failure.message.partition("\n")
        self._say(Text(f"  {first}", style="red"))
        for line in rest.splitlines():
            self._say(Text(f"  {line}"))

    def _print_sum(self) -> None:
        counts = Counter(outcome.status for outcome in self.outcomes)
        parts = ", ".join(f"{number} {status}" for status, number in sorted(counts.items()))
        seconds = sum(outcome.seconds for outcome in self.outcomes)
        style = "bold red" if self.failures or not self.outcomes else "bold green"
        number = f"{len(self.outcomes)} scenario{'s' if len(self.outcomes) != 1 else ''}"
        self._say(Text(f"\n{number}: {parts or 'nothing ran'} in {seconds:.1f} s", style=style))

    def _relative(self, place: str) -> str:
        path = Path(place)
        return str(path.relative_to(self._root)) if path.is_relative_to(self._root) else place

    def _say(self, text: Text) -> None:
        self._console.print(text, soft_wrap=True)
