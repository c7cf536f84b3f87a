"""What is committed: no index hosts, no secrets, no dead links, import directions that hold and are held."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    *(str(page.relative_to(ROOT)) for page in sorted((ROOT / "docs").glob("*.md"))),
)

# Put together here, so that this file does not itself name what it looks for.
INDEX_HOSTS = re.compile(
    "|".join(
        re.escape(host)
        for host in (
            "py" + "pi.org",
            "python" + "hosted.org",
            "py" + "pi.python.org",
            "registry." + "npmjs",
            "registry." + "yarnpkg",
            "conda" + ".anaconda",
            "--index" + "-url",
            "--extra-index" + "-url",
        )
    )
)
SECRETS = re.compile(
    "|".join(
        (
            "AKIA" + "[0-9A-Z]{16}",
            "-----BEGIN [A-Z ]*PRIVATE" + " KEY-----",
            "gh[opsu]_" + "[A-Za-z0-9]{30,}",
            "(sk|rk|whsec)_(live|test)_" + "[A-Za-z0-9]{10,}",
            "xox[abpr]-" + "[A-Za-z0-9-]{10,}",
            "tk_[A-Za-z0-9]{6,}_" + "[A-Za-z0-9_-]{20,}",
            "eyJ[A-Za-z0-9_-]{10,}" + r"\.eyJ[A-Za-z0-9_-]{10,}\.",
            r"[a-z]+://[^/\s:@{}$<>]+:(?=[^@]*[0-9])[^/\s:@{}$<>]{6,}" + "@(?!localhost|127)",
            r"(?i:secret|password|passwd|api_?key|token)[\"']?\s*[:=]\s*[\"'](?=[^\"']*[0-9])[A-Za-z0-9+/=_-]{24,}[\"']",
        )
    )
)


def committed() -> list[Path]:
    """The files that git keeps or would keep: ignored ones are nobody's business."""
    said = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [path for name in sorted(set(said.stdout.split("\0")) - {""}) if (path := ROOT / name).is_file()]


def places(pattern: re.Pattern[str]) -> list[str]:
    """`file:line` of all that `pattern` matches in committed text."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in committed()
        for number, line in enumerate(path.read_bytes().decode(errors="replace").splitlines(), start=1)
        if pattern.search(line)
    ]


def test_no_file_names_a_package_index() -> None:
    assert places(INDEX_HOSTS) == []


def test_no_file_holds_what_looks_like_a_secret() -> None:
    assert places(SECRETS) == []


def test_the_secrets_pattern_finds_secrets() -> None:
    for text in (
        "key = AKIA" + "ABCDEFGHIJKLMNOP",
        "postgresql://admin:" + "hunter2hunter2@db.example/x",
        'API_KEY = "' + "a1b2c3d4" * 4 + '"',
        "tk_abcdef12_" + "x" * 32,
    ):
        assert SECRETS.search(text), text


def test_the_lock_has_a_hash_for_every_requirement() -> None:
    text = (ROOT / "requirements.lock").read_text().replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line and not line.lstrip().startswith("#")]
    assert requirements
    assert [line for line in requirements if "--hash=sha256:" not in line or "://" in line] == []


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    file = ROOT / page
    dead = [target for target in re.findall(r"\]\(([^)\s]+)\)", file.read_text()) if not _leads_somewhere(file, target)]
    assert dead == []


def _leads_somewhere(page: Path, target: str) -> bool:
    name, _, anchor = target.partition("#")
    if "://" in target:
        return True  # not ours to check without a network
    other = page.parent / name if name else page
    return other.exists() and (not anchor or anchor in _anchors(other))


def _anchors(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text(), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"])
def test_named_paths_exist(page: str) -> None:
    assert [path for path in _named_paths((ROOT / page).read_text()) if not _exists(path)] == []


def _named_paths(text: str) -> Iterator[str]:
    """What stands in backticks and looks like a path of this repository."""
    for word in re.findall(r"`([^`\n]+)`", text):
        if re.fullmatch(r"[\w.][\w.*-]*(/[\w.*-]+)+/?|[\w-]+/|[\w-]+\.(md|toml|lock|yaml|json)", word):
            yield word


def _exists(path: str) -> bool:
    if any(ROOT.glob(path.rstrip("/"))):
        return True
    return subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("page", [*PAGES, ".ci/run"])
def test_named_make_targets_exist(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    named = re.findall(r"(?:`|^|exec )make ((?:[a-z-]+ ?)+)", (ROOT / page).read_text(), flags=re.MULTILINE)
    # In a shell block a comment may follow: `make demo    # watch …`.
    assert {target for words in named for target in words.split("  ")[0].split()} <= targets
