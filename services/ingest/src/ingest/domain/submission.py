"""What a sender sent, sorted: which value is what, before any of it is normalised.

Doors of each kind of sender make it; ``touch`` makes the touch of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, auto

from contracts.events.kinds import TouchKind
from ingest.domain.text import exact, lines, one_line

MOST_UNKNOWN = 50
LONGEST_NAME = 100


class Slot(Enum):
    """What a field of a form can be, whoever names it how."""

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
    submitted_at: datetime | None = None
    is_test: bool = False
    form: str | None = None
    campaign: str | None = None
    utm: Mapping[str, str] = field(default_factory=dict)
    click_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Sorted:
    """Fields by slot; the first value that a slot is given stays, the later ones are unknown."""

    slots: dict[Slot, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)


def sort_fields(pairs: Iterable[tuple[str, str]], known: Mapping[str, Slot]) -> Sorted:
    """Sort fields by the slot of their name (compared in small letters); keep all the others."""
    out = Sorted()
    for raw_name, raw_value in pairs:
        name = one_line(raw_name, LONGEST_NAME)
        slot = known.get(name.lower()) if name else None
        value = lines(raw_value) if slot is Slot.REQUEST else one_line(raw_value)
        if name is None or value is None:
            continue
        repeated = name in out.fields
        if not repeated:
            out.fields[name] = value
        if slot is not None and slot not in out.slots:
            out.slots[slot] = value
        elif len(out.unknown) < MOST_UNKNOWN:
            before = out.unknown.get(name)
            out.unknown[name] = f"{before}, {value}"[:1_000] if repeated and before else value
    return out


def click_ids(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the ids of clicks among fields as they were sent."""
    found = {name: exact(fields[name], 500) for name in CLICK_IDS if name in fields}
    return {name: value for name, value in found.items() if value is not None}
