"""The access file: names, hashes of tokens and what they allow; read again when it changes.

access.py asks it; the command line makes entries with ``new_token``. Tokens themselves never stand
in it, and a file that became unreadable leaves the last good one in force, said loudly.
"""

import hmac
import secrets
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import Annotated, Any, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from chassis.http.principal import Principal, Scope
from chassis.telemetry import logs
from chassis.telemetry.metrics import Meters, ProcessMetric
from chassis.wording import said, why_unread

TOKEN_PREFIX = "baton_"  # noqa: S105 - what tokens begin with, so that scanners find leaked ones
DEVELOPMENT_NAME = "dev"
"""The name of the token that a first start makes; refused in production mode."""

_LARGEST = 1_048_576
_MOST = 1_000
_LOOK_EVERY_S = 1.0
_EVER = datetime(9999, 12, 31, tzinfo=UTC)

_log = logs.get("chassis.access")


def _aware(value: object) -> object:
    """Read YAML's own dates: a date is its first instant, and what has no zone is UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is not None else value.replace(tzinfo=UTC)
    return datetime.combine(value, time(), UTC) if isinstance(value, date) else value


class Entry(BaseModel):
    """One token of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,99}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the whole token, in lower-case hexadecimal."""
    scopes: frozenset[Scope] = Field(min_length=1)
    expires: Annotated[AwareDatetime | None, BeforeValidator(_aware)] = None
    """From this instant on the token is refused; None: never."""
    rep: str | None = Field(None, min_length=1, max_length=100)
    team: str | None = Field(None, min_length=1, max_length=100)


class AccessDocument(BaseModel):
    """The whole file."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    tokens: tuple[Entry, ...] = Field((), max_length=_MOST)

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [entry.name for entry in self.tokens]
        if len(set(names)) != len(names):
            raise ValueError("two tokens have the same name")
        return self


class AccessFileProblem(Exception):  # noqa: N818 - it says what is wrong, for people
    """The access file cannot be used; the text says where and holds no value of it."""


@dataclass(frozen=True, slots=True)
class _Stamp:
    changed: int
    size: int
    inode: int


def digest(token: str) -> str:
    """Return what the access file holds of a token."""
    return sha256(token.encode()).hexdigest()


def new_token(
    name: str,
    scopes: frozenset[Scope],
    *,
    expires: datetime | None = None,
    rep: str | None = None,
    team: str | None = None,
) -> tuple[str, Entry]:
    """Return a new token, to be shown once, and its entry for the file.

    Raises pydantic's ValidationError for a name or scopes that the file may not hold.
    """
    token = TOKEN_PREFIX + secrets.token_urlsafe(32)
    entry = Entry(
        name=name, sha256=digest(token), scopes=scopes, expires=expires, rep=rep, team=team
    )
    return token, entry


def read(path: Path) -> AccessDocument:
    """Return the file's content. Raises AccessFileProblem."""
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise AccessFileProblem(f"it cannot be read: {why_unread(error)}") from None
    if len(raw) > _LARGEST:
        raise AccessFileProblem(f"it is larger than {_LARGEST} bytes")
    try:
        return AccessDocument.model_validate(YAML(typ="safe", pure=True).load(raw) or {})
    except YAMLError as error:
        mark: Any = getattr(error, "problem_mark", None)
        where = f" at line {mark.line + 1}" if mark is not None else ""
        raise AccessFileProblem(f"it is not YAML{where}") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part)[:60] for part in first["loc"]) or "tokens"
        raise AccessFileProblem(f"{place}: {said(first)}") from None
    except ValueError:
        raise AccessFileProblem("it is not YAML") from None


class AccessFile:
    """The file as it stands. ``now`` gives the wall clock's UTC instant, for expiry."""

    def __init__(
        self,
        path: Path,
        meters: Meters,
        *,
        production: bool,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ticks: Callable[[], float] = monotonic,
    ) -> None:
        self._path = path
        self._production = production
        self._now = now
        self._ticks = ticks
        self._broken = meters.gauge(ProcessMetric.ACCESS_BROKEN)
        self._entries: tuple[Entry, ...] = ()
        self._seen: _Stamp | None = None
        self._looked: float | None = None
        self.problem: str | None = None
        """Why the file of this moment is not in force, or None."""

    def find(self, token: str) -> Principal | None:
        """Return whose token it is, or None if it is unknown or has expired."""
        self._look()
        wanted = digest(token)
        found: Entry | None = None
        for entry in self._entries:
            # Every entry is compared, each in constant time: how long it takes tells nothing.
            if hmac.compare_digest(entry.sha256, wanted):
                found = entry
        if found is None or self._now() >= (found.expires or _EVER):
            return None
        return Principal(found.name, found.scopes, found.rep, found.team)

    def _look(self) -> None:
        tick = self._ticks()
        if self._looked is not None and tick - self._looked < _LOOK_EVERY_S:
            return
        self._looked = tick
        try:
            status = self._path.stat()
        except OSError as error:
            self._seen = None
            self._keep(f"it cannot be read: {why_unread(error)}")
            return
        stamp = _Stamp(status.st_mtime_ns, status.st_size, status.st_ino)
        if stamp != self._seen:
            self._seen = stamp
            self._take(status.st_mode)

    def _take(self, mode: int) -> None:
        try:
            document = read(self._path)
        except AccessFileProblem as problem:
            self._keep(str(problem))
            return
        if self._production and mode & stat.S_IROTH:
            _log.warning("access file may be read by everybody", reason="take o+r away from it")
        self._entries = tuple(entry for entry in document.tokens if self._may_stand(entry))
        if past := sum(self._now() >= (entry.expires or _EVER) for entry in self._entries):
            _log.warning("access file holds tokens that have expired", count=past)
        self.problem = None
        self._broken.set(0)
        _log.info("access file read", count=len(self._entries))

    def _may_stand(self, entry: Entry) -> bool:
        if not self._production or entry.name != DEVELOPMENT_NAME:
            return True
        _log.error("token refused", reason="a token named dev is for development only")
        return False

    def _keep(self, problem: str) -> None:
        if self.problem != problem:
            _log.error("access file not usable, the last good one stays", reason=problem)
        self.problem = problem
        self._broken.set(1)
