"""Under which system user the embedded servers run, and which folders that user can reach.

PostgreSQL refuses root, so as root both servers run under a user without rights. Called by
postgres.py and kafka.py. Must not change the mode of a folder that Baton did not make.
"""

import hashlib
import os
import pwd
import secrets
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from baton.local.home import Home
from baton.local.trouble import Trouble

SERVER_ROOT = Path("/var/lib/baton")
"""As root only: servers' data and programs that their user could not reach otherwise."""

PREFERRED_USERS = ("postgres", "nobody")


@dataclass(frozen=True)
class Account:
    """Who runs a server. `user` is None when it is the user who called baton."""

    name: str
    user: int | None
    group: int | None

    def reaches(self, path: Path) -> bool:
        """Whether this user can pass through to a path and read it (asked of the kernel)."""
        if self.user is None:
            return os.access(path, os.R_OK)
        test: list[str | Path] = [
            "/bin/sh",
            "-c",
            'test -r "$1" && { ! test -d "$1" || test -x "$1"; }',
            "sh",
            path,
        ]
        return self.run(test).returncode == 0

    def passes(self, folder: Path) -> bool:
        """Whether this user can pass through a folder to what lies in it."""
        if self.user is None:
            return os.access(folder, os.X_OK)
        return self.run(["/bin/sh", "-c", 'test -x "$1"', "sh", folder]).returncode == 0

    def run(self, command: list[str | Path]) -> subprocess.CompletedProcess[str]:
        """Run a short program as this user; its output is kept. Raises Trouble."""
        try:
            return subprocess.run(  # noqa: S603 - the caller's own programs, no shell
                command,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                cwd="/",
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
        except PermissionError as error:
            message = (
                f"this root may not run a program as {self.name}: "
                "run baton as an ordinary user instead"
            )
            raise Trouble(message) from error

    def own(self, path: Path) -> None:
        """Hand a file or folder that Baton just made to this user."""
        if self.user is not None and self.group is not None:
            os.chown(path, self.user, self.group)


CALLER = Account(name="", user=None, group=None)
"""The user who called baton: runs the services."""


def server_account() -> Account:
    """The user for the servers: the caller, or as root the first of PREFERRED_USERS."""
    if os.geteuid() != 0:
        return CALLER
    for name in PREFERRED_USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        if found.pw_uid != 0:
            return Account(name=name, user=found.pw_uid, group=found.pw_gid)
    message = "PostgreSQL refuses to run as root and there is no user postgres or nobody: add one"
    raise Trouble(message)


def server_folder(home: Home, account: Account) -> Path:
    """Where the servers' data lies: in BATON_HOME, or where their user can reach it.

    The place is chosen once and kept in BATON_HOME/servers.json.
    """
    kept = home.remembered("servers").get("folder")
    if kept is not None:
        return Path(kept)
    folder = home.root
    if not account.passes(home.root):
        folder = _server_root() / "homes" / f"{_mark(home)}-{secrets.token_hex(4)}"
        folder.mkdir(parents=True)
    home.remember("servers", {"folder": str(folder)})
    return folder


def left_over(home: Home) -> list[Path]:
    """Server data of a BATON_HOME that stood at this path before and was removed."""
    kept = home.remembered("servers").get("folder")
    found = (SERVER_ROOT / "homes").glob(f"{_mark(home)}-*")
    return sorted(folder for folder in found if str(folder) != kept)


def _mark(home: Home) -> str:
    return hashlib.sha256(str(home.root).encode()).hexdigest()[:12]


def remove_data(home: Home) -> tuple[list[Path], list[Path]]:
    """Remove what Baton made in a BATON_HOME, and the servers' data wherever it lies.

    Returns the folders that were removed and what was left, which Baton did not make.
    """
    kept = home.remembered("servers").get("folder")
    apart = [] if kept is None or Path(kept).parent != SERVER_ROOT / "homes" else [Path(kept)]
    for folder in apart:
        shutil.rmtree(folder, ignore_errors=True)
    left = home.remove()
    return [*apart, *([] if home.root.exists() else [home.root])], left


def reachable(root: Path, parts: Sequence[str], name: str, account: Account) -> Path:
    """The folder below which the account can read the given parts of root.

    That is root itself, or a copy of the parts made once under `name` (which says the version).
    """
    if all(account.reaches(root / part) for part in parts if (root / part).exists()):
        return root
    copy = _server_root() / "programs" / name
    if not copy.exists():
        draft = copy.with_name(f".{copy.name}.{secrets.token_hex(4)}")
        for part in parts:
            if (root / part).exists():
                shutil.copytree(root / part, draft / part, symlinks=True)
        _let_read(draft)
        try:
            draft.rename(copy)
        except OSError:
            shutil.rmtree(draft)
    return copy


def _let_read(copy: Path) -> None:
    copy.chmod(0o755)
    for path in copy.rglob("*"):
        if not path.is_symlink():
            runs = path.is_dir() or path.stat().st_mode & 0o100
            path.chmod(0o755 if runs else 0o644)


def _server_root() -> Path:
    try:
        for folder in (SERVER_ROOT, SERVER_ROOT / "homes", SERVER_ROOT / "programs"):
            folder.mkdir(mode=0o755, exist_ok=True)
    except OSError as error:
        message = f"{SERVER_ROOT} cannot be made: set BATON_HOME to a folder that all users reach"
        raise Trouble(message) from error
    return SERVER_ROOT
