"""The program `treaty`, as a command and as `python -m treaty`."""

from __future__ import annotations

import sys

from treaty.freshness import answer_at_once

# Commands that leave much in memory and nothing else: no server, no thread, no child.
_ENDING_AT_ONCE = (["check"], ["generate"])


def main() -> int:
    """Say at once that nothing changed, or load the commands, which takes ten times as long."""
    code = answer_at_once(sys.argv[1:])
    if code is not None:
        return code
    from treaty.garbage import leave, without_garbage_collection

    with without_garbage_collection():  # modules are no garbage
        from treaty.cli import main as commands
    try:
        commands()
    except SystemExit as end:
        if sys.argv[1:2] in _ENDING_AT_ONCE:
            leave(end.code)
        raise
    return 0


if __name__ == "__main__":
    sys.exit(main())
