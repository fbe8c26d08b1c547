"""A touch in Baton's own words: a row of `POST /v1/touches` as a touch to record. Pure.

For systems of one's own and for imports; platforms and forms send to a source of their kind.
"""

from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)
from pydantic_core import PydanticCustomError

from contracts.events.kinds import ConsentState, Purpose, TouchKind
from ingest.domain.knowledge import facts_given
from ingest.domain.naming import utm_of, word
from ingest.domain.source import BY_UTM, Channel, ConsentRule, Source
from ingest.domain.submission import CLICK_IDS, UTM, Slot, Submission, click_ids
from ingest.domain.text import LONGEST_REQUEST, exact, lines, one_line
from ingest.domain.told import Since
from ingest.domain.whose import Row

NAME = "native"
_MOST_CUSTOM = 200
_COUNTRY = "lead.country"

Short = Annotated[str, StringConstraints(max_length=320)]
Long = Annotated[str, StringConstraints(max_length=LONGEST_REQUEST)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Said = Literal[ConsentState.ASKED, ConsentState.GRANTED, ConsentState.DENIED, ConsentState.UNKNOWN]
"""What a touch can say of a consent; a withdrawal is no touch and goes to `/v1/consents`."""


def _kind(value: Any) -> Any:  # noqa: ANN401 - what came
    if value == TouchKind.ERASURE:
        raise PydanticCustomError("kind", "an erasure is asked for at its platform or in Baton")
    return value


class PersonGiven(BaseModel):
    """Who it is, as far as it is known; an address or a number that is none is kept as custom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    email: Short = ""
    work_email: Short = ""
    phone: Short = ""
    first_name: Short = ""
    last_name: Short = ""
    full_name: Short = ""
    street_address: Short = ""
    city: Short = ""
    postal_code: Short = ""
    request_text: Long = ""


_SLOTS = {
    "email": Slot.EMAIL,
    "work_email": Slot.WORK_EMAIL,
    "phone": Slot.PHONE,
    "first_name": Slot.FIRST_NAME,
    "last_name": Slot.LAST_NAME,
    "full_name": Slot.FULL_NAME,
    "street_address": Slot.STREET,
    "city": Slot.CITY,
    "postal_code": Slot.POSTAL_CODE,
}


class TouchRow(Row):
    """One touch. ``source`` names who counts it; left out, it is the token's name."""

    id: Id | None = None
    """The touch's id at its sender: told twice, it is the same touch."""
    kind: Annotated[TouchKind, BeforeValidator(_kind)] = TouchKind.OTHER
    occurred_at: Since | None = None
    """When it happened; none: now."""
    historical: bool = False
    """Whether it is imported history: scored and counted, and nobody is routed or told."""
    is_test: bool = False
    form: Short = ""
    campaign: Short = ""
    channel: Channel = BY_UTM
    page: Annotated[str, StringConstraints(max_length=2_000)] = ""
    """The address of the page; only its path is kept."""
    utm: dict[Literal[UTM], Short] = Field(default_factory=dict)  # type: ignore[valid-type] # the tuple's words
    click_ids: dict[Literal[CLICK_IDS], Annotated[str, StringConstraints(max_length=500)]] = Field(  # type: ignore[valid-type] # the tuple's words
        default_factory=dict
    )
    anonymous_id: Id | None = None
    """The id of the browser."""
    person: PersonGiven = PersonGiven()
    facts: Annotated[dict[str, Any], BeforeValidator(facts_given)] = Field(default_factory=dict)
    consent: dict[Purpose, Said] = Field(default_factory=dict)
    custom: dict[Id, Long] = Field(default_factory=dict, max_length=_MOST_CUSTOM)
    """Further fields of the person."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.historical and self.occurred_at is None:
            raise PydanticCustomError(
                "when", "history needs its instant", {"path": ("occurred_at",)}
            )
        person = (*self.person.model_dump().values(), *self.custom.values())
        if not any(person) and self.id is None and self.anonymous_id is None:
            raise PydanticCustomError(
                "whose", "say whose it is: a person, an anonymous_id, or an id at the sender"
            )
        return self

    def told(self) -> Submission:
        """Return what the row tells."""
        slots = {
            slot: text
            for name, slot in _SLOTS.items()
            if (text := one_line(getattr(self.person, name))) is not None
        }
        if (request := lines(self.person.request_text)) is not None:
            slots[Slot.REQUEST] = request
        if (page := one_line(self.page)) is not None:
            slots[Slot.PAGE] = page
        if _COUNTRY in self.facts:
            slots[Slot.COUNTRY] = self.facts[_COUNTRY]
        custom = {
            name: text
            for raw, value in self.custom.items()
            if (name := one_line(raw)) and (text := lines(value))
        }
        return Submission(
            kind=self.kind,
            slots=slots,
            unknown=custom,
            facts=self.facts,
            sender_id=exact(self.id or ""),
            anonymous_id=exact(self.anonymous_id or ""),
            submitted_at=self.occurred_at,
            is_test=self.is_test,
            is_historical=self.historical,
            form=word(self.form),
            campaign=word(self.campaign),
            utm=utm_of(self.utm),
            click_ids=click_ids(self.click_ids),
        )

    def as_source(self) -> Source:
        """Return what a policy says of other sources, as the row itself says it."""
        consent = ConsentRule(**{each.value: state.value for each, state in self.consent.items()})
        return Source(kind=NAME, channel=self.channel, consent=consent)
