"""Leads that a platform only points at: what to ask it, and what its answers mean. Pure.

A kind's ``Fetching`` sees the answers so far and says the next step; the worker makes the calls,
waits and remembers. Why a fetch stands still is a closed list that people see.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from contracts.amounts import Duration
from ingest.domain.source import Address, SecretRef, Strict
from ingest.domain.submission import Submission


class Hindrance(StrEnum):
    """Why a lead could not be fetched."""

    THROTTLED = "throttled"
    """The platform takes no more requests for now."""
    TOKEN = "token"  # noqa: S105 - a word
    """The access token is refused: expired, withdrawn, or without the right to read leads."""
    ABSENT = "absent"
    """The platform does not know the lead, or no longer."""
    UNREACHABLE = "unreachable"
    """The platform does not answer, or with an error of its own."""
    UNREADABLE = "unreadable"
    """The platform's answer is not what it documents."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """A lead that a platform only points at: it is fetched after the answer."""

    lead: str
    """The lead's id at the platform."""
    about: Mapping[str, str] = field(default_factory=dict)
    """What the notice told: ids of form, page, ad; when it was sent in. No person."""
    touch: str | None = None
    """The touch's id at the platform, where one lead makes several; None: the lead's."""
    is_test: bool = False

    @property
    def key(self) -> str:
        """Return what a repeated notice is known by."""
        return self.touch or self.lead


@dataclass(frozen=True, slots=True)
class Ask:
    """The next request. Its headers may hold the token and are never logged."""

    url: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    lasting: bool = False
    """Whether the answer stays true, so that one for several leads will do."""


@dataclass(frozen=True, slots=True)
class Got:
    """One answer of the platform."""

    status: int
    headers: Mapping[str, str]
    """By names in small letters."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Hindered:
    """It did not work this time."""

    why: Hindrance
    after_s: float | None = None
    """How long the platform says to wait; None: it says nothing."""

    @property
    def whole_source(self) -> bool:
        """Whether no other lead of the source can be fetched either; then none is given up."""
        return self.why in {Hindrance.THROTTLED, Hindrance.TOKEN}


@dataclass(frozen=True, slots=True)
class Listed:
    """What the platform has, found by asking it for everything since an instant."""

    pointers: tuple[Pointer, ...] = ()
    submissions: tuple[Submission, ...] = ()


Step = Ask | Submission | Hindered
Listing = Ask | Listed | Hindered


@dataclass(frozen=True, slots=True)
class Fetching:
    """How one kind's leads are fetched. Arguments are the source's own model and credentials."""

    step: Callable[[Pointer, Any, Any, Sequence[Got]], Step]
    """Return what to do next for a pointer, given the answers so far."""
    listing: Callable[[Any, Any, datetime, Sequence[Got]], Listing]
    """Return what to do next to find every lead since an instant, given the answers so far."""
    at_once: int = 4
    """How many requests of one source may be under way."""


_TRIES_ABSENT = 5
"""Some platforms tell of a lead a moment before they can give it."""


class FetchRule(Strict):
    """Where a platform's leads are fetched, and by which token."""

    token: SecretRef
    base_url: Address | None = None
    """The platform's address; None: its public one."""
    version: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,20}$")] | None = None
    """The version of the platform's API; None: the one that this kind was written for."""
    backfill: Annotated[str, StringConstraints(pattern=r"^every [0-9]+[smhd]$")] | None = None
    """``every 6h``: asks that often for leads whose notice never came."""
    give_up: Annotated[int, Field(ge=1, le=50)] = 12
    """After so many tries a lead is parked, visibly."""

    def tries_for(self, why: Hindrance) -> int:
        """Return after how many tries a lead is parked; one that is not there needs few."""
        return min(self.give_up, _TRIES_ABSENT) if why is Hindrance.ABSENT else self.give_up

    @property
    def every(self) -> Duration | None:
        """Return how often to backfill, or None."""
        return None if self.backfill is None else Duration.parse(self.backfill.split(" ")[1])


_FIRST_S, _LONGEST_S = 2.0, 3_600.0


def wait_s(attempt: int, hindered: Hindered, chance: float) -> float:
    """Return how long to wait before the next try, in seconds.

    Exponential with full jitter, at least what the platform asks for. ``attempt`` counts from 1,
    ``chance`` is uniform in [0, 1). https://aws.amazon.com/builders-library/timeouts-retries-and-backoff-with-jitter/
    """
    longest = min(_LONGEST_S, _FIRST_S * 2.0 ** min(attempt, 20))
    own = longest * (0.5 + chance / 2)
    return max(own, (hindered.after_s or 0.0) * (1 + chance / 10))
