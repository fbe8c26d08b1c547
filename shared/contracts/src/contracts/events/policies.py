"""policies: the versions of the policies, each whole.

The owner of a kind says them; every service and every replay reads them.
"""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import JsonValue

from contracts.body import Body
from contracts.events.kinds import PolicyKind, PolicyOrigin
from contracts.events.parts import Hash, Id, Instant
from contracts.topics import POLICIES, Topic


class PolicyPublished(Body):
    """A version of a policy takes force at an instant."""

    TYPE: ClassVar[str] = "policy.published"
    TOPIC: ClassVar[Topic] = POLICIES

    kind: PolicyKind
    hash: Hash
    """Of the canonical content; names the version."""
    content: Mapping[str, JsonValue]
    """The canonical content, with that of every list and table it names."""
    author: Id
    """The name of the token or, for files, of the service that read them."""
    origin: PolicyOrigin
    active_from: Instant
    """From then on decisions rest on it."""
    previous: Hash | None = None
    """The version before it; none for the first."""

    def key(self) -> str:
        """Return the kind."""
        return self.kind.value
