"""How fast each source may send to this instance: token buckets in memory. Doors ask ``wait_s``.

Only requests that proved themselves cost a token: otherwise anybody who knows an address could
keep its sender out.
"""

import time

from ingest.domain.limits import DEFAULT, taken
from ingest.domain.source import Source

_NS = 1_000_000_000


class Limiter:
    """The buckets of one process, by source."""

    def __init__(self) -> None:
        """Begin with full buckets."""
        self._full_at_ns: dict[str, int] = {}

    def wait_s(self, source_id: str, source: Source) -> float:
        """Take a token and return 0, or return how many seconds it is until there is one."""
        limit = source.limit or DEFAULT
        before = self._full_at_ns.get(source_id, 0)
        self._full_at_ns[source_id], wait = taken(before, time.monotonic_ns(), limit)
        return wait / _NS
