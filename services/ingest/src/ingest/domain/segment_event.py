"""One call of Segment's specification, as what a person did. Pure; kind ``segment`` calls it.

https://segment.com/docs/connections/spec/. The visitor's network address is never looked at.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from contracts.events.kinds import TouchKind
from contracts.facts import FactValue, clean_text
from ingest.domain.browser_clock import reckoned
from ingest.domain.company import company_domain
from ingest.domain.flattening import flattened, text_of
from ingest.domain.instants import instant
from ingest.domain.naming import KNOWN, read_named, utm_of, word
from ingest.domain.page import host_of
from ingest.domain.submission import UTM, Slot, Submission, click_ids, sort_fields
from ingest.domain.text import exact, one_line

TYPES = ("identify", "track", "page", "screen", "group", "alias")

_LONGEST_ID = 200
_LONGEST_URL = 2_000
_MOST_PARAMETERS = 50
_LANGUAGE = 2
_TRAITS: Mapping[str, Slot] = {
    **KNOWN,
    "phonenumber": Slot.PHONE,
    "companyname": Slot.COMPANY,
    "company_employees": Slot.EMPLOYEES,
    "company_employee_count": Slot.EMPLOYEES,
    "company_industry": Slot.INDUSTRY,
    "address_street": Slot.STREET,
    "address_city": Slot.CITY,
    "address_postalcode": Slot.POSTAL_CODE,
    "address_postal_code": Slot.POSTAL_CODE,
    "address_country": Slot.COUNTRY,
}
_COMPANY: Mapping[str, Slot] = {
    "name": Slot.COMPANY,
    "employees": Slot.EMPLOYEES,
    "employee_count": Slot.EMPLOYEES,
    "industry": Slot.INDUSTRY,
}
_READ = frozenset(
    {
        "type", "event", "name", "category", "userId", "anonymousId", "previousId", "messageId",
        "traits", "properties", "context", "integrations", "timestamp", "originalTimestamp",
        "sentAt", "receivedAt", "writeKey", "channel", "version", "_metadata",
    }
)  # fmt: skip
_READ_OF_CONTEXT = frozenset(
    {
        "traits", "page", "campaign", "referrer", "ip", "userAgent", "userAgentData", "library",
        "locale", "timezone", "os", "device", "screen", "network", "app", "active", "consent",
        "location",
    }
)  # fmt: skip
_READ_OF_PAGE = frozenset(
    {"url", "path", "title", "search", "referrer", "keywords", "name", "category"}
)


@dataclass(frozen=True, slots=True)
class Lead:
    """Which calls ask for a person."""

    identify: bool
    track: frozenset[str]

    def is_meant_by(self, call: Mapping[str, Any]) -> bool:
        """Tell whether a call is one of them."""
        if call["type"] == "identify":
            return self.identify
        return call["type"] == "track" and call.get("event") in self.track


def told(call: Mapping[str, Any], lead: Lead, received_at: datetime) -> Submission | None:
    """Return what a call tells; None where it names nobody, or an event without a name."""
    what = call["type"] if call.get("type") in TYPES else None
    user, anonymous = _id(call.get("userId")), _id(call.get("anonymousId"))
    name = _name(call)
    if what is None or (user is None and anonymous is None) or (what == "track" and name is None):
        return None
    asks = lead.is_meant_by(call)
    read = _read(call, what, user, asks=asks)
    url = _url(call)
    came = _came(call, url)
    return replace(
        read,
        kind=TouchKind.FORM if asks else _KINDS.get(what, TouchKind.OTHER),
        slots=read.slots if url is None else {Slot.PAGE: url, **read.slots},
        facts=_facts(call, what, url, None if asks else name),
        person_id=user,
        # The id that is given up is a browser's in all but odd cases.
        anonymous_id=anonymous or (_id(call.get("previousId")) if what == "alias" else None),
        form=(name if asks else None) or read.form,
        utm=utm_of(came) or read.utm,
        click_ids={**read.click_ids, **click_ids(came)},
        is_passive=not asks,
        **_dated(call, received_at),
    )


_KINDS: Mapping[str, TouchKind] = {
    "track": TouchKind.EVENT,
    "page": TouchKind.PAGE,
    "screen": TouchKind.PAGE,
}


def _read(call: Mapping[str, Any], what: str, user: str | None, *, asks: bool) -> Submission:
    """Return the fields: traits by their names, all else as it is called."""
    traits, properties = _object(call.get("traits")), _object(call.get("properties"))
    context = _object(call.get("context"))
    of_person = list(flattened(_object(context.get("traits"))))
    if what == "group":
        rest = sort_fields(flattened(traits), _COMPANY)
    elif what == "identify":
        of_person = [*flattened(traits), *of_person]
        rest = sort_fields((), {})
    else:
        of_person += flattened(properties) if asks else ()
        rest = sort_fields(() if asks else flattened(_kept(properties, what)), {})
    if user is not None and "@" in user and not any(key == "email" for key, _ in of_person):
        of_person.append(("email", user))
    more = sort_fields(flattened({**_without(call, _READ), **_unread(context)}), {})
    known = read_named(of_person, known=_TRAITS)
    return replace(
        known,
        slots={**rest.slots, **known.slots},
        fields={**more.fields, **rest.fields, **known.fields},
        unknown={**more.unknown, **rest.unknown, **known.unknown},
    )


def _kept(properties: Mapping[str, Any], what: str) -> Mapping[str, Any]:
    return _without(properties, _READ_OF_PAGE) if what == "page" else properties


def _unread(context: Mapping[str, Any]) -> Mapping[str, Any]:
    left = _without(context, _READ_OF_CONTEXT)
    return {"context": left} if left else {}


def _without(data: Mapping[str, Any], names: frozenset[str]) -> Mapping[str, Any]:
    return {name: value for name, value in data.items() if name not in names}


def _facts(
    call: Mapping[str, Any], what: str, url: str | None, name: str | None
) -> dict[str, FactValue]:
    context = _object(call.get("context"))
    page = _object(context.get("page"))
    referrer = host_of(_text(page.get("referrer")) or "")
    language = (_text(context.get("locale")) or "")[:_LANGUAGE].lower()
    facts: dict[str, FactValue | None] = {
        "touch.event": name,
        "touch.referrer": None if referrer == host_of(url or "") else clean_text(referrer or ""),
    }
    if language.isascii() and language.isalpha() and len(language) == _LANGUAGE:
        facts["lead.language"] = language
    if what == "group":
        website = _text(_object(call.get("traits")).get("website"))
        facts["company.domain"] = None if website is None else company_domain(website)
    return {name: value for name, value in facts.items() if value is not None}


def _came(call: Mapping[str, Any], url: str | None) -> dict[str, str]:
    """Return campaign tags and click ids: of the context, else of the page's address."""
    try:
        query = urlsplit(url or "").query
    except ValueError:
        query = ""
    found: dict[str, str] = {}
    for name, value in parse_qsl(query, errors="replace")[:_MOST_PARAMETERS]:
        found.setdefault(name, value)
    campaign = _object(_object(call.get("context")).get("campaign"))
    for tag in UTM:
        short = tag.removeprefix("utm_")
        if text := _text(campaign.get("name" if short == "campaign" else short)):
            found[tag] = text
    return found


def _dated(call: Mapping[str, Any], received_at: datetime) -> dict[str, Any]:
    """Return which touch it is and when it was, by our clock where the sender's is known."""
    said = _text(call.get("originalTimestamp")) or _text(call.get("timestamp"))
    happened_at, sent_at = instant(said), instant(_text(call.get("sentAt")))
    sender_id = _id(call.get("messageId"))
    if sender_id is None and said is not None:
        whose = _id(call.get("userId")) or _id(call.get("anonymousId"))
        sender_id = exact(f"{call['type']} {whose} {said}")
    if sent_at is None:
        return {"sender_id": sender_id, "submitted_at": happened_at}
    right = reckoned(received_at, sent_at, happened_at)
    return {"sender_id": sender_id, "submitted_at": right, "is_reckoned": True}


def _name(call: Mapping[str, Any]) -> str | None:
    """Return what was done, as the page's or app's own code calls it."""
    name = call.get("event") if call["type"] == "track" else call.get("name")
    return word(_text(name) or "")


def _url(call: Mapping[str, Any]) -> str | None:
    """Return the address of the page; of an app's screen there is none."""
    page = _object(_object(call.get("context")).get("page"))
    for data in (_object(call.get("properties")) if call["type"] == "page" else {}, page):
        for name in ("url", "path"):
            if (found := one_line(_text(data.get(name)) or "", _LONGEST_URL)) is not None:
                return found
    return None


def _object(value: Any) -> Mapping[str, Any]:  # noqa: ANN401 - JSON's values
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str | None:
    return text_of(value) if isinstance(value, str | int | float) else None


def _id(value: object) -> str | None:
    text = exact(_text(value) or "", _LONGEST_ID + 1)
    return None if text is None or len(text) > _LONGEST_ID else text
