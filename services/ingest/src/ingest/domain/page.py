"""Addresses of pages: the path and host of one, and whether it is on this machine. Pure."""

from urllib.parse import urlsplit

from ingest.domain.text import one_line

_LONGEST_PATH = 300
_LONGEST_HOST = 253


def path_of(address: str) -> str | None:
    """Return the path of a page's address, without query and fragment."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    return one_line(path, _LONGEST_PATH) if path.startswith("/") else None


def host_of(address: str) -> str | None:
    """Return the host of a page's address in small letters, without port."""
    try:
        host = urlsplit(address).hostname
    except ValueError:
        return None
    return one_line(host or "", _LONGEST_HOST)


def on_this_machine(address: str) -> bool:
    """Tell whether an address is one of this machine."""
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}
