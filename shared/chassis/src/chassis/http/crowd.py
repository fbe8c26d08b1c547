"""How much each client address has under way, so that none takes the room of the others.

The server counts connections with it, and the edge requests where proxies stand in front. It never
tells or keeps an address longer than it is counted.
"""

import ipaddress
import resource
from collections import Counter

_OWN_FILES = 256
"""Files kept free for Kafka, PostgreSQL, policies and logs."""
_NETWORK_BITS = 64
_HIGHEST = 65_536


class Crowd:
    """Counts what is under way by address. An address that is not known is not held to a limit."""

    def __init__(self, most_each: int, most: int) -> None:
        """Let each address have ``most_each`` at once, and all together ``most``."""
        self._most_each = most_each
        self._most = most
        self._here: Counter[str] = Counter()
        self._all = 0

    @property
    def size(self) -> int:
        """How much is under way."""
        return self._all

    def enter(self, address: str | None) -> bool:
        """Count one more; False: there is no room for it, and it is not counted."""
        if self._all >= self._most:
            return False
        if address is not None:
            if self._here[address] >= self._most_each:
                return False
            self._here[address] += 1
        self._all += 1
        return True

    def leave(self, address: str | None) -> None:
        """Count one that had entered no more."""
        self._all -= 1
        if address is not None:
            self._here[address] -= 1
            if self._here[address] <= 0:
                del self._here[address]


def place_of(address: str) -> str:
    """Return what counts as one client: an IPv4 address, or an IPv6 network of 64 bits.

    Whoever has one IPv6 address has all of its network. What is no address counts as it is.
    """
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))


def forwarded_for(values: list[bytes], hops: int) -> str | None:
    """Return the client that ``X-Forwarded-For`` tells behind so many proxies of ours.

    Each of them adds at the end whom it was asked by, so that only the last ``hops`` entries are
    no claim of the client's. None where there are fewer: the request came another way.
    """
    entries = b",".join(values).split(b",")
    if len(entries) < hops:
        return None
    text = entries[-hops].strip().decode("latin-1")
    # A port may stand beside it: 192.0.2.1:4711, [2001:db8::1]:4711.
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    return place_of(text) if text else None


def room_for_connections() -> int:
    """Let this process open as many files as the system allows it; return how many clients may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _HIGHEST if hard == resource.RLIM_INFINITY else min(hard, _HIGHEST)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return max(_OWN_FILES, wanted - _OWN_FILES)
