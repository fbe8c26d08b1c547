"""BATON_HOME: one folder holds all of one installation, so that several can stand side by side.

Called by every room of baton.local. Owns names, modes and secrets; starts nothing.
"""

import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from baton.local.trouble import Trouble

LAYOUT = 1
"""Raised when the folder's shape changes; an older program refuses a younger folder."""

MARK = "layout"
"""The file that marks a folder as a home of Baton; it holds LAYOUT."""

OWN = (
    *("logs", "run", "postgres", "postgres.draft", "kafka"),
    *("postgres.conf", "kafka.properties", "kafka-log4j2.properties"),
    *("postgres-admin", "postgres-roles", "secret", "token", "access.yaml"),
    *("ports.json", "servers.json", "walk.json", "lock", MARK),
)
"""All that Baton makes in a home, the mark last: an interrupted removal can be taken up again."""

_LONGEST_MARK = 4096


@dataclass(frozen=True)
class Home:
    """The layout of one BATON_HOME."""

    root: Path

    @classmethod
    def of_environment(cls) -> "Home":
        """BATON_HOME, or .baton in the current folder."""
        return cls(Path(os.environ.get("BATON_HOME") or ".baton").absolute())

    @property
    def logs(self) -> Path:
        """One file a process."""
        return self.root / "logs"

    @property
    def run(self) -> Path:
        """One record a running process."""
        return self.root / "run"

    @property
    def secret(self) -> Path:
        """The installation secret of the services: 32 random bytes as hex."""
        return self.root / "secret"

    @property
    def token(self) -> Path:
        """The developer's access token, as it is sent."""
        return self.root / "token"

    @property
    def access(self) -> Path:
        """The access file of the services: who may do what."""
        return self.root / "access.yaml"

    @property
    def is_ours(self) -> bool:
        """Whether this folder is marked, or holds secrets or ports that only Baton writes so."""
        return (
            _says(self.root / MARK, r"\d+")
            or _says(self.secret, r"[0-9a-f]{64}")
            or _says(self.token, r"baton_\S+")
            or _says(self.root / "ports.json", r'\{\s*"[a-z0-9-]+": "\d+".*')
        )

    def create(self) -> None:
        """Make the folders, or accept those of an earlier start. Raises Trouble.

        A folder with anything in it that is not Baton's is refused and left as it is. A new home
        is private; as root others may pass through it, since PostgreSQL runs under another
        account. The mode of a folder that was there before stays as it is.
        """
        try:
            if not self.root.exists():
                self.root.mkdir(parents=True)
                self.root.chmod(0o711 if os.geteuid() == 0 else 0o700)
            elif any(self.root.iterdir()) and not self.is_ours:
                message = (
                    f"{self.root} holds files that are not Baton's: "
                    "set BATON_HOME to a new or empty folder"
                )
                raise Trouble(message)
            self._check_layout()
            for folder in (self.logs, self.run):
                folder.mkdir(mode=0o700, exist_ok=True)
        except (FileExistsError, NotADirectoryError) as error:
            message = f"{error.filename} is a file: set BATON_HOME to a folder"
            raise Trouble(message) from error
        except OSError as error:
            message = (
                f"{error.filename} cannot be written ({error.strerror}): "
                "let this user write there, or set BATON_HOME to another folder"
            )
            raise Trouble(message) from error

    def _check_layout(self) -> None:
        file = self.root / MARK
        if not file.exists():
            write_private(file, f"{LAYOUT}\n")
            return
        found = file.read_text(encoding="ascii").strip()
        if found != str(LAYOUT):
            message = (
                f"{self.root} was made by another version of Baton (layout {found}, this one reads "
                f"{LAYOUT}): use that version, or set BATON_HOME to a new folder"
            )
            raise Trouble(message)

    def remove(self) -> list[Path]:
        """Remove what Baton made here, and the folder when nothing else is in it.

        Returns what was left. A link is removed, never what it leads to.
        """
        for name in OWN:
            remove_entry(self.root / name)
            for draft in self.root.glob(f".{name}.{'[0-9a-f]' * 8}"):
                remove_entry(draft)
        try:
            self.root.rmdir()
        except FileNotFoundError:
            return []
        except OSError:
            return sorted(self.root.iterdir()) or [self.root]
        return []

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the folder while processes are started or stopped. Raises Trouble when taken."""
        with (self.root / "lock").open("w", encoding="ascii") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                message = (
                    f"another baton command is starting or stopping {self.root}: "
                    "wait until it is done"
                )
                raise Trouble(message) from error
            yield

    def is_held(self) -> bool:
        """Whether a command is starting or stopping processes now."""
        if not (self.root / "lock").exists():
            return False
        try:
            with self.alone():
                return False
        except Trouble:
            return True

    def random_secret(self, file: Path) -> str:
        """The 32 random bytes of a file as hex, made at the first call (mode 0600)."""
        if not file.exists():
            write_private(file, secrets.token_hex(32) + "\n", replace=False)
        return file.read_text(encoding="ascii").strip()

    def remembered(self, name: str) -> dict[str, str]:
        """The values kept under a name, empty when there are none yet. Raises Trouble."""
        file = self.root / f"{name}.json"
        if not file.exists():
            return {}
        try:
            values = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            message = f"{file} is damaged: remove it and start again"
            raise Trouble(message) from error
        return {str(key): str(value) for key, value in dict(values).items()}

    def remember(self, name: str, values: dict[str, str]) -> None:
        """Keep values under a name, whole or not at all."""
        text = json.dumps(values, indent=2, sort_keys=True) + "\n"
        write_private(self.root / f"{name}.json", text)


def remove_entry(path: Path) -> None:
    """Remove a file, a link or a folder with all in it, as far as this user may."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
        return
    with suppress(OSError):
        path.unlink()


def _says(file: Path, pattern: str) -> bool:
    """Whether a file is there and its text, without space around it, is all of this form."""
    if not file.is_file():
        return False
    text = file.read_bytes()[:_LONGEST_MARK].decode("utf-8", "replace").strip()
    return re.fullmatch(pattern, text, re.DOTALL) is not None


def write_private(file: Path, text: str, *, replace: bool = True) -> None:
    """Write a file of mode 0600 in one step; with replace=False an existing one stays."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(4)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    if replace:
        draft.replace(file)
        return
    try:
        os.link(draft, file)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
