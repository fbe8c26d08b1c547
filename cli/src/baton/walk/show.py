"""Sends the made-up lead, follows it to its deadline and prints the walk.

Called by `baton up` once all is ready. What fails here is told in a line and stops nothing: the
installation is up.
"""

import os
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.text import Text

from baton.addresses import Addresses
from baton.calling import call, near
from baton.client import Client, Refusal, refusal
from baton.local.installation import Installation
from baton.local.services import SERVICES, public_url
from baton.local.trouble import Trouble
from baton.times import clock_time
from baton.walk import invitation, page
from baton.walk.people import PEOPLE, MadeUp, google_lead, person

WITHIN_S = 20.0
LOOK_EVERY_S = 0.05
TOUCH_ID = "x-baton-touch-id"
WAY = {
    "touch.resolved": "scoring",
    "lead.scored": "scoring",
    "lead.qualified": "scoring",
    "lead.routed": "routing",
    "clock.started": "sla-monitor",
}
"""The events of a walk in their order, and who says them."""
WITHOUT_OWNER = frozenset({"lead.held", "lead.unrouted"})
"""Where it may end instead: nobody is promised anything then."""

Walk = dict[str, dict[str, Any]]
"""The steps of a timeline by the event's type."""

_COUNTER = "walk"
_NOT_FOUND = 404


def show_walk(installation: Installation, console: Console) -> None:
    """Send a new lead and print its walk, then what to try."""
    with Client(Addresses.of(installation.home, os.environ)) as client:
        try:
            told = _walk(installation, client, console)
        except Trouble as trouble:
            console.print(Text(f"  No walk to show: {trouble}", "yellow"))
            return
    for line in invitation.lines(told):
        console.print(line, markup=False, highlight=False)


def _walk(installation: Installation, client: Client, console: Console) -> invitation.Invitation:
    urls = _urls(installation)
    sent = _send(f"{urls['ingest']}{invitation.GOOGLE}", next_person(installation))
    console.print()
    for line in page.head(sent):
        console.print(line)
    walk = follow(client, sent.touch_id, installation.home.logs)
    decision = _decision(client, sent.touch_id)
    for line in page.hops(sent, walk, decision):
        console.print(line)
    started = walk.get("clock.started")
    return invitation.Invitation(
        urls=urls,
        call=call,
        email=sent.who.email,
        rep=page.not_chosen(decision),
        deadline=None if started is None else clock_time(started["body"]["deadline"]),
        config=near(installation.config),
        token=near(installation.home.token),
    )


def _urls(installation: Installation) -> Mapping[str, str]:
    names = [service.name for service in SERVICES]
    return {name: public_url(name, installation.ports[name], os.environ) for name in names}


def next_person(installation: Installation) -> MadeUp:
    """Return somebody who was not sent from this home before."""
    kept = installation.home.remembered(_COUNTER).get("number", "")
    number = int(kept) + 1 if kept.isdecimal() else secrets.randbelow(PEOPLE)
    installation.home.remember(_COUNTER, {"number": str(number)})
    return person(number)


def _send(url: str, who: MadeUp) -> page.Sent:
    body = google_lead(who, lead_id=secrets.token_hex(8), key=invitation.KEY)
    with httpx.Client(timeout=WITHIN_S, trust_env=False) as session:
        began = time.perf_counter()
        try:
            answer = session.post(url, json=body)
        except httpx.HTTPError as error:
            message = f"ingest does not answer at {url}: see {call('logs ingest')}"
            raise Trouble(message) from error
        took_ms = (time.perf_counter() - began) * 1000
    touch_id = answer.headers.get(TOUCH_ID)
    if not answer.is_success or touch_id is None:
        raise Trouble(refusal("ingest", answer))
    told = f"{answer.status_code} {answer.text.strip()}"
    return page.Sent(url, who, touch_id, told, took_ms)


def follow(client: Client, touch_id: str, logs: Path) -> Walk:
    """Return a touch's walk once it has come to its end. Raises Trouble: which hop is missing."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        walk = _seen(client, touch_id)
        absent = missing(walk)
        if absent is None:
            return walk
        if time.monotonic() > deadline:
            says = WAY[absent]
            told = f"no {absent} within {WITHIN_S:.0f} s: {says} says it, see {logs / says}.log"
            raise Trouble(told if walk else f"{told} and {logs / 'insights'}.log")
        time.sleep(LOOK_EVERY_S)


def missing(walk: Walk) -> str | None:
    """Return the first event that has still to come; None: the walk is at its end."""
    wanted = list(WAY)
    if WITHOUT_OWNER & walk.keys():
        wanted = wanted[: wanted.index("lead.routed")]
    return next((each for each in wanted if each not in walk), None)


def _seen(client: Client, touch_id: str) -> Walk:
    try:
        told = client.get("/v1/timelines", {"touch": touch_id})
    except Refusal as refused:
        if refused.status == _NOT_FOUND:
            return {}
        raise
    walk: Walk = {}
    for step in told["steps"]:
        walk.setdefault(step["type"], step)
    return walk


def _decision(client: Client, touch_id: str) -> dict[str, Any] | None:
    """Return routing's own explanation; the walk is shown without it where it cannot be had."""
    try:
        found: dict[str, Any] = client.get(f"/v1/decisions/{touch_id}")
    except Trouble:
        return None
    return found
