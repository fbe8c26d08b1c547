"""marketing.touches: what a person did with us, as ingest took it in, before anybody knows who.

Ingest says these with the person beside them; scoring's identity step reads them.
"""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from contracts.body import Body, Part
from contracts.events.kinds import TouchKind
from contracts.events.parts import Attribution, Consents, Hash, Id, IdentityKey, Instant, Text, Utm
from contracts.facts import Facts
from contracts.topics import MARKETING_TOUCHES, Topic


class TouchParts(Part):
    """What a touch is, apart from whose it is. It happened at the envelope's ``occurred_at``."""

    touch_id: UUID
    source: Id
    """The source's id in the policy of sources."""
    source_kind: Id
    kind: TouchKind
    form: Text | None = None
    """The form's id, or its name where the sender has no id."""
    channel: Id | None = None
    campaign_id: Id | None = None
    utm: Utm = Utm()
    facts: Facts = Field(default_factory=Facts)
    """``lead.*``, ``company.*`` and ``touch.*`` as this touch tells them."""
    consent: Consents = Field(default_factory=dict)
    is_request: bool = False
    """Whether it asks for a person."""
    content_hash: Hash
    """HMAC of the normalised touch with its person: equal for a sender's retry."""
    received_at: Instant
    """When ingest took it in."""

    def attribution(self, at: Instant) -> Attribution:
        """Return what brought the lead to us by this touch, which happened ``at`` in the world."""
        return Attribution(
            touch_id=self.touch_id,
            at=at,
            source=self.source,
            channel=self.channel,
            campaign_id=self.campaign_id,
            form=self.form,
            utm=self.utm,
        )


class Identified(Part):
    """Whose something is, as far as ingest can tell: HMACs only."""

    identity: Hash
    """The Kafka key: the first of the keys by e-mail, phone, sender's id, anonymous id."""
    identity_keys: tuple[IdentityKey, ...]
    """Every key, strongest kind first."""


class TouchRecorded(Identified, TouchParts, Body):
    """A person did something with us."""

    TYPE: ClassVar[str] = "touch.recorded"
    TOPIC: ClassVar[Topic] = MARKETING_TOUCHES
    CARRIES_PERSON: ClassVar[bool] = True

    def key(self) -> str:
        """Return the identity."""
        return self.identity


class TouchCorrected(Identified, TouchParts, Body):
    """A touch that was recorded under the same touch id was different; this is the whole of it."""

    TYPE: ClassVar[str] = "touch.corrected"
    TOPIC: ClassVar[Topic] = MARKETING_TOUCHES
    CARRIES_PERSON: ClassVar[bool] = True

    def key(self) -> str:
        """Return the identity."""
        return self.identity


class ConsentRecorded(Identified, Body):
    """A person gave, denied or withdrew consents, apart from any touch."""

    TYPE: ClassVar[str] = "consent.recorded"
    TOPIC: ClassVar[Topic] = MARKETING_TOUCHES
    CARRIES_PERSON: ClassVar[bool] = True

    record_id: UUID
    of: UUID | None = None
    """The lead, or one of its touches, where the teller named it so; goes before the keys."""
    source: Id
    consent: Consents
    received_at: Instant

    def key(self) -> str:
        """Return the identity."""
        return self.identity


class FactsRecorded(Identified, Body):
    """A system told facts of a person or of an account, apart from any touch.

    They were so since the envelope's ``occurred_at``.
    """

    TYPE: ClassVar[str] = "facts.recorded"
    TOPIC: ClassVar[Topic] = MARKETING_TOUCHES
    CARRIES_PERSON: ClassVar[bool] = True

    record_id: UUID
    of: UUID | None = None
    """The lead, or one of its touches, where the teller named it so; goes before the keys."""
    account: Id | None = None
    """The registrable domain of the company that the facts are of, where they are of no person."""
    source: Id
    facts: Facts
    """``lead.*`` and ``company.*``."""
    received_at: Instant

    def key(self) -> str:
        """Return the identity."""
        return self.identity
