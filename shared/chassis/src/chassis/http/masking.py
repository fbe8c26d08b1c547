"""A person for eyes that may not see one: enough to tell two apart, not enough to write to them.

Pure. Access decides who sees the mask; audit and stored replies always do.
"""

from chassis.http.principal import Principal, Scope
from contracts.person import Person

MASK = "***"


def seen_by(principal: Principal, person: Person) -> Person:
    """Return the person as this caller may see it."""
    return person if Scope.PERSON in principal.scopes else mask(person)


def mask(person: Person) -> Person:
    """Return the person with first letters and the domain of the address only."""
    return Person(
        email=_email(person.email),
        phone=_phone(person.phone),
        first_name=_initial(person.first_name),
        last_name=_initial(person.last_name),
        full_name=" ".join(_initial(part) or "" for part in person.full_name.split())
        if person.full_name
        else person.full_name,
        street_address=_hidden(person.street_address),
        city=_hidden(person.city),
        postal_code=_hidden(person.postal_code),
        request_text=_hidden(person.request_text),
        sender_ids=dict.fromkeys(person.sender_ids, MASK),
        anonymous_id=_hidden(person.anonymous_id),
        custom=dict.fromkeys(person.custom, MASK),
    )


def _email(address: str | None) -> str | None:
    if not address:
        return address
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}{MASK}@{domain}" if at else MASK


def _phone(number: str | None) -> str | None:
    return f"{MASK}{number[-2:]}" if number and len(number) > len(MASK) * 2 else _hidden(number)


def _initial(name: str | None) -> str | None:
    return f"{name[:1]}{MASK}" if name else name


def _hidden(value: str | None) -> str | None:
    return MASK if value else value
