"""A toy service: routes that go wrong in every way, a runtime of values, an access file."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID, uuid5

import httpx
import orjson
from fastapi import APIRouter, Request
from pydantic import BaseModel, SecretStr
from starlette.responses import StreamingResponse

from chassis.database import Unavailable
from chassis.http.access import needs, open_to_all
from chassis.http.access_file import Entry, new_token
from chassis.http.admin import admin_router
from chassis.http.app import make_app
from chassis.http.operations import (
    Lane,
    LanePosition,
    LaneState,
    ParkedMessage,
    ParkedPage,
    ParkedState,
    Refused,
    Verification,
    VerifyState,
)
from chassis.http.principal import Principal, Scope
from chassis.http.probes import Readiness, Stillness
from chassis.http.routes import Router
from chassis.http.server import WebServer, serving
from chassis.settings import Settings
from chassis.telemetry.metrics import Meters
from chassis.telemetry.tracing import injected

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JOB = UUID(int=7)


class Thing(BaseModel):
    name: str
    size: int


class ToyProbes:
    def __init__(self) -> None:
        self.alive = True
        self.readiness = Readiness()
        self.stillness: Stillness | None = Stillness(0, 0, NOW)

    def live(self) -> bool:
        return self.alive

    async def ready(self) -> Readiness:
        return self.readiness

    async def still(self, until: datetime | None) -> Stillness:  # noqa: ARG002 - the protocol's
        if self.stillness is None:
            raise Unavailable("no broker")
        return self.stillness


def parked(number: int, state: ParkedState = ParkedState.PARKED) -> ParkedMessage:
    return ParkedMessage(
        id=uuid5(JOB, str(number)),
        step="toy",
        lane=0,
        topic="things",
        partition=0,
        offset=number,
        event_id=None,
        event_type="baton.thing.v1",
        reason="malformed",
        detail="size: int_parsing",
        tries=1,
        parked_at=NOW + timedelta(seconds=number),
        state=state,
    )


class ToyOperations:
    """Five parked messages, one stopped lane and a clock that goes forward."""

    def __init__(self) -> None:
        self.messages = [parked(number) for number in range(5)]
        self.now = NOW
        self.told: list[str] = []

    async def parked(
        self, state: ParkedState | None, after: tuple[datetime, UUID] | None, limit: int
    ) -> ParkedPage:
        left = [
            each
            for each in self.messages
            if (after is None or (each.parked_at, each.id) > after) and state in {None, each.state}
        ]
        page = left[:limit]
        more = len(left) > limit
        return ParkedPage(page, (page[-1].parked_at, page[-1].id) if more else None)

    async def parked_one(self, parked_id: UUID) -> ParkedMessage:
        return {each.id: each for each in self.messages}[parked_id]

    async def retry(self, parked_id: UUID, who: Principal) -> ParkedMessage:
        self.told.append(f"{who.name} retries")
        found = await self.parked_one(parked_id)
        return parked(found.offset, ParkedState.RETRYING)

    async def lanes(self) -> Sequence[Lane]:
        return [await self.lane("toy", 0)]

    async def lane(self, step: str, lane: int) -> Lane:
        if (step, lane) != ("toy", 0):
            raise LookupError
        where = [LanePosition("things", 0, 5, 9)]
        return Lane(step, lane, LaneState.STOPPED, 3, "gap at seq 4", 0, None, where)

    async def resume(self, step: str, lane: int, *, accept_gap: bool, who: Principal) -> Lane:
        if not accept_gap:
            raise Refused("Records are missing: say accept_gap to go on without them.")
        self.told.append(f"{who.name} accepts the gap")
        return await self.lane(step, lane)

    async def verify(self, who: Principal) -> Verification:
        self.told.append(f"{who.name} verifies")
        return await self.verification(JOB)

    async def verification(self, job: UUID) -> Verification:
        if job != JOB:
            raise LookupError
        return Verification(JOB, VerifyState.RUNNING, NOW, None, 3, 9, [], 0)

    async def cancel_verification(self, job: UUID, who: Principal) -> Verification:
        self.told.append(f"{who.name} cancels")
        return await self.verification(job)

    async def clock(self) -> datetime:
        return self.now

    async def move_clock(self, to: datetime, who: Principal) -> datetime:
        if to < self.now:
            raise Refused("The clock goes forward only.")
        self.told.append(f"{who.name} moves the clock")
        self.now = to
        return to


class Toy:
    """What a test holds of a served toy."""

    def __init__(self) -> None:
        self.probes = ToyProbes()
        self.operations = ToyOperations()
        self.entered = asyncio.Event()
        self.leave = asyncio.Event()
        self.client: httpx.AsyncClient
        self.ana: dict[str, str] = {}
        self.server: WebServer

    def router(self) -> APIRouter:
        router = Router(prefix="/v1/things")
        reader = Annotated[Principal, needs(Scope.READ)]
        anybody = [open_to_all("a toy")]

        @router.get("/mine/{thing}")
        async def mine(thing: int, who: reader) -> dict[str, Any]:
            return {"thing": thing, "who": who.name, "scopes": sorted(who.scopes)}

        @router.post("", dependencies=anybody, status_code=201)
        async def make(thing: Thing) -> Thing:
            return thing

        @router.post("/raw", dependencies=anybody)
        async def raw(request: Request) -> dict[str, int]:
            return {"size": len(await request.body())}

        @router.get("/broken", dependencies=anybody)
        async def broken() -> None:
            raise RuntimeError("ana@firm.example broke it")

        @router.get("/down", dependencies=anybody)
        async def down() -> None:
            raise Unavailable("no database")

        @router.get("/trace", dependencies=anybody)
        async def trace() -> dict[str, str]:
            return {name: value.decode() for name, value in injected()}

        @router.get("/waits", dependencies=anybody)
        async def waits() -> str:
            self.entered.set()
            await self.leave.wait()
            return "done"

        @router.get("/stream", dependencies=anybody)
        async def stream() -> StreamingResponse:
            async def lines() -> AsyncIterator[bytes]:
                yield b"one\n"
                self.entered.set()
                await self.leave.wait()
                raise RuntimeError("midway")

            return StreamingResponse(lines())

        return router


def settings(**more: Any) -> Settings:  # noqa: ANN401 - any setting
    values: dict[str, Any] = {"secret": SecretStr("s" * 32), "port": 0, "service": "toy"}
    return Settings(**(values | more))


@asynccontextmanager
async def served(toy: Toy, chosen: Settings) -> AsyncIterator[Toy]:
    routers = [toy.router(), admin_router(toy.operations, chosen)]
    meters = Meters(chosen.service)
    app = make_app("Toy", chosen, routers, toy.probes, meters=meters)
    async with (
        serving(app, chosen, meters) as server,
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{server.port}", timeout=10) as client,
    ):
        toy.client, toy.server = client, server
        yield toy


def tokens(folder: Path, **scopes: frozenset[Scope]) -> tuple[Path, dict[str, str]]:
    """Write an access file; return it and the tokens by name."""
    made = {name: new_token(name, allowed) for name, allowed in scopes.items()}
    entries: list[Entry] = [entry for _, entry in made.values()]
    path = folder / "access.yaml"
    # JSON is YAML.
    path.write_bytes(orjson.dumps({"tokens": [each.model_dump(mode="json") for each in entries]}))
    path.chmod(0o600)
    return path, {name: token for name, (token, _) in made.items()}


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
