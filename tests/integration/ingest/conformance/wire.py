"""What a sender is to the suite: its source's policy, and how it sends rightly and wrongly."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

KEY = "demo-conformance-key"
PUBLIC = "https://in.firm.example/hooks"
"""Where senders believe to send; a proxy in front takes the prefix away."""
JSON = {"content-type": "application/json"}
UNKNOWN = ("favourite colour", "bläu \u2013 sky")
"""A field that no kind knows; it must be kept."""


@dataclass(frozen=True)
class Wire:
    """One request."""

    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)
    query: str = ""


@dataclass(frozen=True)
class Sender:
    """One kind of sender."""

    kind: str
    policy: Mapping[str, Any]
    """The source in the policy."""
    right: Callable[[str], Wire]
    """A lead with this e-mail address and ``UNKNOWN``; called twice it makes two leads."""
    points: bool = False
    """Whether it only points at the lead, so that the touch comes after the answer."""
    readdressed: Callable[[Wire, str], Wire] = lambda wire, _: wire
    """The same request for another path; some sign it."""
    success: int = 200
    answer: bytes | None = b"{}"
    wrong: Callable[[Wire], Wire] | None = None
    """The same with a proof that is not the source's; None: anybody may send."""
    unproved: Callable[[Wire], Wire] | None = None
    """The same without a proof."""
    aged: Callable[[str, timedelta], Wire] | None = None
    """The request rightly signed so long ago; None: the kind signs no instant."""
    garbled: Wire = field(default_factory=lambda: Wire(b'{"a": ', JSON))
    """Bytes that are not what the kind sends, and cannot be proved to be the source's."""
    unreadable: Callable[[], Wire] | None = None
    """Bytes that are proved to be the source's and are not what the kind sends."""
