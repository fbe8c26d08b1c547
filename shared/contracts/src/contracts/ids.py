"""Ids that follow from their cause, so that a replay says the same ids again.

Chassis stamps events with them; domains use them for whatever else needs an id.
"""

from uuid import UUID, uuid5

_BATON = UUID("5b2f0d5e-5a0e-5d0a-9c55-0f6c1b0a7e11")


def from_cause(cause: UUID, kind: str, index: int = 0) -> UUID:
    """Return the id of the ``index``-th thing of ``kind`` that ``cause`` brought about."""
    return uuid5(cause, f"{kind}:{index}")


def from_words(*words: str) -> UUID:
    """Return the id that these words name; the same words give the same id for ever."""
    return uuid5(_BATON, "\x1f".join(words))
