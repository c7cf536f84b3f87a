"""The program `treaty`, as a command and as `python -m treaty`."""

from __future__ import annotations

import sys

from treaty.freshness import answer_at_once


def main() -> int:
    """Say at once that nothing changed, or load the commands, which takes ten times as long."""
    code = answer_at_once(sys.argv[1:])
    if code is None:
        from treaty.cli import main as commands

        commands()
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
