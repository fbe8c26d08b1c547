"""Made-up MQLs and rulebooks for routing's tests: the demo organisation's and small ones."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from chassis.lanes.history import state_text
from contracts.body import Part
from contracts.decision import Decision, Say, TimerDue
from contracts.event import Event, Mode
from contracts.events.kinds import PolicyKind
from contracts.events.mql import LeadQualified, LeadReturned, LeadUnqualified
from contracts.events.parts import Attribution, Contribution, GroupPoints, Reason, Score
from contracts.facts import Facts
from contracts.reasons import UnqualifyReason
from routing.app.files import KINDS, content
from routing.domain.rotation import Rotation
from routing.domain.rulebook import Rulebook, build
from routing.domain.state import Case, Lead

CONFIG = Path(__file__).parents[3] / "config"
TUESDAY_TEN = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""Ten o'clock in Berlin, four in Boston."""
DEMO_FACTS: Mapping[str, Any] = {
    "lead.title": "Head of Operations",
    "lead.country": "GB",
    "lead.territory": "EMEA",
    "lead.grade": "A2",
    "lead.is_test": False,
    "lead.consent.contact": "asked",
    "company.domain": "brightwell.example",
    "company.employees": 51,
    "touch.kind": "ad_lead",
}


def demo() -> Rulebook:
    """The rulebook of config/."""
    contents = {kind.value: content(CONFIG, kind) for kind in KINDS}
    return build(contents, {kind.value: f"hash-of-{kind.value}" for kind in PolicyKind})


def rulebook(members: Mapping[str, int]) -> Rulebook:
    """One pool that is always open, with these members."""
    reps = {
        rep: {"name": rep.title(), "email": f"{rep}@kestrel.example", "calendar": "always"}
        for rep in members
    }
    contents = {
        "routing": {"policy": "routing", "rules": [{"id": "all", "to": "one"}]},
        "team": {
            "policy": "team",
            "organisation": {"name": "Kestrel", "zone": "UTC"},
            "reps": reps,
            "pools": {"one": {"members": dict(members), "calendar": "each", "turn": "weighted"}},
        },
        "calendars": {
            "policy": "calendars",
            "always": {"zone": "UTC", "mon-sun": ["00:00-24:00"]},
        },
        "lists": {"policy": "lists", "lists": {}},
    }
    return build(contents, {})


def score() -> Score:
    """65 points, A2."""
    return Score(
        points=65,
        grade="A2",
        groups=(GroupPoints(group="fit", points=40), GroupPoints(group="engagement", points=25)),
        contributions=(
            Contribution(rule="decides", group="fit", points=40),
            Contribution(rule="ad-form", group="engagement", points=25),
        ),
    )


def _fields(lead_id: UUID, at: datetime, facts: Mapping[str, Any], cycle: int) -> dict[str, Any]:
    touch = uuid4()
    came = Attribution(touch_id=touch, at=at, source="google-demo")
    return {
        "lead_id": lead_id,
        "cycle": cycle,
        "score": score(),
        "reasons": (Reason(code="over_line"),),
        "facts": Facts(facts),
        "first": came,
        "last": came,
        "touch_id": touch,
        "received_at": at,
        "resolved_at": at,
        "qualified_at": at,
        "policies": {"scoring": "s1"},
    }


def qualified(
    lead_id: UUID | None = None,
    at: datetime = TUESDAY_TEN,
    facts: Mapping[str, Any] = DEMO_FACTS,
    cycle: int = 1,
) -> LeadQualified:
    """An MQL; the demo lead unless other facts are given."""
    return LeadQualified(**_fields(lead_id or uuid4(), at, facts, cycle))


def returned(lead: Lead, facts: Mapping[str, Any], at: datetime = TUESDAY_TEN) -> LeadReturned:
    """The same lead asks again."""
    return LeadReturned(**_fields(lead.lead_id, at, facts, lead.cycle), returned_at=at)


def unqualified(lead: Lead, at: datetime = TUESDAY_TEN) -> LeadUnqualified:
    """The lead fell below the line."""
    return LeadUnqualified(
        lead_id=lead.lead_id,
        cycle=lead.cycle,
        reason=next(iter(UnqualifyReason)),
        score=score(),
        facts=lead.facts,
        unqualified_at=at,
        policies={},
    )


def heard(body: Part, at: datetime = TUESDAY_TEN, mode: Mode = Mode.LIVE) -> Event[Any]:
    """A body as an event."""
    return Event(uuid4(), body, at, at, mode, None, 0)


def timer(decision: Decision[Case]) -> Event[Any]:
    """The timer that a decision set, as it comes due."""
    (set_,) = decision.timers
    assert set_.due_at is not None
    due = TimerDue(name=set_.name, due_at=set_.due_at, payload=dict(set_.payload))
    return heard(due, set_.due_at)


def new_case(body: Any, rotation: Rotation | None = None) -> Case:  # noqa: ANN401
    """The case of a lead that nobody knows yet."""
    return Case(lead=Lead(lead_id=body.lead_id), rotation=rotation or Rotation())


def said(decision: Decision[Case]) -> list[Any]:
    """The bodies that a decision said."""
    return [each.body if isinstance(each, Say) else each for each in decision.says]


def text(decision: Decision[Case]) -> str:
    """A decision as bytes that can be compared."""
    return state_text(decision.state) + "".join(state_text(body) for body in said(decision))
