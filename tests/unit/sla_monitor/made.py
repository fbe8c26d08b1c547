"""Made-up handovers, contacts and policies for sla-monitor's tests, after the stored examples."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import contracts
from contracts.body import Part
from contracts.decision import TimerDue
from contracts.event import Event, Mode
from contracts.events.activity import LeadContacted, LeadRecycled
from contracts.events.merges import LeadMerged
from contracts.events.sql import LeadReassigned, LeadRouted
from contracts.ids import from_words
from sla_monitor.domain.policy import Promises

EXAMPLES = Path(contracts.__file__).parent / "examples"
NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
"""A Monday, 13:00 in Berlin: in the lunch break of its calendar."""
MORNING = datetime(2026, 11, 2, 9, tzinfo=UTC)
LEAD = UUID("f55e0a3e-2d97-5f6d-99a8-bb98e27af23f")
OTHER = UUID("d970a035-3535-55e0-babc-531ad2f1dc97")
CALENDARS = {
    "policy": "calendars",
    "berlin": {"zone": "Europe/Berlin", "mon-fri": ["09:00-12:30", "13:30-18:00"]},
    "boston": {"zone": "America/New_York", "mon-fri": ["08:30-17:30"]},
}


def target(**changes: object) -> dict[str, Any]:
    made = {"within": "5m", "time": "wall", "from": "mql", **changes}
    return {"first_contact": made}


def promises(*policies: dict[str, Any], **changes: object) -> Promises:
    sales = list(policies) or [{"id": "all", "targets": target(**changes)}]
    contents = {"sla": {"policy": "sla", "sales": sales}, "calendars": CALENDARS}
    return Promises.build(contents, {"sla": "a" * 64, "calendars": "b" * 64})


def value(name: str) -> dict[str, Any]:
    stored: dict[str, Any] = json.loads((EXAMPLES / f"{name}.v1.json").read_text())["value"]
    return stored


def _event(word: str, body: Part, at: datetime, mode: Mode) -> Event[Any]:
    return Event(from_words("made", word, str(at)), body, at, at, mode, None, 1)


def routed(
    at: datetime = MORNING, *, cycle: int = 1, mode: Mode = Mode.LIVE, **changes: object
) -> Event[LeadRouted]:
    """Qualified and handed over at the same instant, unless changes say otherwise."""
    fields = {**value("lead.routed"), "cycle": cycle, "qualified_at": at, "assigned_at": at}
    body = LeadRouted.model_validate({**fields, **changes})
    return _event(f"routed {cycle}", body, at, mode)


def reassigned(at: datetime, *, cycle: int = 1) -> Event[LeadReassigned]:
    fields = {**value("lead.reassigned"), "lead_id": LEAD, "cycle": cycle, "assigned_at": at}
    return _event(f"reassigned {cycle}", LeadReassigned.model_validate(fields), at, Mode.LIVE)


def contacted(
    at: datetime, *, cycle: int = 1, automatic: bool = False, mode: Mode = Mode.LIVE
) -> Event[LeadContacted]:
    fields = {**value("lead.contacted"), "cycle": cycle, "automatic": automatic}
    return _event(f"contacted {cycle}", LeadContacted.model_validate(fields), at, mode)


def recycled(at: datetime, *, cycle: int = 1) -> Event[LeadRecycled]:
    fields = {**value("lead.recycled"), "cycle": cycle}
    return _event(f"recycled {cycle}", LeadRecycled.model_validate(fields), at, Mode.LIVE)


def merged(at: datetime) -> Event[LeadMerged]:
    fields = {**value("lead.merged"), "lead_id": LEAD, "merged_id": LEAD, "survivor_id": OTHER}
    return _event("merged", LeadMerged.model_validate(fields), at, Mode.LIVE)


def due(
    name: str, at: datetime, payload: Mapping[str, object], mode: Mode = Mode.LIVE
) -> Event[TimerDue]:
    return _event(name, TimerDue(name=name, due_at=at, payload=dict(payload)), at, mode)


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)
