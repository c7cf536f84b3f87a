"""What the demonstration prints."""

from __future__ import annotations

import json
from http import HTTPStatus
from pathlib import Path
from textwrap import indent
from typing import Any

import httpx
from rich.console import Console
from rich.highlighter import JSONHighlighter
from rich.markup import escape

__all__ = ["Screen"]

SHORT = 110
_HIGHLIGHTER = JSONHighlighter()


class Screen:
    """A terminal, or a file that somebody reads later."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def say(self, text: str) -> None:
        """One plain line."""
        self._console.print(escape(text), highlight=False, soft_wrap=True)

    def request(self, number: int, title: str, method: str, path: str, body: dict[str, Any] | None) -> None:
        """What is asked."""
        self._console.print(f"\n[bold]{number}. {escape(title)}[/]")
        self._console.print(f"   [cyan]{method} {escape(path)}[/]", highlight=False)
        self._json(body)

    def answer(self, answer: httpx.Response, promise: str, *, as_promised: bool) -> None:
        """What came, and whether it was promised."""
        replayed = " (Idempotency-Replayed)" if "Idempotency-Replayed" in answer.headers else ""
        self._console.print(
            f"   [yellow]{answer.status_code} {HTTPStatus(answer.status_code).phrase}[/]{replayed}", highlight=False
        )
        if answer.content:
            self._json(answer.json())
        mark = "[green]✓ as promised:[/]" if as_promised else "[bold red]✗ not as promised:[/]"
        self._console.print(f"   {mark} {escape(promise)}")

    def addresses(self, address: str, token: str, log: Path) -> None:
        """Where to go on from here."""
        self._console.print("\n[bold]Everything was answered as promised.[/]")
        for name, value in (
            ("API explorer", f"{address}/docs"),
            ("OpenAPI", f"{address}/openapi.json"),
            ("Ready?", f"{address}/health/ready"),
            ("Log, events", str(log)),
        ):
            self._console.print(f"   {name:<13} {escape(value)}", highlight=False, soft_wrap=True)
        self.say(f"\nA token of Ann, who is an admin of Acme (for twelve hours):\n{token}")
        self.say(f'\n   curl -H "Authorization: Bearer $TOKEN" {address}/billing/usage\n')

    def _json(self, value: Any) -> None:
        if value is None:
            return
        text = json.dumps(value, ensure_ascii=False)
        if len(text) > SHORT:
            text = json.dumps(value, ensure_ascii=False, indent=2)
        self._console.print(_HIGHLIGHTER(indent(text, "   ")), soft_wrap=True)
