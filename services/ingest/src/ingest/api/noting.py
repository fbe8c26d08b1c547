"""What the door of sources notes of each request, taken or not, and of the secret that proved it.

Words and numbers only: what was sent and from where goes no further than the answer.
"""

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from fastapi import Response

from chassis.http.problem import Problem, ProblemKind
from ingest.api.answers import TOUCH_ID, Desk, NotTaken
from ingest.domain.attempt import Attempt, Outcome, Why
from ingest.domain.kinds.kind import Credentials, Kind
from ingest.domain.sent import Sent
from ingest.domain.touch import Door
from ingest.store.in_force import Sources

_SERVER_ERROR = 500
_WHY = {
    ProblemKind.UNAUTHENTICATED: Why.NO_PROOF,
    ProblemKind.NOT_ADMITTED: Why.WRONG_PROOF,
    ProblemKind.UNSUPPORTED_MEDIA_TYPE: Why.FORMAT,
    ProblemKind.METHOD_NOT_ALLOWED: Why.METHOD,
    ProblemKind.TOO_LARGE: Why.TOO_LARGE,
    ProblemKind.TOO_SLOW: Why.TOO_SLOW,
    ProblemKind.UNAVAILABLE: Why.AWAY,
}


class PutAside(Response):
    """The answer to a body that was kept, since it could not be read."""


def note_answer(desk: Desk, source_id: str, at: datetime, size: int, response: Response) -> None:
    """Note a request that was answered as its sender hoped."""
    touch = response.headers.get(TOUCH_ID)
    outcome, why = Outcome.ANSWERED, None
    if touch is not None:
        outcome = Outcome.TAKEN
    elif isinstance(response, PutAside):
        outcome, why = Outcome.REFUSED, Why.PUT_ASIDE
    touch_id = None if touch is None else UUID(touch)
    status = response.status_code
    desk.attempts.note(Attempt(source_id, at, outcome, status, size, why, touch_id))


def note_problem(desk: Desk, source_id: str, at: datetime, size: int, problem: Problem) -> None:
    """Note a request that was not taken."""
    status = problem.status_code
    outcome = Outcome.REFUSED if status < _SERVER_ERROR else Outcome.UNAVAILABLE
    known = problem.why if isinstance(problem, NotTaken) else None
    why = known or _WHY.get(problem.kind, Why.MALFORMED).value
    desk.attempts.note(Attempt(source_id, at, outcome, status, size, why))


def note_secret(
    desk: Desk, sources: Sources, door: Door, held: Credentials, kind: Kind, sent: Sent
) -> None:
    """Note by which of its stored secrets a sender proved itself, at most once a second."""
    keys, at = sources.keys(door.source_id), door.received_at
    if not keys or not desk.attempts.wants_secret(door.source_id, at):
        return
    for key in keys:
        alone = replace(held, keys=(key.value,))
        if len(keys) == 1 or kind.verify(sent, door.source, alone) is None:
            desk.attempts.used(key.id, at)
            return
