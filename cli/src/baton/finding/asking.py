"""Asks the services for what a person looks for: whose it is, its walk, what got no further.

Called by find. What is looked for goes in bodies only: paths are logged.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

from baton.client import PAGE, Client, Refusal
from baton.finding.waiting import is_empty
from baton.local.trouble import Trouble

Json = dict[str, Any]

WHOLE = 3
"""Of so many leads the whole walk is told, of more only where each stands."""
_SHORTEST = 3
"""Characters that ingest looks for at least."""
STUCK = {"unscored": "scoring", "qualified": "routing", "offer_expired": "routing"}
"""Standings that last seconds, and who moves the lead on from there."""


@dataclass(frozen=True)
class Lead:
    """One lead that was found."""

    lead_id: str
    matches: list[Json]
    """Why it was found; the most certain first."""
    timeline: Json | None
    """Insights' answer, its steps complete where the walk is told; none: not heard of yet."""
    parked: list[Json] = field(default_factory=list)
    """Its messages that wait, put aside, where it does not get on."""

    @property
    def standing(self) -> Json | None:
        """Where it stands, as insights says it."""
        found: Json | None = None if self.timeline is None else self.timeline["standing"]
        return found


@dataclass(frozen=True)
class Answer:
    """All that was found."""

    leads: list[Lead]
    more: bool
    """Whether the company has older leads beside these."""
    account: list[Json]
    """What was told of the company."""
    waiting: Json | None = None
    """What ingest has that got no further; none: it was not asked, `unasked` says why."""
    unasked: str | None = None
    parked: int = 0
    """Where nothing was found: how many touches scoring put aside before it knew whose they are."""

    @property
    def is_empty(self) -> bool:
        """Whether no lead was found, and nothing that may become one."""
        return not self.leads and is_empty(self.waiting)


def ask(client: Client, what: str) -> Answer:
    """Return what is known of it. Raises Trouble."""
    found = client.post("/v1/search", {"what": what})
    matches = found.get("matches", [])
    whole = len(found["lead_ids"]) <= WHOLE
    leads = [
        _lead(client, lead, [each for each in matches if each["lead_id"] == lead], whole=whole)
        for lead in found["lead_ids"]
    ]
    waiting, unasked = _waiting(client, what)
    missed = 0 if leads else _unresolved(client)
    return Answer(
        leads, found.get("more", False), found.get("account", []), waiting, unasked, missed
    )


def _waiting(client: Client, what: str) -> tuple[Json | None, str | None]:
    """Return what ingest has; or why it was not asked: a token may not, ingest may be away."""
    if len(what) < _SHORTEST:
        return None, None
    try:
        found: Json = client.post("/v1/admin/ingest/find", {"what": what})
    except Trouble as trouble:
        return None, str(trouble)
    return found, None


def _lead(client: Client, lead: str, matches: list[Json], *, whole: bool) -> Lead:
    timeline = _timeline(client, lead, whole=whole)
    standing = (timeline or {}).get("standing") or {}
    service = STUCK.get(standing.get("standing", ""))
    if timeline is None or service is None:
        return Lead(lead, matches, timeline)
    heard = {each["event_id"] for each in timeline["steps"]}
    parked = [each for each in _parked(client, service) if each["event_id"] in heard]
    return Lead(lead, matches, timeline, parked)


def _timeline(client: Client, lead: str, *, whole: bool) -> Json | None:
    path = f"/v1/timelines/{lead}"
    try:
        found: Json = client.get(path, {"limit": PAGE})
    except Refusal as refusal:
        if refusal.status == httpx.codes.NOT_FOUND:
            return None
        raise
    while whole and found["next"] is not None:
        page = client.get(path, {"limit": PAGE, "cursor": found["next"]})
        found["steps"] += page["steps"]
        found["next"] = page["next"]
    return found


def _unresolved(client: Client) -> int:
    return sum(1 for each in _parked(client, "scoring") if each["step"] == "identity")


def _parked(client: Client, service: str) -> Iterator[Json]:
    """Yield what a service put aside; nothing for a token that may not see it."""
    try:
        yield from client.items(f"/v1/admin/{service}/parked", {"state": "parked"})
    except Trouble:
        # It is one hint of several: whoever may not ask is told the command all the same.
        return
