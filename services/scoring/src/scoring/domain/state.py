"""What is kept of one lead: its touches, what they told, and what routing said of it.

Everything that touches tell is kept by when it was so, never by when it came, so that any order of
arrival ends in the same state.
"""

from collections.abc import Mapping
from uuid import UUID

from pydantic import Field

from contracts.body import Part
from contracts.events.kinds import Purpose, Stage
from contracts.events.parts import Attribution, Consent, Instant
from contracts.facts import Facts

_DOMAIN = "company.domain"
MOST_TOUCHES = 200
"""Of more touches than these the latest are counted."""


class Touch(Part):
    """One touch, as far as it counts."""

    attribution: Attribution
    facts: Facts
    """``touch.*`` alone."""
    is_request: bool
    received_at: Instant
    resolved_at: Instant

    @property
    def touch_id(self) -> UUID:
        """Its id."""
        return self.attribution.touch_id

    @property
    def place(self) -> tuple[Instant, UUID]:
        """Where it stands in the order of the world; ids part what happened at once."""
        return self.attribution.at, self.attribution.touch_id


class Telling(Part):
    """Facts of the lead and the company that nobody told later otherwise."""

    at: Instant
    id: UUID
    facts: Facts

    @property
    def place(self) -> tuple[Instant, UUID]:
        """Where it stands in the order of the world."""
        return self.at, self.id


class ConsentTold(Part):
    """The latest that is known of one consent."""

    at: Instant
    id: UUID
    consent: Consent

    @property
    def place(self) -> tuple[Instant, UUID]:
        """Where it stands in the order of the world."""
        return self.at, self.id


class Word(Part):
    """What routing said last of this cycle, on each of its topics, by its own count."""

    activity: int = 0
    stage: Stage | None = None
    """The stage that the last activity left the lead at."""
    routed: int = 0
    """The last handover to an owner."""


class LeadState(Part):
    """One lead as scoring knows it."""

    touches: tuple[Touch, ...] = ()
    """In the order of the world."""
    tellings: tuple[Telling, ...] = ()
    """In the order of the world; no fact stands in two of them."""
    consents: Mapping[Purpose, ConsentTold] = {}
    first: Touch | None = None
    """The first touch of all, also when it is not among ``touches`` any more."""
    cycle: int = 0
    qualified_at: Instant | None = None
    """When this cycle began."""
    ended_at: Instant | None = None
    """When the last cycle ended."""
    word: Word = Word()
    # Left out where it says nothing: states of earlier releases are compared byte for byte.
    is_anonymous: bool = Field(default=False, exclude_if=lambda told: told is False)
    """Whether all that is known are visits of some id, so that it is nobody's lead yet."""

    @property
    def known(self) -> Facts:
        """The facts of the lead and the company as told."""
        known = Facts()
        for telling in self.tellings:
            known = known.changed(telling.facts) if known else telling.facts
        return known

    @property
    def account(self) -> str | None:
        """The registrable domain of the lead's company, where it is known."""
        return next((name for e in self.tellings if (name := e.facts.text(_DOMAIN))), None)

    @property
    def touched_at(self) -> Instant | None:
        """When its last touch happened; none without one that counts."""
        return self.touches[-1].attribution.at if self.touches else None

    @property
    def asked(self) -> bool:
        """Whether a touch of this cycle asked for a person."""
        return any(each.is_request for each in self.of_cycle)

    @property
    def of_cycle(self) -> tuple[Touch, ...]:
        """The touches since the last cycle ended."""
        ended = self.ended_at
        return tuple(each for each in self.touches if ended is None or each.attribution.at > ended)
