"""The floor's records: an id, its cause, and as many bytes as Baton's record has there. Pure."""

from uuid import UUID, uuid4

ID_SIZE = 36
Headers = list[tuple[str, bytes]]


def record(cause: str | None, size: int) -> tuple[str, bytes, Headers]:
    """Return id, value and headers of a new record of `size` bytes in all."""
    made = str(uuid4())
    headers: Headers = [("ce_id", made.encode())]
    if cause is not None:
        headers.append(("ce_causationid", cause.encode()))
    taken = sum(len(name) + len(raw) for name, raw in headers)
    return made, b"x" * max(0, size - taken), headers


def id_of(headers: Headers) -> str:
    """Return a record's id."""
    return next(raw.decode() for name, raw in headers if name == "ce_id")


def lane_of(made: str, lanes: int) -> int:
    """Return a partition by the id, which is random."""
    return UUID(made).int % lanes
