"""The last release: its commit, its tree, and what tells whether today's migrations expand only.

deploy/last-release holds the commit. Tests of upgrades use it; it reads the clone's git, no more.
"""

import ast
import io
import re
import subprocess
import tarfile
from pathlib import Path

import pytest

from baton.local.checkout import checkout

COMMIT = (checkout() / "deploy" / "last-release").read_text(encoding="ascii").strip()
ROOMS = ("shared", "services")
MIGRATIONS = "*/migrations/versions/*.py"

_CONTRACTS = {
    "DROP": r"\bDROP\b(?!\s+NOT\s+NULL\b)",
    "TRUNCATE": r"\bTRUNCATE\b",
    "RENAME": r"\bRENAME\b",
    "SET NOT NULL": r"\bSET\s+NOT\s+NULL\b",
    "ALTER ... TYPE": r"\bALTER\s+(COLUMN\s+)?\S+\s+(SET\s+DATA\s+)?TYPE\b",
    "ADD COLUMN ... NOT NULL without a DEFAULT": (
        r"\bADD\s+COLUMN\b(?![^,;]*\bDEFAULT\b)[^,;]*\bNOT\s+NULL\b"
    ),
}
_ALEMBIC = re.compile(r"(drop|rename)_\w+|alter_column")


def require_commit() -> None:
    """Skip, saying so, where this clone does not have the last release."""
    if _git("cat-file", "-e", f"{COMMIT}^{{commit}}").returncode != 0:
        pytest.skip(
            f"this clone does not have the last release {COMMIT[:12]}: git fetch --unshallow"
        )


def unpack(folder: Path, *paths: str) -> None:
    """Lay out these paths of the last release in a folder."""
    done = _git("archive", COMMIT, *paths)
    assert done.returncode == 0, done.stderr
    with tarfile.open(fileobj=io.BytesIO(done.stdout)) as tar:
        tar.extractall(folder, filter="data")


def released_migrations() -> dict[str, str]:
    """Path and text of each migration of the last release."""
    listing = _git("ls-tree", "-r", "--name-only", COMMIT, *ROOMS).stdout.decode().splitlines()
    paths = [path for path in listing if Path(path).match(MIGRATIONS)]
    return {path: _git("show", f"{COMMIT}:{path}").stdout.decode() for path in paths}


def todays_migrations() -> dict[str, str]:
    """Path and text of each migration of this checkout."""
    root = checkout()
    found = [file for room in ROOMS for file in (root / room).rglob("*.py")]
    return {
        str(file.relative_to(root)): file.read_text(encoding="utf-8")
        for file in found
        if file.match(MIGRATIONS)
    }


def contracting(text: str) -> list[str]:
    """Return what in a migration takes away something that the last release's code may use.

    Its texts are read as SQL but for the opening words, and so are its calls of Alembic; what its
    ``downgrade`` does is no matter.
    """
    body = [
        each
        for each in ast.parse(text).body
        if not (isinstance(each, ast.FunctionDef) and each.name == "downgrade")
        and not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
    ]
    nodes = [node for each in body for node in ast.walk(each)]
    texts = [str(node.value) for node in nodes if isinstance(node, ast.Constant)]
    calls = [node.attr for node in nodes if isinstance(node, ast.Attribute)]
    return [
        *(
            name
            for name, pattern in _CONTRACTS.items()
            if any(re.search(pattern, sql, re.IGNORECASE) for sql in texts)
        ),
        *(call for call in calls if _ALEMBIC.fullmatch(call)),
    ]


def _git(*words: str) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(["git", *words], cwd=checkout(), capture_output=True, check=False)  # noqa: S607
