"""What belongs to the request that is being answered: its id.

edge.py sets it; problems, audit and logs read it. Nothing else goes through context variables.
"""

import re
from contextvars import ContextVar, Token
from uuid import uuid4

_current: ContextVar[str | None] = ContextVar("baton_request_id", default=None)
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")


def request_id() -> str | None:
    """Return the id of the request that is being answered, or None outside of one."""
    return _current.get()


def begin(given: str | None) -> Token[str | None]:
    """Take a caller's request id if it has the form of one, else make one."""
    taken = given if given is not None and _ACCEPTED.fullmatch(given) else uuid4().hex
    return _current.set(taken)


def end(token: Token[str | None]) -> None:
    """Forget the id again."""
    _current.reset(token)
