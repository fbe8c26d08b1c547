"""What a text may mean that somebody looks a lead up by: addresses, numbers, ids, a company.

Pure. One text may mean several things: a row of digits is a telephone number and a platform's id.
Called by the door for people; the store looks up what is returned.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit
from uuid import UUID

from contracts.events.kinds import IdentityKind
from contracts.identity import identity_key, touch_of_key, touch_of_sender

MOST_IN_ONE = 20
"""Touches of one request under one id of the sender that are looked for."""
_FEWEST_DIGITS = 6
_NUMBER = re.compile(r"\+?[\d\s()./-]+")
_HOST = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)+")


class FoundBy(StrEnum):
    """Why a lead was found, the most certain first."""

    LEAD = "lead"
    """By Baton's own id of the lead."""
    TOUCH = "touch"
    """By Baton's own id of one of its touches, consents or facts."""
    EMAIL = "email"
    """By its e-mail address."""
    PHONE = "phone"
    """By its telephone number."""
    SENDER = "sender"
    """By the id that a source gave one of its touches."""
    PERSON = "person"
    """By the id that a source gave the person."""
    BROWSER = "browser"
    """By the id of its browser."""
    ACCOUNT = "account"
    """By the domain of its company."""


@dataclass(frozen=True, slots=True)
class Why:
    """By what something is found, and of which source where it is a source's id."""

    by: FoundBy
    source: str | None = None


@dataclass(frozen=True, slots=True)
class Meant:
    """Everything that a text may mean."""

    own: UUID | None
    """The id of a lead or of a touch."""
    touches: Mapping[UUID, Why]
    """Ids that touches have if it is a sender's id."""
    keys: Mapping[str, Why]
    """Identity keys; HMACs."""
    domains: tuple[str, ...]
    """A host and the domains above it, the longest first."""


def meant(text: str, sources: Iterable[str], secret: bytes) -> Meant:
    """Return what a text may mean; ``sources`` are those that touches came from."""
    known = tuple(sources)
    return Meant(
        own=own_id(text),
        touches=dict(_touches(text, known)),
        keys=dict(_keys(text, known, secret)),
        domains=_domains(text),
    )


def own_id(text: str) -> UUID | None:
    """Return the id that a text spells, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None


def _touches(text: str, sources: tuple[str, ...]) -> Iterator[tuple[UUID, Why]]:
    if "@" in text:
        return
    for source in sources:
        why = Why(FoundBy.SENDER, source)
        yield touch_of_key(source, text), why
        yield touch_of_sender(source, text), why
        for number in range(1, MOST_IN_ONE):
            yield touch_of_sender(source, f"{text} {number}"), why


def _keys(text: str, sources: tuple[str, ...], secret: bytes) -> Iterator[tuple[str, Why]]:
    def key(kind: IdentityKind, value: str) -> str:
        return identity_key(secret, kind, value).key

    if "@" in text:
        for address in _spellings(text.removeprefix("mailto:")):
            yield key(IdentityKind.EMAIL, address), Why(FoundBy.EMAIL)
        return
    if _NUMBER.fullmatch(text) and sum(each.isdecimal() for each in text) >= _FEWEST_DIGITS:
        digits = text.removeprefix("00") if text.startswith("00") else text
        # A zero in brackets is dialled at home only: +44 (0)20 is +44 20.
        yield key(IdentityKind.PHONE, digits.replace("(0)", "")), Why(FoundBy.PHONE)
    yield key(IdentityKind.ANONYMOUS, text), Why(FoundBy.BROWSER)
    for source in sources:
        yield key(IdentityKind.SENDER, f"{source} {text}"), Why(FoundBy.PERSON, source)


def _spellings(address: str) -> Iterator[str]:
    """Yield an address, and with its domain in letters where it is told as xn--."""
    yield address
    local, _, domain = address.rpartition("@")
    try:
        spelled = domain.encode("ascii").decode("idna")
    except UnicodeError:
        return
    if spelled != domain:
        yield f"{local}@{spelled}"


def _domains(text: str) -> tuple[str, ...]:
    """Return the host of a text and the domains above it down to two labels."""
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
        spelled = host.rstrip(".").encode("idna").decode().lower()
    except (ValueError, UnicodeError):
        return ()
    if "@" in text or not _HOST.fullmatch(spelled):
        return ()
    labels = spelled.split(".")
    return tuple(".".join(labels[at:]) for at in range(len(labels) - 1))
