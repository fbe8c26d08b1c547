"""Made-up touches and what stands around them, for scoring's tests."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from contracts.decision import Decision, Say
from contracts.event import Event, Mode
from contracts.events.kinds import ConsentState, Purpose, TouchKind
from contracts.events.parts import Consent
from contracts.events.resolved import TouchResolved
from contracts.facts import Facts
from contracts.ids import from_words
from scoring.domain.decide import on_touch
from scoring.domain.policy import InForce, built
from scoring.domain.state import LeadState
from scoring.settings.policy import read_scoring

CONFIG = Path(__file__).parents[3] / "config"
NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
LEAD = UUID("7f3f8a10-0000-4000-8000-000000000001")
POLICY: InForce = built({"scoring": read_scoring(CONFIG)}, {"scoring": "h1"})
DEMO = {
    "lead.title": "Head of Operations",
    "lead.country": "GB",
    "lead.email_is_free": False,
    "lead.email_is_role": False,
    "lead.email_is_disposable": False,
    "lead.is_test": False,
    "company.domain": "brightwell.example",
    "company.employees": 51,
}


def touch(
    name: str = "one",
    *,
    minutes: int = 0,
    facts: Mapping[str, object] = DEMO,
    kind: TouchKind = TouchKind.AD_LEAD,
    asks: bool = True,
    consent: Mapping[Purpose, ConsentState] | None = None,
    **more: Any,  # noqa: ANN401 - fields of the body
) -> Event[TouchResolved]:
    """A touch that happened so many minutes after NOW."""
    at = NOW + timedelta(minutes=minutes)
    body = TouchResolved(
        lead_id=LEAD,
        touch_id=from_words("test touch", name),
        source="google-demo",
        source_kind="google_ads",
        kind=kind,
        facts=Facts({**facts, "touch.kind": kind.value}),
        consent={
            purpose: Consent(state=state, at=at) for purpose, state in (consent or {}).items()
        },
        is_request=asks,
        content_hash=f"hash-{name}",
        received_at=at,
        resolved_at=at,
        first=False,
        **more,
    )
    return Event(from_words("test event", name), body, at, at, Mode.LIVE, None, 0)


def said(decision: Decision[LeadState]) -> list[Any]:
    """The bodies that a decision says."""
    return [each.body if isinstance(each, Say) else each for each in decision.says]


def after(events: Iterable[Event[TouchResolved]], policy: InForce = POLICY) -> LeadState:
    """The state that touches lead to, each decided at the same now."""
    state = LeadState()
    for event in events:
        state = on_touch(state, event, policy, NOW).state
    return state
