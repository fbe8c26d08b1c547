"""insights on real Kafka and PostgreSQL: timelines, live view, figures and the walk's page."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from contracts.event import Mode
from contracts.events.activity import LeadAccepted, LeadContacted
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import ClockMet
from contracts.events.privacy import ErasureAsked
from contracts.events.resolved import TouchResolved
from contracts.events.team import RepChanged
from contracts.facts import Facts
from contracts.person import Person
from insights.app import SERVICE
from tests.integration.insights.leads import Walk, a_walk
from tests.integration.sla_monitor.stage import Stage, body, event, eventually, ready, staged
from tests.support.servers import Servers

MAYA = Person(email="maya.okafor@brightwell.example", full_name="Maya Okafor")


@pytest.fixture(scope="module")
async def stage(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    folder = tmp_path_factory.mktemp("config")
    async with staged(SERVICE, servers, prefix, folder, ()) as one:
        await ready(one)
        yield one


async def walked(stage: Stage, mode: Mode = Mode.LIVE, lead: UUID | None = None) -> Walk:
    """Play a walk and wait until all of it is written down."""
    walk = a_walk(mode, lead)
    await stage.play(*walk.events, person=MAYA)

    async def whole() -> bool:
        answer = await stage.get("/v1/timelines", touch=str(walk.touch))
        return answer.status_code == 200 and len(answer.json()["steps"]) == len(walk.events)

    await eventually(whole, "the walk")
    return walk


async def test_a_touch_shows_its_whole_walk_with_causes_and_milliseconds(stage: Stage) -> None:
    walk = await walked(stage)
    answer = (await stage.get("/v1/timelines", touch=str(walk.touch))).json()
    assert answer["lead_id"] == str(walk.lead)
    hops = [(each["service"], each["what"], each["ms"]) for each in answer["hops"]]
    assert hops == [
        ("ingest", "touch.received", 0.0),
        ("scoring", "touch.resolved", 1.0),
        ("scoring", "lead.qualified", 2.0),
        ("routing", "lead.routed", 3.0),
        ("sla-monitor", "clock.started", 4.0),
    ]
    causes = {each["event_id"]: each["cause"] for each in answer["steps"]}
    assert causes == {str(each.id): str(each.cause) for each in walk.events}
    assert all("person" not in each["body"] for each in answer["steps"])


async def test_a_timeline_says_where_the_lead_stands_why_and_what_would_move_it(
    stage: Stage,
) -> None:
    walk = await walked(stage)
    found = (await stage.get(f"/v1/timelines/{walk.touch}")).json()["standing"]
    assert (found["standing"], found["mode"]) == ("routed", "live")
    assert found["event_id"] == str(walk.events[3].id)
    assert "has it since" in found["because"]
    assert "accepts, rejects or contacts" in found["moves"]


async def test_a_person_is_masked_but_for_those_who_may_see_persons(stage: Stage) -> None:
    walk = await walked(stage)
    path = f"/v1/timelines/{walk.lead}"
    assert (await stage.get(path)).json()["person"]["email"] == "m***@brightwell.example"
    assert (await stage.get(path, "boss")).json()["person"]["email"] == MAYA.email
    assert (await stage.get(path, None)).status_code == 401


async def test_a_lead_is_found_by_its_id_or_its_touch_and_read_by_pages(stage: Stage) -> None:
    walk = await walked(stage)
    again = await walked(stage, lead=walk.lead)
    whole = (await stage.get(f"/v1/timelines/{again.touch}")).json()
    assert whole["lead_id"] == str(walk.lead)
    first = (await stage.get(f"/v1/timelines/{walk.lead}", limit="6")).json()
    rest = (await stage.get(f"/v1/timelines/{walk.lead}", cursor=first["next"])).json()
    assert rest["next"] is None
    ids = [each["event_id"] for each in first["steps"] + rest["steps"]]
    assert sorted(ids) == sorted(str(each.id) for each in (*walk.events, *again.events))
    assert all(each["ms"] is not None for each in rest["steps"]), "causes on the page before"


async def test_an_unknown_id_is_told(stage: Stage) -> None:
    assert (await stage.get(f"/v1/timelines/{uuid4()}")).status_code == 404
    assert (await stage.get("/v1/timelines", touch=str(uuid4()))).status_code == 404


async def test_an_event_that_comes_twice_stands_once(stage: Stage) -> None:
    walk = await walked(stage)
    await stage.play(*walk.events, person=MAYA)
    marker = await walked(stage, lead=walk.lead)
    steps = (await stage.get(f"/v1/timelines/{walk.lead}")).json()["steps"]
    assert len(steps) == len(walk.events) + len(marker.events)


async def test_news_come_as_they_are_committed_and_none_is_missed(stage: Stage) -> None:
    place = (await stage.get("/v1/timelines")).json()
    assert place["items"] == []
    waiting = asyncio.create_task(stage.get("/v1/timelines", after=place["next"], wait="20"))
    walks = [await walked(stage) for _ in range(3)]
    got, cursor = list[Any](), place["next"]
    answer = (await waiting).json()
    while answer["items"]:
        got, cursor = got + answer["items"], answer["next"]
        answer = (await stage.get("/v1/timelines", after=cursor, wait="0", limit="3")).json()
    wanted = {str(each.id) for walk in walks for each in walk.events}
    assert sorted(each["event_id"] for each in got if each["event_id"] in wanted) == sorted(wanted)
    assert len(got) == len({each["event_id"] for each in got})
    told = next(each for each in got if each["type"] == "lead.routed")
    assert told["person"]["full_name"] == "M*** O***"
    assert told["says"] == "Ana Weber, pool emea: SQL (handed over) (rule emea, turn)"
    assert told["ms"] == 3.0


async def test_news_may_be_followed_from_the_beginning(stage: Stage) -> None:
    await walked(stage)
    answer = (await stage.get("/v1/timelines", after="begin", wait="0")).json()
    assert answer["items"]
    assert (await stage.get("/v1/timelines", after="no-cursor")).status_code == 400


async def test_what_concerns_no_lead_is_written_once(stage: Stage) -> None:
    change = event(body(RepChanged))
    await stage.play(change)

    async def found() -> list[Any]:
        async with stage.runtime.database.transaction() as tx:
            rows = await tx.fetch("SELECT lane FROM event WHERE event_id = $1", change.id)
            behind = await tx.fetch(
                "SELECT 1 FROM position WHERE topic LIKE '%sales.team' AND next_off > 0"
            )
        return [row["lane"] for row in rows] if len(behind) == 4 else []

    assert await eventually(found, "every lane to hear of the rep") == [-1]


async def test_figures_count_live_leads_once(stage: Stage) -> None:
    before = (await stage.get("/v1/kpis")).json()
    walk = await walked(stage)
    test = await walked(stage, mode=Mode.TEST)
    clock = walk.events[-1].body.clock_id
    contact = event(
        body(LeadContacted, lead_id=walk.lead, cycle=1),
        at=walk.received_at + timedelta(seconds=30),
    )
    met = event(body(ClockMet, lead_id=walk.lead, clock_id=clock, in_time=True))
    accepted = event(body(LeadAccepted, lead_id=walk.lead, cycle=1))
    breached = event(body(SlaBreached, lead_id=walk.lead, clock_id=uuid4()))
    marked = event(body(SlaBreached, lead_id=test.lead, clock_id=uuid4()), mode=Mode.TEST)
    for _ in range(2):
        await stage.play(contact, met, accepted, breached, marked, *walk.events, person=MAYA)
    await walked(stage, lead=walk.lead, mode=Mode.TEST)
    after = (await stage.get("/v1/kpis")).json()
    assert grown(before, after, "funnel") == {"lead": 1, "mql": 1, "sql": 1, "accepted": 1}
    assert after["promises"]["breached"] - before["promises"]["breached"] == 1
    assert after["promises"]["met_in_time"] - before["promises"]["met_in_time"] == 1
    assert after["speed"]["seconds_to_contact"] == 30
    assert 0 < after["speed"]["seconds_to_owner"] < 1


def grown(before: dict[str, Any], after: dict[str, Any], part: str) -> dict[str, int]:
    old = {each["stage"]: each["count"] for each in before[part]}
    new = {each["stage"]: each["count"] for each in after[part]}
    return {stage: count - old[stage] for stage, count in new.items() if count != old[stage]}


async def test_figures_may_be_had_by_day(stage: Stage) -> None:
    await walked(stage)
    today = datetime.now(UTC).date()
    span = {"from": str(today), "until": str(today + timedelta(days=2)), "by": "day"}
    days = (await stage.get("/v1/kpis", **span)).json()["days"]
    assert days[0]["counts"]["lead"] > 0
    wrong = await stage.get("/v1/kpis", **{"from": "2026-02-02", "until": "2026-02-01"})
    assert wrong.status_code == 422


async def test_spam_is_counted_by_day_source_and_sign_and_is_no_lead(stage: Stage) -> None:
    before = (await stage.get("/v1/kpis")).json()
    signs = Facts({"touch.is_spam": True, "touch.spam_signs": ["gibberish", "honeypot"]})
    only_seen = Facts({"touch.is_spam": False, "touch.spam_signs": ["gibberish"]})
    source = f"web-{uuid4().hex[:8]}"
    told = [spam_touch(source, signs), spam_touch(source, only_seen), spam_touch(source, signs)]
    test = spam_touch(source, signs, mode=Mode.TEST)
    third = told[2].body
    cleared = spam_touch(
        source, Facts(), corrects=True, touch_id=third.touch_id, lead_id=third.lead_id
    )
    for _ in range(2):
        await stage.play(*told, test)
    await stage.play(cleared)

    async def counted() -> bool:
        rows = (await stage.get("/v1/kpis")).json()["spam"]["signs"]
        return [each for each in rows if each["source"] == source] == [
            {"day": day, "source": source, "sign": "gibberish", "touches": 2, "stopped": 1},
            {"day": day, "source": source, "sign": "honeypot", "touches": 1, "stopped": 1},
        ]

    day = str(told[0].body.received_at.date())
    await eventually(counted, "the spam")
    after = (await stage.get("/v1/kpis")).json()
    assert after["spam"]["stopped"] == before["spam"]["stopped"] + 1
    shown = (await stage.get("/v1/timelines", touch=str(told[0].body.touch_id))).json()
    assert shown["steps"][0]["says"].endswith("spam, so it goes no further: gibberish, honeypot")


def spam_touch(source: str, facts: Facts, mode: Mode = Mode.LIVE, **more: object) -> Any:  # noqa: ANN401 - an event of the stage
    fields = {"lead_id": uuid4(), "touch_id": uuid4(), "source": source, "facts": facts, **more}
    return event(body(TouchResolved, **fields), mode=mode)


async def test_an_erased_person_does_not_come_back(stage: Stage) -> None:
    walk = await walked(stage)
    await stage.play(event(body(ErasureAsked, lead_id=walk.lead)))

    async def gone() -> bool:
        return (await stage.get(f"/v1/timelines/{walk.lead}")).json()["person"] is None

    await eventually(gone, "the erasure")
    again = await walked(stage, lead=walk.lead)
    assert (await stage.get(f"/v1/timelines/{again.lead}")).json()["person"] is None


async def test_the_page_shows_a_touchs_own_walk_masked_and_without_a_token(stage: Stage) -> None:
    walk = await walked(stage)
    page = await local(stage, "/walk", touch=walk.touch)
    assert page.status_code == 200
    assert "Ana Weber, pool emea" in page.text
    assert "M*** O***" in page.text
    assert "Okafor" not in page.text
    policy = page.headers["content-security-policy"]
    nonce = policy.partition("script-src 'nonce-")[2].partition("'")[0]
    assert page.text.count(f'nonce="{nonce}"') == 2
    assert "http" not in page.text.replace("http-equiv", "")


async def test_the_page_hears_of_more_steps_as_they_come(stage: Stage) -> None:
    walk = a_walk()
    empty = await local(stage, "/walk", touch=walk.touch)
    assert "Nothing was heard" in empty.text
    waiting = asyncio.create_task(local(stage, "/walk/steps", touch=walk.touch, seen=0))
    await stage.play(*walk.events, person=MAYA)
    part = await waiting
    assert int(part.headers["x-baton-steps"]) > 0
    assert "<li" in part.text


async def test_under_a_foreign_name_there_is_no_page(stage: Stage) -> None:
    answer = await stage.client.get(
        "/walk", params={"touch": str(uuid4())}, headers={"host": "evil.example"}
    )
    assert answer.status_code == 404
    assert (await stage.client.get("/walk")).status_code == 400


async def local(stage: Stage, path: str, touch: UUID, **query: int) -> httpx.Response:
    return await stage.client.get(path, params={"touch": str(touch), **query})
