"""Wiring: the only room that knows the others. Importing it opens nothing."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter

from chassis.policies.checking import check_command
from chassis.policies.owning import PolicySource
from chassis.runtime import Runtime
from chassis.serving import Service
from contracts.events.kinds import PolicyKind
from scoring.api.scores import scores_router
from scoring.api.search import search_router
from scoring.consumer import IDENTITY, NEED, SCORE
from scoring.settings import ScoringSettings
from scoring.settings.policy import FILE, accept_scoring, read_scoring, warnings


def _routers(runtime: Runtime) -> Sequence[APIRouter]:
    return [
        search_router(runtime.database, runtime.settings),
        scores_router(runtime.database, runtime.book, NEED),
    ]


_OWNS = (PolicySource(PolicyKind.SCORING, FILE, read_scoring, accept_scoring),)

SERVICE = Service(
    name="scoring",
    title="Baton: scoring",
    settings=ScoringSettings,
    steps=(IDENTITY, SCORE),
    migrations=Path(__file__).parent / "migrations",
    owns=_OWNS,
    routers=_routers,
    commands={"check": check_command(_OWNS, warnings)},
)
