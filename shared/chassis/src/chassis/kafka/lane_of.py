"""Which lane a key belongs to: Kafka's own murmur2, computed here and set on each record.

Every writer and reader of lead-keyed topics uses this one function. Pure.
"""

from functools import lru_cache

from aiokafka.partitioner import murmur2

_POSITIVE = 0x7FFFFFFF


@lru_cache(maxsize=8_192)
def lane_of(key: str, lanes: int) -> int:
    """Return the lane of ``key``, 0 up to ``lanes`` - 1, as Kafka's default partitioner would."""
    return (int(murmur2(key.encode())) & _POSITIVE) % lanes
