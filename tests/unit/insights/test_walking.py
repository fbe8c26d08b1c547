"""The page of a touch is for the developer at this machine and for nobody else."""

import asyncio
from pathlib import Path
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from chassis.database import Database
from chassis.http import problem
from chassis.settings import Settings
from insights.api import walking
from insights.api.following import Bell, Follower


@pytest.mark.parametrize("path", ["/walk", "/walk/steps"])
@pytest.mark.parametrize(
    ("mode", "client", "host"),
    [
        ("production", "127.0.0.1", "localhost"),
        ("development", "192.0.2.7", "localhost"),
        ("development", "127.0.0.1", "evil.example"),
    ],
)
async def test_elsewhere_and_in_production_there_is_no_page(
    tmp_path: Path, path: str, mode: str, client: str, host: str
) -> None:
    settings = _settings(mode, tmp_path)
    app = FastAPI()
    problem.install(app)
    follower = Follower(Bell(), asyncio.Event())
    app.include_router(walking.router(Database(settings), settings, follower))
    transport = httpx.ASGITransport(app, client=(client, 50_000))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}:8005") as asked:
        answer = await asked.get(path, params={"touch": str(uuid4())})
    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("query", "told"), [({}, "names no touch"), ({"touch": "<b>7"}, "is no touch's id")]
)
async def test_without_a_touch_the_page_says_what_to_open(
    tmp_path: Path, query: dict[str, str], told: str
) -> None:
    settings = _settings("development", tmp_path)
    app = FastAPI()
    problem.install(app)
    follower = Follower(Bell(), asyncio.Event())
    app.include_router(walking.router(Database(settings), settings, follower))
    transport = httpx.ASGITransport(app, client=("127.0.0.1", 50_000))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8005") as asked:
        answer = await asked.get("/walk", params=query)
    assert (answer.status_code, answer.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert told in answer.text
    assert "<b>" not in answer.text
    assert "script-src 'nonce-" in answer.headers["content-security-policy"]


def _settings(mode: str, folder: Path) -> Settings:
    return Settings(
        mode=mode,
        service="insights",
        instance="insights-0",
        public_url="https://baton.example",
        kafka_bootstrap="localhost:9092",
        postgres_url="postgresql://localhost/baton",
        access=folder / "access.yaml",
        secret="x" * 40,
    )
