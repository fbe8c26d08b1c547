"""What a submission tells of the person and of the company: the two types, never mixed.

What cannot be read as what its slot promises is kept with the person, as a field nobody knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.facts import Facts, clean_text
from contracts.person import Person
from ingest.domain.address import Address, read_address
from ingest.domain.company_size import employees
from ingest.domain.country import country_code
from ingest.domain.page import path_of
from ingest.domain.phone import e164
from ingest.domain.submission import Slot, Submission

R = TypeVar("R")

_POSTCODE_KNOWN = 3

_READ_AS = {"lead.country": country_code, "company.employees": employees}
_SLOT_OF = {
    "lead.title": Slot.TITLE,
    "lead.country": Slot.COUNTRY,
    "company.name": Slot.COMPANY,
    "company.employees": Slot.EMPLOYEES,
    "company.industry": Slot.INDUSTRY,
}


@dataclass(frozen=True, slots=True)
class Known:
    """Who it is and what is known of them."""

    person: Person
    facts: Facts
    """``lead.*`` and ``company.*``, and the page of ``touch.*``."""
    addresses: tuple[str, ...]
    """Every valid e-mail address, the primary one first."""
    numbers: tuple[str, ...]


def known_of(told: Submission, mapping: Mapping[str, str]) -> Known:
    """Return both; ``mapping`` leads from a fact to the sender's field that says it."""
    left = dict(told.unknown)
    facts = _mapped(told, mapping, left)
    slots = told.slots
    addresses = [
        found
        for slot in (Slot.WORK_EMAIL, Slot.EMAIL)
        if (found := _read_or_leave(slot, told, left, read_address)) is not None
    ]
    country = facts.get("lead.country")
    number = _read_or_leave(Slot.PHONE, told, left, lambda text: e164(text, country))
    # What a mapping says of the company goes before what the address lets guess.
    facts = _of_address(addresses[0] if addresses else None, number, told) | facts
    facts |= _of_place(told)
    if len(addresses) > 1:
        left["email"] = addresses[1].normal
    return Known(
        person=Person(
            email=addresses[0].normal if addresses else None,
            phone=number,
            first_name=slots.get(Slot.FIRST_NAME),
            last_name=slots.get(Slot.LAST_NAME),
            full_name=_full_name(slots),
            street_address=slots.get(Slot.STREET),
            city=slots.get(Slot.CITY),
            postal_code=slots.get(Slot.POSTAL_CODE),
            request_text=slots.get(Slot.REQUEST),
            sender_ids=dict(told.click_ids),
            anonymous_id=told.anonymous_id,
            custom=left,
        ),
        facts=Facts({name: value for name, value in facts.items() if value is not None}),
        addresses=tuple(each.normal for each in addresses),
        numbers=() if number is None else (number,),
    )


def _mapped(told: Submission, mapping: Mapping[str, str], left: dict[str, str]) -> dict[str, Any]:
    """Read facts out of slots, and out of the fields that the source's policy names."""
    facts: dict[str, Any] = {}
    for name, slot in _SLOT_OF.items():
        if name not in mapping and slot in told.slots:
            facts[name] = _READ_AS.get(name, clean_text)(told.slots[slot])
            if facts[name] is None:
                left.setdefault(slot.name.lower(), told.slots[slot])
    for name, field in mapping.items():
        text = told.fields.get(field)
        if text is not None:
            facts[name] = _READ_AS.get(name, clean_text)(text)
            if facts[name] is None:
                left[field] = text
            else:
                left.pop(field, None)
    return facts


def _read_or_leave(
    slot: Slot, told: Submission, left: dict[str, str], read: Callable[[str], R | None]
) -> R | None:
    text = told.slots.get(slot)
    if text is None:
        return None
    found = read(text)
    if found is None:
        left.setdefault(slot.name.lower(), text)
    return found


def _of_address(address: Address | None, number: str | None, told: Submission) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "lead.has_email": address is not None,
        "lead.has_phone": number is not None,
        "lead.is_test": told.is_test,
    }
    if address is not None:
        facts |= {
            "lead.email_is_free": address.is_free,
            "lead.email_is_role": address.is_role,
            "lead.email_is_disposable": address.is_disposable,
            "company.domain": address.company_domain,
        }
    return facts


def _of_place(told: Submission) -> dict[str, Any]:
    code = "".join(told.slots.get(Slot.POSTAL_CODE, "").split()).upper()
    area = clean_text(code[:_POSTCODE_KNOWN])
    page = told.slots.get(Slot.PAGE)
    path = None if page is None else path_of(page)
    return {
        "lead.postcode_area": area,
        "touch.path": None if path is None else clean_text(path),
    }


def _full_name(slots: Mapping[Slot, str]) -> str | None:
    whole = slots.get(Slot.FULL_NAME)
    if whole is not None:
        return whole
    parts = [slots[slot] for slot in (Slot.FIRST_NAME, Slot.LAST_NAME) if slot in slots]
    return " ".join(parts) or None
