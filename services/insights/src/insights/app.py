"""Wiring of insights: the only room that knows the others. Run by `__main__`."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter

from chassis.runtime import Runtime
from chassis.serving import Service
from insights.api import kpis, timelines, walking
from insights.api.following import Bell, Follower
from insights.consumer import TIMELINE
from insights.settings import InsightsSettings


def routers(runtime: Runtime) -> Sequence[APIRouter]:
    """Return the routes of a process; those that wait are woken by its own commits."""
    bell = Bell()
    runtime.hear_commits(bell.ring)
    follower = Follower(bell, runtime.stopping)
    database, settings = runtime.database, runtime.settings
    return (
        timelines.router(database, settings, follower),
        kpis.router(database),
        walking.router(database, settings, follower),
    )


SERVICE = Service(
    name="insights",
    title="Baton insights",
    settings=InsightsSettings,
    steps=(TIMELINE,),
    migrations=Path(__file__).parent / "migrations",
    routers=routers,
)
