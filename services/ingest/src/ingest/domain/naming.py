"""Which field of a form is what, by the names that pages, builders and platforms use.

Kinds whose senders choose the names read their fields with it. No field can set what ingest itself
says of a touch: names that are not known here are kept as unknown.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.submission import (
    CLICK_IDS,
    UTM,
    Slot,
    Submission,
    click_ids,
    sort_fields,
    spelled,
)

_FORM = ("form", "form_id", "form_name")
"""The first of them that is filled in names the form; the others are kept as any field."""
_CAMPAIGN = "campaign_id"
_LONGEST_WORD = 200
_OWN = frozenset({_CAMPAIGN, "_charset_", *UTM, *CLICK_IDS})
_NAMES = {
    Slot.WORK_EMAIL: ("work_email", "business_email", "company_email"),
    Slot.EMAIL: ("email", "e_mail", "mail", "your_email", "email_address", "e_mail_address"),
    Slot.PHONE: (
        "phone", "tel", "telephone", "phone_number", "mobile", "your_phone", "mobile_phone",
        "telephone_number", "work_phone", "work_phone_number",
    ),
    Slot.FIRST_NAME: ("first_name", "firstname", "given_name", "your_first_name"),
    Slot.LAST_NAME: ("last_name", "lastname", "family_name", "surname", "your_last_name"),
    Slot.FULL_NAME: ("name", "full_name", "fullname", "your_name"),
    Slot.STREET: ("street_address", "address", "street", "address1"),
    Slot.CITY: ("city", "address_level2", "town"),
    Slot.POSTAL_CODE: ("postal_code", "postcode", "zip", "zip_code"),
    Slot.COUNTRY: ("country", "country_name", "country_code"),
    Slot.COMPANY: ("company", "company_name", "organization", "organisation", "your_company"),
    Slot.TITLE: ("job_title", "title", "organization_title", "jobtitle", "role", "position"),
    Slot.EMPLOYEES: ("company_size", "employees", "size", "number_of_employees", "employee_count"),
    Slot.INDUSTRY: ("industry", "job_industry"),
    Slot.REQUEST: ("message", "request", "comments", "your_message", "comment", "question"),
    Slot.PAGE: ("page", "page_url", "url", "page_uri"),
}  # fmt: skip
KNOWN: Mapping[str, Slot] = {name: slot for slot, names in _NAMES.items() for name in names}
"""Spelled as ``submission.spelled`` spells."""


def read_named(
    fields: Iterable[tuple[str, str]],
    kind: TouchKind = TouchKind.FORM,
    known: Mapping[str, Slot] = KNOWN,
    own: frozenset[str] = frozenset(),
    given: AbstractSet[str] = frozenset(),
) -> Submission:
    """Return what the fields tell. Of a repeated UTM or click id the first one counts.

    ``own`` are names that the kind reads itself and that are not kept here. ``given`` are parts
    that the kind found elsewhere, such as ``form``: what is named like them is kept as any field.
    """
    every = list(fields)
    first: dict[str, str] = {}
    for name, value in every:
        first.setdefault(name, value)
    form = None
    if "form" not in given:
        form = next((name for name in _FORM if name not in own and word(first.get(name, ""))), None)
    elsewhere = given | ({_CAMPAIGN} if "campaign" in given else set())
    taken = (_OWN - elsewhere) | own | ({form} if form else set())
    told = sort_fields([pair for pair in every if pair[0] not in taken], known)
    return Submission(
        kind=kind,
        slots=told.slots,
        fields=told.fields,
        unknown=told.unknown,
        form=None if form is None else word(first[form]),
        campaign=word(first.get(_CAMPAIGN, "")),
        utm=utm_of(first),
        click_ids=click_ids(first),
    )


def is_known(name: str) -> bool:
    """Tell whether a field of this name is read, and not only kept."""
    return spelled(name) in KNOWN or name in _OWN or name in _FORM


def utm_of(fields: Mapping[str, str]) -> dict[str, str]:
    """Return the campaign tags among fields; values are kept as they were sent."""
    return {name: text for name in UTM if (text := word(fields.get(name, "")))}


def word(text: str) -> str | None:
    """Return a tag of the page; one that holds an address is a person's and is not kept."""
    return clean_text(text[:_LONGEST_WORD])
