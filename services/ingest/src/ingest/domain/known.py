"""What a submission tells of the person and of the company: the two types, never mixed.

What cannot be read as what its slot promises is kept with the person, as a field nobody knows.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from contracts.events.kinds import TouchKind
from contracts.facts import Facts, clean_text
from contracts.person import Person
from ingest.domain.address import Address, read_address
from ingest.domain.company import company_domain, company_name
from ingest.domain.company_size import employees
from ingest.domain.country import country_code, country_of_domain
from ingest.domain.page import path_of
from ingest.domain.person_name import PersonName, read_name
from ingest.domain.phone import Phone, read_phone
from ingest.domain.submission import Slot, Submission

R = TypeVar("R")

_POSTCODE_KNOWN = 3

_READ_AS: Mapping[str, Callable[[str], str | int | None]] = {
    "lead.country": country_code,
    "company.name": company_name,
    "company.domain": company_domain,
    "company.employees": employees,
}
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


def known_of(told: Submission, mapping: Mapping[str, str], *, country: str | None = None) -> Known:
    """Return both; ``mapping`` leads from a fact to the sender's field that says it.

    A number without its country's code is looked for in the country that the touch names, then in
    ``country``, the source's own, then in that of the address's domain.
    """
    left = dict(told.unknown)
    facts = _mapped(told, mapping, left)
    addresses = [
        found
        for slot in (Slot.WORK_EMAIL, Slot.EMAIL)
        if (found := _read_or_leave(slot, told, left, read_address)) is not None
    ]
    primary = addresses[0] if addresses else None
    near = None if primary is None else country_of_domain(primary.domain)
    places = (facts.get("lead.country"), country, near)
    phone = _read_or_leave(Slot.PHONE, told, left, lambda text: read_phone(text, places))
    # What a mapping says of the company goes before what the address lets guess.
    facts = _of_address(primary, phone, told) | facts | _of_place(told)
    if len(addresses) > 1:
        left["email"] = addresses[1].normal
    if phone is not None and phone.extension:
        left.setdefault("phone_extension", phone.extension)
    return Known(
        person=_person(told, primary, phone, left),
        facts=Facts({name: value for name, value in facts.items() if value is not None}),
        addresses=tuple(each.normal for each in addresses),
        numbers=() if phone is None else (phone.e164,),
    )


def _person(
    told: Submission, address: Address | None, phone: Phone | None, left: dict[str, str]
) -> Person:
    slots = told.slots
    name = read_name(
        slots.get(Slot.FIRST_NAME), slots.get(Slot.LAST_NAME), slots.get(Slot.FULL_NAME)
    )
    for field, text in _beside(name).items():
        left.setdefault(field, text)
    return Person(
        email=None if address is None else address.normal,
        phone=None if phone is None else phone.e164,
        first_name=name.first,
        last_name=name.last,
        full_name=name.full,
        street_address=slots.get(Slot.STREET),
        city=slots.get(Slot.CITY),
        postal_code=slots.get(Slot.POSTAL_CODE),
        request_text=slots.get(Slot.REQUEST),
        sender_ids=dict(told.click_ids),
        anonymous_id=told.anonymous_id,
        custom=left,
    )


def _beside(name: PersonName) -> dict[str, str]:
    """Return what is kept of a name beside the name: salutation, and what was written otherwise."""
    kept = {f"{part}_as_sent": text for part, text in name.as_sent.items()}
    return kept if name.salutation is None else {"salutation": name.salutation, **kept}


def _mapped(told: Submission, mapping: Mapping[str, str], left: dict[str, str]) -> dict[str, Any]:
    """Read facts out of slots, and out of the fields that the source's policy names."""
    facts: dict[str, Any] = {}
    for name, slot in _SLOT_OF.items():
        if name not in mapping and (text := told.slots.get(slot)) is not None:
            value = _READ_AS.get(name, clean_text)(text)
            if value is None:
                left.setdefault(slot.name.lower(), text)
            else:
                facts[name] = value
    for name, field in mapping.items():
        if (text := told.fields.get(field)) is not None:
            value = _READ_AS.get(name, clean_text)(text)
            if value is None:
                left[field] = text
            else:
                facts[name] = value
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


def _of_address(address: Address | None, phone: Phone | None, told: Submission) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "lead.has_email": address is not None,
        "lead.has_phone": phone is not None,
        "lead.is_test": told.is_test,
    }
    if told.is_passive or told.kind is TouchKind.PAGE:
        # Nobody was asked: that a page's view tells no address says nothing of the person.
        facts = {name: value for name, value in facts.items() if value}
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
