"""Events are put into walks: each under the touch that began it, with its milliseconds."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.body import Body
from contracts.events import EVENTS
from contracts.events.clocks import ClockStarted
from contracts.events.kinds import PolicyKind
from contracts.events.mql import LeadQualified
from contracts.events.policies import PolicyPublished
from contracts.events.resolved import TouchResolved
from contracts.events.scored import LeadScored
from contracts.events.sql import LeadRouted
from contracts.topics import SERVICES
from insights.domain.recorded import Recorded
from insights.domain.sentences import sentence
from insights.domain.walk import hops, service_of, steps, walk_of
from tests.unit.insights.made import RECEIVED, recorded

TOUCH = UUID("a71bae5e-97bf-57fb-bbd0-20919acd149d")
OTHER = UUID("00000000-0000-5000-8000-000000000001")
WALK = (
    recorded(
        "resolved", TouchResolved, 2, "recorded", touch_id=str(TOUCH), received_at=str(RECEIVED)
    ),
    recorded("scored", LeadScored, 3, "resolved"),
    recorded("qualified", LeadQualified, 3.5, "resolved"),
    recorded("routed", LeadRouted, 6, "qualified"),
    recorded("clock", ClockStarted, 7.5, "routed"),
)
POLICY = recorded("policy", PolicyPublished, 1)
LATER = recorded(
    "later", TouchResolved, 900, "again", touch_id=str(OTHER), received_at=str(RECEIVED)
)


@settings(deadline=None)
@given(st.permutations([*WALK, LATER]))
def test_a_walk_is_the_same_in_whatever_order_its_events_were_heard(
    order: list[Recorded],
) -> None:
    walk = walk_of(order, TOUCH)
    assert [(each.event.type, each.ms, each.ms_since_cause) for each in walk] == [
        ("touch.resolved", 2.0, 2.0),
        ("lead.scored", 3.0, 1.0),
        ("lead.qualified", 3.5, 1.5),
        ("lead.routed", 6.0, 2.5),
        ("clock.started", 7.5, 1.5),
    ]
    assert {each.touch_id for each in walk} == {TOUCH}


def test_hops_tell_how_long_each_service_took() -> None:
    assert [(each.service, each.ms, each.ms_since_hop) for each in hops(walk_of(WALK, TOUCH))] == [
        ("ingest", 0.0, 0.0),
        ("scoring", 2.0, 2.0),
        ("scoring", 3.5, 1.5),
        ("routing", 6.0, 2.5),
        ("sla-monitor", 7.5, 1.5),
    ]


def test_without_its_cause_an_event_has_no_walk() -> None:
    [alone] = steps([WALK[3]])
    assert (alone.touch_id, alone.ms, alone.ms_since_cause) == (None, None, None)


def test_a_ring_of_causes_ends() -> None:
    ring = [recorded("a", LeadScored, 1, "b"), recorded("b", LeadScored, 2, "a")]
    assert len(steps(ring)) == 2
    assert hops(steps(ring)) == []


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: kind.TYPE)
def test_every_event_has_a_service_and_a_line_without_a_person(kind: type[Body]) -> None:
    event = recorded("one", kind, 1)
    assert service_of(event) in {*SERVICES, "baton"}
    line = sentence(event)
    assert line
    assert "\n" not in line
    assert "@" not in line


def test_a_policy_is_said_by_its_owner() -> None:
    owners = {
        service_of(replace(POLICY, body={**POLICY.body, "kind": kind.value}))
        for kind in (PolicyKind.SLA, PolicyKind.TEAM)
    }
    assert owners == {"sla-monitor", "routing"}
