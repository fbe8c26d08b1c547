"""How far an import has come, in a small file beside the one that is imported.

Called by the import after each batch, so that one that was interrupted goes on where it was. The
rows that were refused stand in a second file beside, for whoever mends them.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from baton.local.trouble import Trouble
from chassis.wording import why_unread

_ENDS = ".baton-import.json"
_OWNER_ONLY = 0o600
_UNDO = "undo that to go on, or "


@dataclass(frozen=True, slots=True)
class Place:
    """Where an import is, and what came of it so far."""

    of: str
    """A digest of the file and of all that was told of how to read it."""
    rows: int = 0
    """How many rows of the file are done with."""
    historical: int = 0
    live: int = 0
    rejected: int = 0
    rejects_bytes: int = 0
    """How long the file of refused rows was then; what stands after it was written in vain."""
    done: bool = False

    @property
    def accepted(self) -> int:
        """How many rows were taken."""
        return self.historical + self.live

    def after(self, *, rows: int, historical: int, live: int) -> "Place":
        """Return the place after so many more rows of the file."""
        rejected = rows - historical - live
        return replace(
            self,
            rows=self.rows + rows,
            historical=self.historical + historical,
            live=self.live + live,
            rejected=self.rejected + rejected,
        )


def place_file(path: Path) -> Path:
    """Return where the place of a file's import stands."""
    return path.with_name(path.name + _ENDS)


def rejects_file(path: Path) -> Path:
    """Return where the rows of a file that were refused stand, unless it is told."""
    return path.with_name(f"{path.name}.rejects.ndjson")


def digest_of(path: Path, told: Mapping[str, Any]) -> str:
    """Return the digest of a file's bytes and of how it is read. Raises Trouble."""
    try:
        with path.open("rb") as file:
            content = file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise Trouble(f"{path} cannot be read: {why_unread(error)}") from None
    words = json.dumps({"content": content, **told}, sort_keys=True)
    return sha256(words.encode()).hexdigest()


def load_place(file: Path, digest: str, *, again: bool) -> tuple[Place, bool]:
    """Return where to begin, and whether it was begun before.

    Raises Trouble where the file was imported otherwise, to its end or half.
    """
    try:
        found = Place(**orjson.loads(file.read_bytes()))
    except FileNotFoundError:
        return Place(digest), False
    except (OSError, ValueError, TypeError):
        if again:
            return Place(digest), True
        raise Trouble(f"{file} says no place of an import: remove it, or give --again") from None
    if again:
        return Place(digest), True
    if found.of != digest:
        came, undo = ("is done", "") if found.done else (f"stopped at row {found.rows}", _UNDO)
        raise Trouble(
            f"{file} is of an import that {came}, and the file, its mapping or an option has "
            f"changed since: {undo}give --again to begin anew"
        )
    return found, True


def keep_place(file: Path, place: Place) -> None:
    """Write the place down, whole or not at all. Raises Trouble."""
    new = file.with_name(file.name + ".new")
    try:
        with new.open("wb") as out:
            out.write(orjson.dumps(asdict(place)))
            out.flush()
            os.fsync(out.fileno())
        new.replace(file)
    except OSError as error:
        said = error.strerror or "writing failed"
        raise Trouble(
            f"{file} cannot be written, so that nothing could be resumed: {said}"
        ) from None


class Rejects:
    """The file of rows that were refused, a line of JSON each: line, reason, row."""

    def __init__(self, path: Path, place: Place, *, mine: bool) -> None:
        """Open it lazily: an import without one leaves no file. It holds persons: owner only.

        Raises Trouble where a file is there that is not this import's; ``mine`` says that it is.
        """
        if place.rejects_bytes == 0 and not mine and path.exists() and path.stat().st_size:
            raise Trouble(
                f"{path} has rows that an earlier import refused, or is another file: "
                "move it away, name another by --rejects, or give --again to replace it"
            )
        self.path = path
        self._file: BinaryIO | None = None
        self._begins = place.rejects_bytes

    def replace(self) -> None:
        """Throw away what an earlier import refused. Raises Trouble."""
        try:
            self.path.unlink(missing_ok=True)
        except OSError as error:
            said = error.strerror or "it stays"
            raise Trouble(f"{self.path} cannot be replaced: {said}") from None

    def add(self, number: int, reason: str, row: object) -> None:
        """Write one down. Raises Trouble."""
        line = {"line": number, "reason": reason, "row": row}
        try:
            self._opened().write(orjson.dumps(line, default=str) + b"\n")
        except OSError as error:
            said = error.strerror or "writing failed"
            raise Trouble(f"{self.path} cannot be written: {said}") from None

    def flushed(self) -> int:
        """Return how long it is, all of it on disk. Raises Trouble."""
        if self._file is None:
            return self._begins
        self._file.flush()
        os.fsync(self._file.fileno())
        return self._file.tell()

    def close(self) -> None:
        """Close it."""
        if self._file is not None:
            self._file.close()

    def _opened(self) -> BinaryIO:
        if self._file is None:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT, _OWNER_ONLY)
            self._file = os.fdopen(descriptor, "r+b")
            self._file.truncate(self._begins)
            self._file.seek(self._begins)
        return self._file
