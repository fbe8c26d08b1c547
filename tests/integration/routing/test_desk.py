"""Routing on real Kafka and PostgreSQL: an MQL gets an owner, sales tells, history verifies."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from chassis.http.operations import VerifyState
from chassis.http.principal import Principal
from contracts.event import Mode
from tests.integration.routing.desk import MAYA, Desk, opened_desk
from tests.support.servers import Servers
from tests.unit.routing.words import DEMO_FACTS, qualified


@pytest.fixture(scope="module")
async def desk(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    async with opened_desk(servers, prefix, tmp_path_factory.mktemp("access")) as desk:
        yield desk


async def test_an_mql_gets_an_owner_with_all_that_a_rep_needs(desk: Desk) -> None:
    body = qualified(at=datetime.now(UTC))
    await desk.send(body)
    (routed,) = await desk.hears("lead.routed", body.lead_id)
    said: Any = routed.event.body
    assert said.owner.rep_id in {"ana", "jonas", "mia", "priya", "tom"}
    assert (said.rule, said.cycle, said.score) == ("emea", 1, body.score)
    assert set(said.policies) == {"scoring", "routing", "team", "calendars", "lists"}
    assert routed.person == MAYA
    assert said.decision_no is not None
    shown = (await desk.ask("GET", f"/v1/leads/{body.touch_id}")).json()
    assert shown["owner"] == said.owner.rep_id
    assert shown["stage"] == "SQL"
    assert shown["person"]["email"] == "m***@brightwell.example"


async def test_a_contact_is_told_once_however_often_it_is_sent(desk: Desk) -> None:
    body = qualified(at=datetime.now(UTC) - timedelta(minutes=1))
    await desk.send(body)
    (routed,) = await desk.hears("lead.routed", body.lead_id)
    at = (datetime.now(UTC) - timedelta(seconds=30)).isoformat()
    call = {"kind": "contacted", "channel": "call", "outcome": "spoke", "occurred_at": at}
    path = f"/v1/leads/{body.lead_id}/activities"
    key = {"idempotency-key": "call-1"}
    first = await desk.ask("POST", path, json=call, headers=key)
    again = await desk.ask("POST", path, json=call, headers=key)
    other = await desk.ask("POST", path, json=call | {"outcome": "no_answer"}, headers=key)
    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 409)
    assert first.json() == again.json()
    (contacted,) = await desk.hears("lead.contacted", body.lead_id)
    said: Any = contacted.event.body
    before: Any = routed.event.body
    assert contacted.event.occurred_at.isoformat() == at
    assert said.assignment_id == before.assignment_id
    assert (said.channel, said.outcome, said.by.id) == ("call", "spoke", "ines")


async def test_what_cannot_be_is_refused_by_name(desk: Desk) -> None:
    body = qualified(at=datetime.now(UTC))
    await desk.send(body)
    await desk.hears("lead.routed", body.lead_id)
    path = f"/v1/leads/{body.lead_id}/activities"
    won = await desk.ask("POST", path, json={"kind": "won", "opportunity_id": "o1"})
    assert won.status_code == 409
    assert "contacted" in won.json()["detail"]
    later = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    call = {"kind": "contacted", "channel": "call", "outcome": "spoke"}
    future = await desk.ask("POST", path, json=call | {"occurred_at": later})
    assert (future.status_code, future.json()["errors"][0]["field"]) == (422, "occurred_at")
    earlier = (body.qualified_at - timedelta(hours=1)).isoformat()
    before = await desk.ask("POST", path, json=call | {"occurred_at": earlier})
    assert (before.status_code, before.json()["errors"][0]["field"]) == (422, "occurred_at")
    assert "before the lead came to sales" in before.json()["detail"]
    nobody = await desk.ask("POST", f"/v1/leads/{uuid4()}/activities", json=call)
    assert nobody.status_code == 404
    odd = await desk.ask("POST", path, json=call | {"note": "she likes tea"})
    assert (odd.status_code, odd.json()["errors"][0]["field"]) == (422, "note")
    for body_of_no_kind in ({}, {"kind": "phoned"}):
        told = (await desk.ask("POST", path, json=body_of_no_kind)).json()
        assert [each["field"] for each in told["errors"]] == ["kind"]
        assert "accepted, rejected, contacted" in told["errors"][0]["message"]
    half = (await desk.ask("POST", path, json={"kind": "contacted"})).json()
    assert [each["field"] for each in half["errors"]] == ["channel", "outcome"]
    by_touch = await desk.ask("POST", f"/v1/leads/{body.touch_id}/activities", json=call)
    assert by_touch.status_code == 201
    taken = [await desk.ask("POST", path, json={"kind": "accepted"}) for _ in range(2)]
    assert [each.status_code for each in taken] == [201, 409]
    assert "accepted it before" in taken[1].json()["detail"]


async def test_a_decision_explains_itself_as_it_was_recorded(desk: Desk) -> None:
    body = qualified(at=datetime.now(UTC))
    await desk.send(body)
    (routed,) = await desk.hears("lead.routed", body.lead_id)
    said: Any = routed.event.body
    other = "tom" if said.owner.rep_id != "tom" else "ana"
    path = f"/v1/decisions/{body.touch_id}?not={other}"
    shown = (await desk.ask("GET", path)).json()
    assert shown["as_recorded"]
    assert shown["walk"]["chosen"]["rep"] == said.owner.rep_id
    emea = next(each for each in shown["walk"]["rules"] if each["id"] == "emea")
    assert (emea["answer"], emea["facts"]) == ("met", {"lead.territory": "EMEA"})
    assert shown["why_not"]["rep"] == other
    assert shown["why_not"]["sentence"]
    unknown = await desk.ask("GET", f"/v1/decisions/{body.lead_id}?not=nobody")
    assert unknown.status_code == 404


async def test_a_test_lead_walks_to_the_end_and_takes_no_turn(desk: Desk) -> None:
    before = await _taken(desk)
    body = qualified(at=datetime.now(UTC))
    await desk.send(body, Mode.TEST)
    (routed,) = await desk.hears("lead.routed", body.lead_id)
    said: Any = routed.event.body
    assert routed.event.mode is Mode.TEST
    assert said.decision_no is None
    assert await _taken(desk) == before


async def test_a_denied_consent_gives_the_lead_to_nobody(desk: Desk) -> None:
    body = qualified(facts={**DEMO_FACTS, "lead.consent.contact": "denied"})
    await desk.send(body)
    (unrouted,) = await desk.hears("lead.unrouted", body.lead_id)
    said: Any = unrouted.event.body
    assert (said.reason, said.rule, said.unblocked_by) == ("no_consent", "no-contact", ("consent",))
    listed = (await desk.ask("GET", "/v1/leads?owner=none&limit=1")).json()
    assert listed["items"][0]["lead_id"] == str(body.lead_id)


async def test_the_team_is_told_when_its_policy_is_published(desk: Desk) -> None:
    reps = await desk.hears("rep.changed", count=5)
    pools = await desk.hears("pool.changed", count=3)
    assert {each.event.body.key() for each in reps} == {"ana", "jonas", "mia", "priya", "tom"}
    assert {each.event.body.key() for each in pools} == {"emea", "americas", "key-accounts"}
    ana: Any = next(each.event.body for each in reps if each.event.body.key() == "ana")
    assert (ana.calendar, ana.manager.name, ana.pools) == (
        "berlin",
        "Lena Hoff",
        ("emea", "key-accounts"),
    )


async def test_two_instances_share_one_rotation(desk: Desk) -> None:
    await desk.add("routing-1")
    bodies = [qualified(at=datetime.now(UTC)) for _ in range(120)]
    await asyncio.gather(*(desk.send(body) for body in bodies))
    wanted = {body.lead_id for body in bodies}

    async def all_there() -> bool:
        return wanted <= _routed(desk)

    await desk.until(all_there, "every lead to be routed")
    routed: list[Any] = [each.event.body for each in desk.says("lead.routed")]
    assert max(Counter(each.lead_id for each in routed).values()) == 1
    numbers = [each.decision_no for each in routed if each.decision_no is not None]
    assert sorted(numbers) == list(range(1, len(numbers) + 1))
    order = sorted((each for each in routed if each.decision_no), key=lambda one: one.decision_no)
    assert [each.assigned_at for each in order] == sorted(each.assigned_at for each in order)


async def test_any_instance_takes_a_report_and_the_owner_of_the_lane_tells_it(desk: Desk) -> None:
    leads = [each.event.body.key() for each in desk.says("lead.routed")][:8]
    call = {"kind": "contacted", "channel": "call", "outcome": "no_answer"}
    for lead in leads:
        for at in (0, 1):
            path = f"/v1/leads/{lead}/activities"
            assert (await desk.ask("POST", path, at=at, json=call)).status_code == 201

    async def all_told() -> bool:
        told = Counter(each.event.body.key() for each in desk.says("lead.contacted"))
        return all(told[lead] >= 2 for lead in leads)

    await desk.until(all_told, "both reports on each lead")


async def test_who_is_frozen_with_the_rotation_locked_is_cut_off_after_two_seconds(
    desk: Desk,
) -> None:
    async with desk.runtimes[0].database.transaction() as tx:
        (row,) = await tx.fetch("SHOW idle_in_transaction_session_timeout")
    assert row["idle_in_transaction_session_timeout"] == "2s"


async def test_leads_are_listed_page_by_page(desk: Desk) -> None:
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await desk.ask("GET", f"/v1/leads?limit=50{cursor}")).json()
        seen += [each["lead_id"] for each in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert len(seen) == len(set(seen)) >= 120


async def test_pools_show_what_each_is_due_and_got(desk: Desk) -> None:
    pools = {each["id"]: each for each in (await desk.ask("GET", "/v1/pools")).json()["items"]}
    assert sum(each["taken"] for each in pools["emea"]["members"]) + sum(
        each["taken"] for each in pools["americas"]["members"]
    ) == await _taken(desk)
    assert [each["entitled_share"] for each in pools["emea"]["members"]] == [0.4, 0.4, 0.2]
    reps = (await desk.ask("GET", "/v1/reps")).json()["items"]
    assert sum(each["holds"] for each in reps) >= 120


async def test_a_new_team_takes_force_and_resets_nobody(desk: Desk) -> None:
    pools = (await desk.ask("GET", "/v1/pools")).json()["items"]
    taken = {(p["id"], m["rep"]): m["taken"] for p in pools for m in p["members"]}
    team = desk.settings.config / "team.yaml"
    text = team.read_text()
    text = text.replace("members: {priya: 1, tom: 1}", "members: {priya: 3}")
    text = text.replace("reps: [priya, tom]", "reps: [priya]")
    team.write_text("\n".join(line for line in text.splitlines() if "Tom Reyes" not in line))
    published = (await desk.ask("POST", "/v1/policies/team/publish")).json()
    assert published["changed"]

    async def gone() -> bool:
        told: list[Any] = [each.event.body for each in desk.says("rep.changed")]
        return any(each.rep.id == "tom" and not each.active for each in told)

    await desk.until(gone, "tom to be told as gone")

    async def in_force() -> bool:
        reps = (await desk.ask("GET", "/v1/reps")).json()["items"]
        return "tom" not in {each["id"] for each in reps}

    await desk.until(in_force, "the new team to be in force")
    body = qualified(facts={**DEMO_FACTS, "lead.territory": "AMERICAS"})
    await desk.send(body)
    await desk.hears("lead.routed", body.lead_id)
    assert await _taken(desk) == sum(taken.values()) - taken["americas", "tom"] + 1


async def test_every_decision_comes_out_again_byte_for_byte(desk: Desk) -> None:
    operator = desk.runtimes[0].operator
    job = await operator.verify(Principal("ines", frozenset()))

    async def ended() -> bool:
        return (await operator.verification(job.id)).state is not VerifyState.RUNNING

    await desk.until(ended, "the verification to end")
    found = await operator.verification(job.id)
    assert (found.state, found.differences) == (VerifyState.EQUAL, ())
    assert found.done >= 120


def _routed(desk: Desk) -> set[UUID]:
    return {getattr(each.event.body, "lead_id") for each in desk.says("lead.routed")}  # noqa: B009


async def _taken(desk: Desk) -> int:
    pools = (await desk.ask("GET", "/v1/pools")).json()["items"]
    return sum(each["taken"] for pool in pools for each in pool["members"])
