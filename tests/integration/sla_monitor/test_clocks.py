"""sla-monitor on real Kafka and PostgreSQL: a handover starts a clock that breaks or is met."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from contracts.event import Event, Mode
from contracts.events.activity import LeadContacted
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockMet, ClockStarted, ClockWarned
from contracts.events.kinds import PolicyKind, PolicyOrigin
from contracts.events.policies import PolicyPublished
from contracts.events.sql import LeadRouted
from contracts.events.team import RepChanged
from contracts.person import Person
from contracts.topics import SLA_BREACHES, SLA_CLOCKS
from sla_monitor.app import SERVICE
from tests.integration.sla_monitor.stage import Stage, body, event, eventually, ready, staged
from tests.support.servers import Servers

POLICY = """
policy: sla
sales:
  - id: short
    when: lead.grade == "A2"
    targets:
      first_contact: {within: 1s, time: wall, from: assignment, warn: [50%]}
  - id: long
    targets:
      first_contact: {within: 2h, time: working, calendar: rep, from: mql}
"""
ALWAYS = {"zone": "Etc/UTC", "mon-sun": ["00:00-24:00"]}
PERSON = Person(email="maya.okafor@brightwell.example")


@pytest.fixture(scope="module")
async def stage(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    folder: Path = tmp_path_factory.mktemp("config")
    (folder / "sla.yaml").write_text(POLICY)
    async with staged(SERVICE, servers, prefix, folder, (SLA_CLOCKS, SLA_BREACHES)) as one:
        await one.play(event(calendars()))
        await ready(one)
        yield one


def calendars() -> PolicyPublished:
    return PolicyPublished(
        kind=PolicyKind.CALENDARS,
        hash="c" * 64,
        content={"policy": "calendars", "berlin": ALWAYS, "boston": ALWAYS},
        author="test",
        origin=PolicyOrigin.FILES,
        active_from=datetime(2026, 1, 1, tzinfo=UTC),
    )


def routed(grade: str = "A2", mode: Mode = Mode.LIVE) -> Event[LeadRouted]:
    now = datetime.now(UTC)
    facts = {"lead.grade": grade, "lead.country": "DE"}
    said = body(LeadRouted, lead_id=uuid4(), facts=facts, qualified_at=now, assigned_at=now)
    return event(said, mode=mode)


def contacted(lead: UUID, at: datetime | None = None) -> Event[LeadContacted]:
    return event(body(LeadContacted, lead_id=lead, cycle=1), at=at)


async def test_a_deadline_that_passes_unmet_is_warned_of_and_breached_once(stage: Stage) -> None:
    handover = routed()
    lead = handover.body.lead_id
    await stage.play(handover, person=PERSON)
    [started] = await stage.hears(ClockStarted, lead)
    assert started.cause == handover.id
    assert started.body.deadline == handover.body.assigned_at + timedelta(seconds=1)
    [warned] = await stage.hears(ClockWarned, lead)
    [breached] = await stage.hears(SlaBreached, lead)
    assert warned.body.step == "50%"
    assert breached.occurred_at == started.body.deadline
    assert breached.body.breached_at >= started.body.deadline
    assert breached.body.lateness_seconds < 5
    listed = (await stage.get("/v1/breaches", lead=str(lead))).json()["items"]
    assert [(each["state"], each["rep_id"]) for each in listed] == [("breached", "ana")]


async def test_a_contact_in_time_meets_the_clock_and_nothing_is_breached(stage: Stage) -> None:
    handover = routed(grade="C3")
    lead = handover.body.lead_id
    await stage.play(handover)
    await stage.play(contacted(lead))
    [met] = await stage.hears(ClockMet, lead)
    assert met.body.in_time
    assert met.body.policy_id == "long"
    listed = (await stage.get("/v1/clocks", lead=str(lead))).json()["items"]
    assert [each["state"] for each in listed] == ["met"]
    assert (await stage.get("/v1/breaches", lead=str(lead))).json()["items"] == []


async def test_a_contact_that_arrives_before_its_handover_is_matched(stage: Stage) -> None:
    handover = routed()
    lead = handover.body.lead_id
    await stage.play(contacted(lead, handover.body.assigned_at))
    await eventually(lambda: waits(stage, lead), "the contact to be stored")
    await stage.play(handover)
    [met] = await stage.hears(ClockMet, lead)
    assert met.body.in_time
    assert await stage.told(SlaBreached, lead) == []


async def waits(stage: Stage, lead: UUID) -> bool:
    async with stage.runtime.database.transaction() as tx:
        return bool(await tx.fetch("SELECT 1 FROM desk WHERE lead_id = $1", str(lead)))


async def test_the_calendar_of_a_rep_that_was_heard_of_counts(stage: Stage) -> None:
    await stage.play(event(body(RepChanged, calendar="boston")))

    async def known() -> bool:
        async with stage.runtime.database.transaction() as tx:
            row = await tx.fetch_one("SELECT calendar FROM rep WHERE rep_id = 'ana'")
        return row is not None and row["calendar"] == "boston"

    await eventually(known, "the rep's calendar")
    handover = routed(grade="C3")
    await stage.play(handover)
    [started] = await stage.hears(ClockStarted, handover.body.lead_id)
    assert started.body.calendar == "boston"


async def test_a_test_lead_has_a_marked_clock(stage: Stage) -> None:
    handover = routed(mode=Mode.TEST)
    await stage.play(handover)
    [breached] = await stage.hears(SlaBreached, handover.body.lead_id)
    assert breached.mode is Mode.TEST


async def test_lists_are_read_page_by_page(stage: Stage) -> None:
    first = (await stage.get("/v1/clocks", limit="2")).json()
    second = (await stage.get("/v1/clocks", limit="2", cursor=first["next"])).json()
    ids = [each["clock_id"] for each in first["items"] + second["items"]]
    assert len(set(ids)) == 4
    assert (await stage.get("/v1/breaches", cursor=first["next"])).status_code == 400
    assert (await stage.get("/v1/clocks", who=None)).status_code == 401


async def test_every_decision_is_verified(stage: Stage) -> None:
    headers = {"authorization": f"Bearer {stage.tokens['boss']}"}
    begun = await stage.client.post("/v1/admin/sla-monitor/verify", headers=headers)
    assert begun.status_code < 300, begun.text
    place = f"/v1/admin/sla-monitor/verify/{begun.json()['id']}"

    async def done() -> dict[str, Any] | None:
        found: dict[str, Any] = (await stage.get(place, "boss")).json()
        return found if found["state"] != "running" else None

    verdict = await eventually(done, "the verification")
    assert verdict["differences"] == []
    assert verdict["done"] > 0
