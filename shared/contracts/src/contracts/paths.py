"""Which service owns which path, so that one host can front all of them by plain prefixes.

Gateways and links are made from it; a test refuses a second owner of a path.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from contracts.events.kinds import PolicyKind
from contracts.topics import SERVICES

VERSION = "v1"

FIRST: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "ingest": ("sources", "touches", "spend", "consents", "facts"),
        "scoring": ("scores", "merges", "models", "erasures", "exports", "search"),
        "routing": (
            "leads",
            "decisions",
            "simulations",
            "reps",
            "pools",
            "accounts",
            "subscriptions",
            "stream",
            "cards",
        ),
        "sla-monitor": ("clocks", "breaches", "attainment", "commitments"),
        "insights": ("timelines", "kpis", "feedback"),
    }
)
"""Service to the first segments after ``/v1`` that are its own."""

SEGMENT: tuple[str, ...] = ("identify", "track", "page", "screen", "group", "alias", "batch")
"""What Segment's libraries call below ``/v1``; ingest's too."""

SEGMENT_SHORT: tuple[str, ...] = tuple(sorted({each[0] for each in SEGMENT}))
"""The one-letter paths that its libraries for browsers call."""

KINDS: Mapping[PolicyKind, str] = MappingProxyType(
    {
        PolicyKind.SOURCES: "ingest",
        PolicyKind.SCORING: "scoring",
        PolicyKind.ROUTING: "routing",
        PolicyKind.TEAM: "routing",
        PolicyKind.CALENDARS: "routing",
        PolicyKind.LISTS: "routing",
        PolicyKind.SLA: "sla-monitor",
    }
)
"""Kind of policy to the service that owns it, its versions and its backtests."""

BY_KIND: tuple[str, ...] = ("policies", "backtests")
"""First segments whose owner is that of the kind that follows."""

BY_SERVICE = "admin"
"""The first segment whose owner is the service that follows."""

OUTSIDE: Mapping[str, str] = MappingProxyType(
    {"baton.js": "ingest", "try": "ingest", "walk": "insights"}
)
"""First segments outside ``/v1``."""

PUBLIC: frozenset[str] = frozenset(
    {f"/{VERSION}/{segment}" for segment in (*FIRST["ingest"], *SEGMENT, *SEGMENT_SHORT)}
    | {"/baton.js"}
)
"""Prefixes that senders reach from the internet; all others are for people and sales tools."""


class NoOwner(LookupError):  # noqa: N818 - the name says what is the matter
    """No service owns this path."""


def owner_of(path: str) -> str:
    """Return the service that answers ``path``; a query is ignored. Raises NoOwner."""
    segments = path.split("?", 1)[0].strip("/").split("/")
    if segments[0] != VERSION:
        owner = OUTSIDE.get(segments[0])
    else:
        owner = _PREFIXES.get("/".join(segments[1:2])) or _PREFIXES.get("/".join(segments[1:3]))
    if owner is None:
        raise NoOwner("no service owns this path")
    return owner


def prefixes() -> Iterator[tuple[str, str]]:
    """Yield every prefix with its owner: ``("/v1/leads", "routing")``; none contains another."""
    for prefix, owner in _owned():
        yield f"/{VERSION}/{prefix}", owner
    for segment, owner in OUTSIDE.items():
        yield f"/{segment}", owner


def _owned() -> Iterator[tuple[str, str]]:
    for service, segments in FIRST.items():
        for segment in segments:
            yield segment, service
    for segment in (*SEGMENT, *SEGMENT_SHORT):
        yield segment, "ingest"
    for segment in BY_KIND:
        for kind, service in KINDS.items():
            yield f"{segment}/{kind}", service
    for service in SERVICES:
        yield f"{BY_SERVICE}/{service}", service


_PREFIXES: Mapping[str, str] = MappingProxyType(dict(_owned()))
