"""What an event adds to the figures: a lead that reached a stage, a promise that was kept or not.

Pure. Rows are keyed so that hearing an event twice, or late, changes nothing. Live events only.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Any
from uuid import UUID

from contracts.body import Part
from contracts.event import Event, Mode
from contracts.events.activity import (
    DealWon,
    LeadAccepted,
    LeadContacted,
    LeadDisqualified,
    LeadRecycled,
    LeadRejected,
    OpportunityOpened,
)
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockCorrected, ClockMet, ClockStarted
from contracts.events.mql import LeadQualified
from contracts.events.resolved import TouchResolved
from contracts.events.sql import LeadRouted


class Reached(StrEnum):
    """What a lead can reach in a cycle, each counted once a lead and cycle."""

    LEAD = "lead"
    """Known to us; once a lead."""
    MQL = "mql"
    """Over the marketing bar."""
    SQL = "sql"
    """Handed over to an owner."""
    CONTACTED = "contacted"
    """Tried to be reached by a person of ours."""
    ACCEPTED = "accepted"
    """Taken on by its owner (elsewhere: SAL)."""
    OPPORTUNITY = "opportunity"
    """Worked on as a deal."""
    CUSTOMER = "customer"
    """Bought."""
    REJECTED = "rejected"
    """Given back by its owner."""
    RECYCLED = "recycled"
    """Back with marketing."""
    DISQUALIFIED = "disqualified"
    """Out for good."""


FUNNEL: Mapping[Reached, str] = MappingProxyType(
    {
        Reached.LEAD: "leads",
        Reached.MQL: "MQL",
        Reached.SQL: "SQL (handed over)",
        Reached.ACCEPTED: "accepted (SAL)",
        Reached.OPPORTUNITY: "opportunities",
        Reached.CUSTOMER: "customers",
    }
)
"""The stages of the funnel in their order, as people read them."""

EXITS = (Reached.REJECTED, Reached.RECYCLED, Reached.DISQUALIFIED)

_ACTIVITIES: Mapping[type[Part], Reached] = MappingProxyType(
    {
        LeadContacted: Reached.CONTACTED,
        LeadAccepted: Reached.ACCEPTED,
        OpportunityOpened: Reached.OPPORTUNITY,
        DealWon: Reached.CUSTOMER,
        LeadRejected: Reached.REJECTED,
        LeadRecycled: Reached.RECYCLED,
        LeadDisqualified: Reached.DISQUALIFIED,
    }
)


@dataclass(frozen=True, slots=True)
class Milestone:
    """A lead reached something in a cycle."""

    lead_id: UUID
    cycle: int
    what: Reached
    at: datetime
    since: datetime | None = None
    """When ingest took in the touch that led there."""

    @property
    def key(self) -> tuple[UUID, int, Reached]:
        """What it is counted by."""
        return self.lead_id, self.cycle, self.what


@dataclass(frozen=True, slots=True)
class Promise:
    """What became of one clock, as far as one or more events tell."""

    clock_id: UUID
    lead_id: UUID
    target: str
    deadline: datetime
    breached_at: datetime | None = None
    met_at: datetime | None = None
    in_time: bool | None = None
    withdrawn: bool = False


@dataclass(frozen=True, slots=True)
class Spam:
    """What spoke for spam in one touch."""

    touch_id: UUID
    source: str
    at: datetime
    """When ingest took it in."""
    stopped: bool
    """Whether it went no further for it."""
    signs: list[str]


def milestones(events: Iterable[Event[Any]]) -> list[Milestone]:
    """Return what leads reached by these events, each once, the earliest instant of each."""
    earliest: dict[tuple[UUID, int, Reached], Milestone] = {}
    for event in events:
        found = None if event.mode is not Mode.LIVE else _milestone(event)
        if found is not None and (found.key not in earliest or found.at < earliest[found.key].at):
            earliest[found.key] = found
    return list(earliest.values())


def promises(events: Iterable[Event[Any]]) -> list[Promise]:
    """Return what these events tell of clocks, each clock once."""
    found: dict[UUID, Promise] = {}
    for event in events:
        news = None if event.mode is not Mode.LIVE else _promise(event.body)
        if news is not None:
            known = found.get(news.clock_id)
            found[news.clock_id] = news if known is None else _joined(known, news)
    return list(found.values())


def spam(events: Iterable[Event[Any]]) -> list[Spam]:
    """Return the signs of the touches of these events, each touch once, as told last.

    A correction that takes the signs back is told too, with none.
    """
    found: dict[UUID, Spam] = {}
    for event in events:
        body = event.body
        if event.mode is not Mode.LIVE or not isinstance(body, TouchResolved):
            continue
        signs = body.facts.get("touch.spam_signs")
        told = tuple(signs) if isinstance(signs, tuple) else ()
        if told or body.corrects:
            stopped = body.facts.truth("touch.is_spam") is True
            found[body.touch_id] = Spam(
                body.touch_id, body.source, body.received_at, stopped, list(told)
            )
    return list(found.values())


def _milestone(event: Event[Any]) -> Milestone | None:
    body = event.body
    if isinstance(body, TouchResolved):
        if body.facts.truth("touch.is_spam") or body.anonymous:
            return None
        return Milestone(body.lead_id, 0, Reached.LEAD, body.received_at)
    if isinstance(body, LeadQualified):
        return Milestone(body.lead_id, body.cycle, Reached.MQL, body.qualified_at, body.received_at)
    if isinstance(body, LeadRouted):
        return Milestone(body.lead_id, body.cycle, Reached.SQL, body.assigned_at, body.received_at)
    what = _ACTIVITIES.get(type(body))
    if what is None or (isinstance(body, LeadContacted) and body.automatic):
        return None
    return Milestone(body.lead_id, body.cycle, what, event.occurred_at)


def _promise(body: Part) -> Promise | None:
    if not isinstance(body, ClockStarted | ClockMet | ClockCorrected | SlaBreached):
        return None
    told = Promise(body.clock_id, body.lead_id, body.target, body.deadline)
    if isinstance(body, SlaBreached):
        return replace(told, breached_at=body.breached_at)
    if isinstance(body, ClockMet):
        return replace(told, met_at=body.met_at, in_time=body.in_time)
    if isinstance(body, ClockCorrected):
        return replace(told, withdrawn=body.withdraws_breach)
    return told


def _joined(known: Promise, news: Promise) -> Promise:
    return replace(
        news,
        breached_at=news.breached_at or known.breached_at,
        met_at=news.met_at or known.met_at,
        in_time=known.in_time if news.in_time is None else news.in_time,
        withdrawn=known.withdrawn or news.withdrawn,
    )
