"""How long to wait before another try. Pure; used wherever chassis waits for a server."""

_FIRST_S = 0.05


def backoff_s(attempt: int, *, cap_s: float = 5.0, jitter: float = 0.0) -> float:
    """Return the seconds before try ``attempt`` + 1: doubling from 50 ms up to ``cap_s``.

    ``jitter`` in 0 up to 1 is drawn by the caller and adds up to half of the wait.
    """
    doubled = min(_FIRST_S * float(2 ** min(max(attempt - 1, 0), 20)), cap_s)
    return doubled * (1 + jitter / 2)
