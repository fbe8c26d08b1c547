"""What a sender sent, sorted: which value is what, before any of it is normalised.

Doors of each kind of sender make it; ``touch`` makes the touch of it.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, auto
from functools import lru_cache

from contracts.events.kinds import ConsentState, Purpose, TouchKind
from contracts.facts import FactValue
from ingest.domain.sent import TooMuch
from ingest.domain.text import exact, lines, one_line

LONGEST_NAME = 200
_LONGEST_UNKNOWN = 10_000
_MOST_CHARACTERS = 100_000
"""Of all fields together: what is kept of a touch must fit into one record of Kafka."""
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_APART = re.compile(r"[^0-9a-z]+")


class Slot(Enum):
    """What a field of a form can be, whoever names it how."""

    # Enum's own goes by the name, in Python; a member is one object, and keys are looked up often.
    __hash__ = object.__hash__

    WORK_EMAIL = auto()
    EMAIL = auto()
    PHONE = auto()
    FIRST_NAME = auto()
    LAST_NAME = auto()
    FULL_NAME = auto()
    STREET = auto()
    CITY = auto()
    POSTAL_CODE = auto()
    COUNTRY = auto()
    COMPANY = auto()
    TITLE = auto()
    EMPLOYEES = auto()
    INDUSTRY = auto()
    REQUEST = auto()
    PAGE = auto()


CLICK_IDS = ("gclid", "gbraid", "wbraid", "dclid", "fbclid", "msclkid", "li_fat_id", "ttclid")
"""Ids of clicks: opaque, so never changed."""

UTM = ("utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content")


@dataclass(frozen=True, slots=True)
class Submission:
    """One touch as its sender told it. Texts are clean and not empty."""

    kind: TouchKind
    slots: Mapping[Slot, str]
    fields: Mapping[str, str] = field(default_factory=dict)
    """Every field by the sender's own name, for mappings and consents."""
    unknown: Mapping[str, str] = field(default_factory=dict)
    """The fields that are in no slot."""
    sender_id: str | None = None
    """The touch's id at the sender."""
    person_id: str | None = None
    """The person's id at the sender, where it has one beside the touch's."""
    anonymous_id: str | None = None
    """The id of the browser."""
    submitted_at: datetime | None = None
    is_test: bool = False
    is_historical: bool = False
    """Whether it is imported history, which routes nobody."""
    facts: Mapping[str, FactValue] = field(default_factory=dict)
    """What the sender says in Baton's own words; goes before what fields let read."""
    form: str | None = None
    campaign: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)
    is_passive: bool = False
    """Whether it asks for nothing and means none of the source's consents: a page viewed, a
    meeting cancelled."""
    consents: Mapping[Purpose, ConsentState] = field(default_factory=dict)
    """What the person said of consents apart from the form's fields."""
    is_reckoned: bool = False
    """Whether ``submitted_at`` is of a browser's clock, set right; each resend tells another."""

    def named(self, sender_id: str, number: int) -> "Submission":
        """Return it with an id at the sender where it has none; ``number`` counts in a request."""
        own = self.sender_id or (sender_id if number == 0 else f"{sender_id} {number}")
        return replace(self, sender_id=own)


@dataclass(slots=True)
class Sorted:
    """Fields by slot; the first value that a slot is given stays, the later ones are unknown."""

    slots: dict[Slot, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def sort_fields(pairs: Iterable[tuple[str, str]], known: Mapping[str, Slot]) -> Sorted:
    """Sort fields by the slot of their name (see ``spelled``); keep all the others.

    A field that came is a field that is kept: too much of them is refused, never left out. Raises
    TooMuch.
    """
    out, characters = Sorted(), 0
    for raw_name, raw_value in pairs:
        characters += len(raw_name) + len(raw_value)
        if characters > _MOST_CHARACTERS:
            raise TooMuch(f"The fields hold more than {_MOST_CHARACTERS:,} characters together.")
        _sort(out, raw_name, raw_value, known)
    return out


def _sort(out: Sorted, raw_name: str, raw_value: str, known: Mapping[str, Slot]) -> None:
    name = one_line(raw_name, LONGEST_NAME)
    slot = None
    if name and known:  # names that are spelled as the table has them need no pattern
        slot = known.get(name.lower()) or known.get(spelled(name))
    if slot is not None and slot not in out.slots:
        value = lines(raw_value) if slot is Slot.REQUEST else one_line(raw_value)
    else:
        slot, value = None, lines(raw_value, _LONGEST_UNKNOWN)
    if name is None or value is None:
        return
    if slot is not None:
        out.slots[slot] = value
    else:
        before = out.unknown.get(name)
        out.unknown[name] = value if before is None else f"{before}, {value}"
    out.fields.setdefault(name, value)


@lru_cache(maxsize=4_096)
def spelled(name: str) -> str:
    """Return a field's name as tables of names have it.

    ``E-Mail address`` is e_mail_address, and ``jobTitle`` is job_title.
    """
    return _APART.sub("_", _HUMP.sub("_", name).lower()).strip("_")


def click_ids(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the ids of clicks among fields as they were sent."""
    found = {name: exact(fields[name], 500) for name in CLICK_IDS if name in fields}
    return {name: value for name, value in found.items() if value is not None}
