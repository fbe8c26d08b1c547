"""/walk?touch=ID in development: one touch's own walk in a page, as it happens.

No token: whoever knows the touch's id and sits at this machine may look; the person comes masked.
In production, and to anybody elsewhere, there is no such page.
"""

import ipaddress
import secrets
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from chassis.database import Database
from chassis.http.access import open_to_all
from chassis.http.masking import mask
from chassis.http.problem import Problem, ProblemKind
from chassis.settings import Settings
from contracts.person import Person
from insights.api.following import Follower
from insights.api.timelines import walk_in
from insights.domain.sentences import sentence
from insights.domain.walk import Step, hops

_WAIT_S = 10.0
_HERE = frozenset({"localhost", "127.0.0.1", "::1"})
_PAGES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "pages"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_OPEN = open_to_all("a page for the developer at this machine; the touch's id is its key")

Touch = Annotated[UUID, Query(description="The id that X-Baton-Touch-Id named.")]


def router(database: Database, settings: Settings, follower: Follower) -> APIRouter:
    """Return the page and what it asks for while it is open."""
    routes = APIRouter(include_in_schema=False, dependencies=[_OPEN])

    async def seen(touch: UUID) -> tuple[list[Step], Person | None]:
        async with database.transaction() as tx:
            found = await walk_in(tx, touch)
        return ([], None) if found is None else (found[1], found[2])

    @routes.get("/walk")
    async def walk(request: Request, touch: str | None = None) -> HTMLResponse:
        _only_here(request, settings)
        nonce = secrets.token_urlsafe(16)
        headers = {"content-security-policy": _policy(nonce)}
        named = _touch_in(touch)
        if named is None:
            page = _PAGES.get_template("lost.html.j2").render(nonce=nonce, given=bool(touch))
            return HTMLResponse(page, 400, headers=headers)
        walked, person = await seen(named)
        page = _PAGES.get_template("walk.html.j2").render(
            touch=str(named), nonce=nonce, **_shown(walked, person)
        )
        return HTMLResponse(page, headers=headers)

    @routes.get("/walk/steps")
    async def more(
        request: Request, touch: Touch, seen_steps: Annotated[int, Query(alias="seen", ge=0)] = 0
    ) -> HTMLResponse:
        """The walk's part of the page, once it has another number of steps than was seen."""
        _only_here(request, settings)

        async def look() -> tuple[list[Step], Person | None] | None:
            found = await seen(touch)
            return found if len(found[0]) != seen_steps else None

        news = await follower.first(look, _WAIT_S)
        walked, person = await seen(touch) if news is None else news
        part = _PAGES.get_template("steps.html.j2").render(**_shown(walked, person))
        return HTMLResponse(part, headers={"x-baton-steps": str(len(walked))})

    return routes


def _touch_in(text: str | None) -> UUID | None:
    """Return the touch that a person's address names, if it is one."""
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _only_here(request: Request, settings: Settings) -> None:
    """Raise 404 unless a browser on this machine asks, under a name of this machine.

    The name matters too: a foreign page may have its own name point here.
    """
    client = request.client.host if request.client is not None else ""
    try:
        near = ipaddress.ip_address(client).is_loopback
    except ValueError:
        near = False
    if settings.production or not near or (request.url.hostname or "") not in _HERE:
        raise Problem(ProblemKind.NOT_FOUND, "There is no such page here.")


def _shown(walked: Sequence[Step], person: Person | None) -> dict[str, Any]:
    """Return what the templates show."""
    masked = mask(person) if person is not None else None
    name = (masked.full_name or masked.first_name or masked.email) if masked is not None else None
    stops = {hop.event_id: hop for hop in hops(walked)}
    return {
        "steps": [
            {
                "ms": "" if step.ms is None else f"{step.ms:,.1f} ms",
                "service": step.service,
                "says": sentence(step.event),
                "is_hop": step.event.event_id in stops,
                "is_breach": step.event.type == "sla.breached",
                "at": f"{step.event.recorded_at:%H:%M:%S}.{step.event.recorded_at:%f}"[:12],
            }
            for step in walked
        ],
        "seen": len(walked),
        "person": name,
    }


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; "
        "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
