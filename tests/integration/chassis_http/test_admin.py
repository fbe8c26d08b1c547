from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from chassis.http.operations import ParkedState
from chassis.http.principal import Scope
from tests.integration.chassis_http.toys import JOB, Toy, bearer, served, settings, tokens

_BASE = "/v1/admin/toy"


@pytest.fixture
async def toy(tmp_path: Path) -> AsyncIterator[Toy]:
    path, known = tokens(
        tmp_path, ops=frozenset({Scope.ADMIN}), ana=frozenset({Scope.READ, Scope.WRITE})
    )
    async with served(Toy(), settings(access=path, clock="simulated")) as toy:
        toy.client.headers.update(bearer(known["ops"]))
        toy.ana = bearer(known["ana"])
        yield toy


async def test_operators_only(toy: Toy) -> None:
    for method, path in (
        ("GET", "/parked"),
        ("POST", f"/parked/{JOB}/retry"),
        ("GET", "/lanes"),
        ("POST", "/lanes/toy/0/resume"),
        ("POST", "/verify"),
        ("POST", "/clock"),
    ):
        answer = await toy.client.request(method, _BASE + path, headers=toy.ana)
        assert answer.status_code == 403, path
    assert toy.operations.told == []


async def test_parked_messages_come_in_pages_by_cursor(toy: Toy) -> None:
    offsets: list[int] = []
    cursor = None
    for _ in range(3):
        asked = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await toy.client.get(f"{_BASE}/parked", params=asked)).json()
        offsets += [each["offset"] for each in page["items"]]
        cursor = page["next"]
    assert offsets == [0, 1, 2, 3, 4]
    assert cursor is None
    forged = await toy.client.get(f"{_BASE}/parked", params={"cursor": "forged"})
    assert (forged.status_code, forged.json()["type"]) == (400, "urn:baton:error:bad-cursor")
    many = await toy.client.get(f"{_BASE}/parked", params={"limit": 501})
    assert many.status_code == 422


async def test_a_parked_message_is_shown_and_retried(toy: Toy) -> None:
    found = toy.operations.messages[2]
    shown = (await toy.client.get(f"{_BASE}/parked/{found.id}")).json()
    assert (shown["reason"], shown["state"]) == ("malformed", "parked")
    answer = await toy.client.post(f"{_BASE}/parked/{found.id}/retry")
    assert (answer.status_code, answer.json()["state"]) == (202, ParkedState.RETRYING)
    assert toy.operations.told == ["ops retries"]
    missing = await toy.client.get(f"{_BASE}/parked/{UUID(int=1)}")
    assert missing.status_code == 404


async def test_a_stopped_lane_goes_on_when_a_person_accepts_the_gap(toy: Toy) -> None:
    (lane,) = (await toy.client.get(f"{_BASE}/lanes")).json()["items"]
    assert (lane["state"], lane["positions"][0]["next_offset"]) == ("stopped", 5)
    refused = await toy.client.post(f"{_BASE}/lanes/toy/0/resume", json={})
    assert refused.status_code == 409
    assert "accept_gap" in refused.json()["detail"]
    accepted = await toy.client.post(f"{_BASE}/lanes/toy/0/resume", json={"accept_gap": True})
    assert accepted.status_code == 200
    assert toy.operations.told == ["ops accepts the gap"]
    assert (await toy.client.get(f"{_BASE}/lanes/toy/9")).status_code == 404


async def test_a_verification_is_begun_watched_and_cancelled(toy: Toy) -> None:
    begun = await toy.client.post(f"{_BASE}/verify")
    assert begun.status_code == 202
    job = begun.json()["id"]
    seen = (await toy.client.get(f"{_BASE}/verify/{job}")).json()
    assert (seen["state"], seen["done"], seen["total"]) == ("running", 3, 9)
    await toy.client.delete(f"{_BASE}/verify/{job}")
    assert toy.operations.told == ["ops verifies", "ops cancels"]


async def test_the_simulated_clock_goes_forward(toy: Toy) -> None:
    to = {"to": "2026-11-25T00:00:00Z"}
    moved = await toy.client.post(f"{_BASE}/clock", json=to)
    assert moved.json() == {"now": "2026-11-25T00:00:00Z", "simulated": True}
    back = await toy.client.post(f"{_BASE}/clock", json={"to": "2026-11-24T00:00:00Z"})
    assert (back.status_code, back.json()["detail"]) == (409, "The clock goes forward only.")
    naive = await toy.client.post(f"{_BASE}/clock", json={"to": "2026-11-26T00:00:00"})
    assert naive.status_code == 422


async def test_the_real_clock_is_not_moved(tmp_path: Path) -> None:
    path, known = tokens(tmp_path, ops=frozenset({Scope.ADMIN}))
    production = settings(
        access=path,
        mode="production",
        kafka_bootstrap="k:9092",
        postgres_url=SecretStr("postgresql://db/baton"),
        instance="toy-0",
        public_url="https://firm.example",
    )
    for chosen in (settings(access=path), production):
        async with served(Toy(), chosen) as toy:
            answer = await toy.client.post(
                f"{_BASE}/clock",
                json={"to": "2026-11-25T00:00:00Z"},
                headers=bearer(known["ops"]),
            )
            assert answer.status_code == 409
            assert toy.operations.told == []
