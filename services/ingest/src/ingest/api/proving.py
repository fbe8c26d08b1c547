"""Does a request prove that it is its source's, and may the source send on? Doors ask ``proved``.

A proof that fails is tried once more with what PostgreSQL holds now, where secrets are the API's:
the sender may have the new one a second before this instance.
"""

from math import ceil

from chassis.http.problem import Problem, ProblemKind
from ingest.api.answers import Desk, NotTaken
from ingest.api.noting import note_secret
from ingest.domain.attempt import Why
from ingest.domain.kinds.kind import Credentials, Kind, Refusal, Refused
from ingest.domain.sent import Sent
from ingest.domain.touch import Door
from ingest.store.in_force import Sources

_PAUSED_S = "300"
_CHAPTER = "See what this kind of sender has to send: docs/sources.md has a chapter for it."
_TELLS = {
    Refused.NO_PROOF: ProblemKind.UNAUTHENTICATED,
    Refused.WRONG_PROOF: ProblemKind.NOT_ADMITTED,
    Refused.STALE: ProblemKind.NOT_ADMITTED,
    Refused.FORMAT: ProblemKind.UNSUPPORTED_MEDIA_TYPE,
    Refused.MALFORMED: ProblemKind.BAD_REQUEST,
    Refused.METHOD: ProblemKind.METHOD_NOT_ALLOWED,
}


async def proved(desk: Desk, door: Door, sources: Sources, kind: Kind, sent: Sent) -> Credentials:
    """Return the secrets by which the request proved itself. Raises Problem, Malformed."""
    held = sources.credentials(door.source_id)
    refusal = _refusal(door, kind, sent, held)
    if _may_be_new(refusal, door, sources, held) and await desk.in_force.looked():
        sources = desk.sources(door.received_at)
        held = sources.credentials(door.source_id)
        refusal = _refusal(door, kind, sent, held)
    if refusal is not None:
        raise refusal if isinstance(refusal, Problem) else refused(refusal)
    note_secret(desk, sources, door, held, kind, sent)
    wait_s = desk.limiter.wait_s(door.source_id, door.source)
    if wait_s:
        raise NotTaken(
            Why.LIMITED,
            ProblemKind.UNAVAILABLE,
            "The source sends more than its limit.",
            way_out="Send it again after Retry-After, or raise the source's `limit`.",
            headers={"Retry-After": str(ceil(wait_s))},
        )
    return held


def refused(refusal: Refusal) -> NotTaken:
    """Return the problem that a sender is told."""
    way_out = refusal.way_out or _CHAPTER
    return NotTaken(refusal.why, _TELLS[refusal.why], refusal.detail, way_out=way_out)


def _refusal(door: Door, kind: Kind, sent: Sent, held: Credentials) -> Refusal | NotTaken | None:
    if door.source.NEEDS_SECRET and not held.keys:
        # Not the sender's fault, and a 4xx would make it give the lead up.
        return NotTaken(
            Why.NO_SECRET,
            ProblemKind.UNAVAILABLE,
            "The source's secret cannot be read here, or has expired.",
            way_out="Set what the source's `secrets` point to, or add one, and look at the log.",
            headers={"Retry-After": _PAUSED_S},
        )
    return kind.verify(sent, door.source, held)


def _may_be_new(
    refusal: Refusal | NotTaken | None, door: Door, sources: Sources, held: Credentials
) -> bool:
    """Tell whether a secret that this instance does not know yet may prove the request."""
    if refusal is None or not sources.is_added(door.source_id):
        return False
    return not held.keys or (isinstance(refusal, Refusal) and refusal.why is Refused.WRONG_PROOF)
