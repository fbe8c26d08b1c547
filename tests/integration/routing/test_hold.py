"""A lead that waits until its pool opens, on a clock that the test moves."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.routing.desk import Desk, opened_desk
from tests.support.servers import Servers
from tests.unit.routing.words import DEMO_FACTS, qualified

NIGHT = datetime(2031, 11, 25, 2, 0, tzinfo=UTC)
MORNING = datetime(2031, 11, 25, 8, 0, tzinfo=UTC)
"""A Tuesday, three and nine o'clock in Berlin."""


@pytest.fixture(scope="module")
async def desk(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    await servers.start_clock(prefix, NIGHT)
    folder = tmp_path_factory.mktemp("access")
    async with opened_desk(servers, prefix, folder, clock="simulated") as desk:
        yield desk


async def test_a_held_lead_has_an_owner_when_its_pool_opens(desk: Desk) -> None:
    body = qualified(at=NIGHT, facts={**DEMO_FACTS, "lead.grade": "C3"})
    await desk.send(body)
    (held,) = await desk.hears("lead.held", body.lead_id)
    told: Any = held.event.body
    assert (told.pool, told.held_at, told.until) == ("emea", NIGHT, MORNING)
    shown = (await desk.ask("GET", f"/v1/leads/{body.lead_id}")).json()
    assert shown["waiting"]["until"] == "2031-11-25T08:00:00Z"

    async def moved() -> bool:
        to = {"to": MORNING.isoformat()}
        answer = await desk.ask("POST", "/v1/admin/routing/clock", json=to)
        return answer.status_code == 200

    await desk.until(moved, "the clock to be moved once all is still")
    (routed,) = await desk.hears("lead.routed", body.lead_id)
    said: Any = routed.event.body
    assert (said.because, said.owner.rep_id, said.assigned_at) == ("hold_ended", "ana", MORNING)
    decision = (await desk.ask("GET", f"/v1/decisions/{body.lead_id}")).json()
    assert decision["as_recorded"]
    assert [each["outcome"] for each in decision["earlier"]] == ["held"]
