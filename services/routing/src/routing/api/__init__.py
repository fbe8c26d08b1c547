"""The door for people: reads of leads, decisions, reps and pools, and reports of sales.

One router a topic; app.py hangs them in. Decides nothing: a report goes to the desk as a command.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fastapi import APIRouter

from chassis.lanes.step import Step
from routing.api.activities import activities_router
from routing.api.decisions import decisions_router
from routing.api.leads import leads_router
from routing.api.team import team_router
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case

if TYPE_CHECKING:
    from chassis.runtime import Runtime

__all__ = ["make_routers"]


def make_routers(runtime: "Runtime", step: Step[Case, Rulebook]) -> Sequence[APIRouter]:
    """Return the routes of a running service."""
    return [
        leads_router(runtime),
        activities_router(runtime, step),
        decisions_router(runtime, step),
        team_router(runtime, step),
    ]
