"""Who calls and what they may: values only.

Access makes principals, routes and audit read them; nothing here checks anything.
"""

from dataclasses import dataclass
from enum import StrEnum


class Scope(StrEnum):
    """What a token allows."""

    READ = "read"
    """Look at anything; personal fields come masked."""
    WRITE = "write"
    """Change what people change in their daily work."""
    ADMIN = "admin"
    """Operate the service: parked messages, lanes, verification, the simulated clock."""
    PERSON = "person"
    """See personal fields unmasked."""


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller of a request. ``name`` goes into the audit, never a token."""

    name: str
    scopes: frozenset[Scope]
    rep: str | None = None
    """The id that the token is bound to, if it is one person's own."""
    team: str | None = None
    """The team that the token is bound to."""


class OidcUnavailable(Exception):  # noqa: N818 - a state, not a defect
    """The issuer's keys cannot be had and none are kept."""
