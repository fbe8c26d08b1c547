"""Whose something is that a system tells: a person by address, number or id, or a company.

Rows of consents and facts bring it. Only HMACs and Baton's own ids go into the event; the address
and the number travel beside it as the person.
"""

import re
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.events.kinds import IdentityKind
from contracts.events.parts import IdentityKey
from contracts.identity import identity_key, keyed, touch_of_sender
from contracts.person import Person
from ingest.domain.address import read_address
from ingest.domain.company import company_domain
from ingest.domain.phone import e164
from ingest.domain.text import exact

NAMES = ("email", "phone", "lead_id", "touch_id", "sender_id", "anonymous_id")


def _email(text: str) -> str:
    address = read_address(text)
    if address is None:
        raise PydanticCustomError("address", "expected an e-mail address")
    return address.normal


def _phone(text: str) -> str:
    number = e164(text, None)
    if number is None:
        raise PydanticCustomError(
            "phone", "expected a telephone number with its country's code, as +442071838750"
        )
    return number


def _id(text: str) -> str:
    found = exact(text)
    if found is None:
        raise PydanticCustomError("id", "expected an id with a character that can be seen")
    return found


def _account(text: str) -> str:
    domain = company_domain(text)
    if domain is None:
        raise PydanticCustomError("domain", "expected the domain of a company, as firm.example")
    return domain


Given = Annotated[str, StringConstraints(min_length=1, max_length=320, strip_whitespace=True)]
_SOURCE = r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,99}$"
SourceName = Annotated[str, StringConstraints(pattern=_SOURCE)]
Account = Annotated[Given, AfterValidator(_account)]


def may_be_source(name: str) -> bool:
    """Tell whether a name can stand as the source of what its bearer tells."""
    return re.fullmatch(_SOURCE, name) is not None


class Row(BaseModel):
    """What every row of a call may hold. Texts are cleaned, empty ones are absent."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: SourceName | None = None


class OfPerson(Row):
    """A row that says whose it is by at least one name; the first of them goes before the rest."""

    email: Annotated[Given, AfterValidator(_email)] | None = None
    phone: Annotated[Given, AfterValidator(_phone)] | None = None
    lead_id: UUID | None = None
    touch_id: UUID | None = None
    sender_source: SourceName | None = None
    sender_id: Annotated[Given, AfterValidator(_id)] | None = None
    anonymous_id: Annotated[Given, AfterValidator(_id)] | None = None

    @model_validator(mode="after")
    def _sender_is_whole(self) -> Self:
        if (self.sender_id is None) != (self.sender_source is None):
            missing = "sender_source" if self.sender_source is None else "sender_id"
            raise PydanticCustomError(
                "sender",
                "a sender's id goes with the id of its source: both, or neither",
                {"path": (missing,)},
            )
        if self.lead_id is not None and self.touch_id is not None:
            raise PydanticCustomError(
                "twice", "give lead_id or touch_id, not both", {"path": ("touch_id",)}
            )
        return self

    @property
    def is_of_person(self) -> bool:
        """Whether a person is named."""
        return any(getattr(self, name) is not None for name in NAMES)


@dataclass(frozen=True, slots=True)
class Whose:
    """What an event says of whose it is."""

    identity: str
    """The Kafka key."""
    keys: tuple[IdentityKey, ...]
    """Strongest first; none where Baton's own id, or a company, says it."""
    person: Person
    of: UUID | None = None
    """A lead, or a touch."""


def whose(row: OfPerson, secret: bytes) -> Whose:
    """Return whose the row is. It names a person."""
    of = row.lead_id or row.touch_id
    if of is None and row.sender_id is not None and row.sender_source is not None:
        of = touch_of_sender(row.sender_source, row.sender_id)
    given = (
        (IdentityKind.EMAIL, row.email),
        (IdentityKind.PHONE, row.phone),
        (IdentityKind.ANONYMOUS, row.anonymous_id),
    )
    keys = tuple(identity_key(secret, kind, value) for kind, value in given if value is not None)
    return Whose(
        identity=keys[0].key if keys else keyed(secret, "of", str(of)),
        keys=keys,
        person=Person(email=row.email, phone=row.phone, anonymous_id=row.anonymous_id),
        of=of,
    )


def of_account(domain: str, secret: bytes) -> Whose:
    """Return whose the facts of a company are."""
    return Whose(identity=keyed(secret, "account", domain), keys=(), person=Person())
