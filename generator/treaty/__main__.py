"""The program `treaty`, as a command and as `python -m treaty`."""

from __future__ import annotations

import sys

from treaty.freshness import answer_at_once

# Commands that leave much in memory and nothing else: no server, no thread, no child.
_ENDING_AT_ONCE = (["check"], ["generate"])


def main() -> int:
    """The program: what `run` does, and a quick end."""
    try:
        return run()
    except SystemExit as end:
        if sys.argv[1:2] in _ENDING_AT_ONCE:
            from treaty.garbage import leave

            leave(end.code)
        raise


def run() -> int:
    """Say at once that nothing changed, or load the commands, which takes ten times as long."""
    code = answer_at_once(sys.argv[1:])
    if code is None:
        from treaty.garbage import without_garbage_collection

        with without_garbage_collection():  # modules are no garbage
            from treaty.cli import main as commands
        commands()
        return 0
    return code


if __name__ == "__main__":
    sys.exit(main())
