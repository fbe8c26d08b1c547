"""HubSpot: signed lists of what happened to contacts; each new one is fetched afterwards.

https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation.
The address that HubSpot called is signed as well, so it is the public one that counts. A 4xx is
tried again like a 5xx; an event's own id may come twice.
"""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from contracts.events.kinds import TouchKind
from ingest.domain.fetching import FetchRule, Pointer
from ingest.domain.flattening import text_of
from ingest.domain.instants import instant_of
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import base64_hmac, require_recent, require_signature
from ingest.domain.platforms.hubspot_contacts import FETCHING
from ingest.domain.sent import Malformed, Sent, TooMuch
from ingest.domain.source import Source
from ingest.domain.submission import Submission

SIGNATURE, TIME = "x-hubspot-signature-v3", "x-hubspot-request-timestamp"
_WITHIN = timedelta(minutes=5)
_MOST_EVENTS = 1_000
_CONTACT = "0-1"
_ID = re.compile(r"[0-9]{1,30}")
_PLAIN = {
    "%3A": ":", "%2F": "/", "%3F": "?", "%40": "@", "%21": "!", "%24": "$", "%27": "'",
    "%28": "(", "%29": ")", "%2A": "*", "%2C": ",", "%3B": ";",
}  # fmt: skip
"""What HubSpot decodes of the address before it signs; nothing else."""
_ENCODED = re.compile("|".join(_PLAIN), re.IGNORECASE)

Property = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,99}$")]


class HubSpot(Source):
    """Contacts of HubSpot; a secret is the app's client secret."""

    SECRET_DICTATED: ClassVar[bool] = True

    kind: Literal["hubspot"]
    fetch: FetchRule
    """How contacts are fetched; the token is the app's."""
    properties: Annotated[tuple[Property, ...], Field(max_length=200)] = ()
    """What is read of a contact beside what every contact has."""
    also_on: Annotated[tuple[Property, ...], Field(max_length=50)] = ()
    """Properties whose change is a touch too, beside a contact that is new."""

    def references(self) -> Mapping[str, str]:
        """Return the references beside ``secrets``."""
        return {"fetch.token": self.fetch.token}


def signed_text(method: str, url: str, body: bytes, timestamp: str) -> bytes:
    """Return what a signature of version 3 is of."""
    address = _ENCODED.sub(lambda found: _PLAIN[found[0].upper()], url)
    return method.encode() + address.encode() + body + timestamp.encode()


def _verify(sent: Sent, _source: HubSpot, held: Credentials) -> Refusal | None:
    at = sent.headers.get(TIME, "")
    message = signed_text(sent.method, sent.url, sent.body, at)
    refusal = require_signature(
        [sent.headers.get(SIGNATURE, "")], held, lambda key: [base64_hmac(key, message)], SIGNATURE
    )
    return refusal or require_recent(instant_of(at, 1_000), sent.received_at, _WITHIN, TIME)


def _parse(sent: Sent, source: HubSpot) -> Heard:
    if not isinstance(sent.data, list):
        raise Malformed("The body is no list of events.", (("body", "expected a list"),))
    if len(sent.data) > _MOST_EVENTS:
        raise TooMuch(f"The body has more than {_MOST_EVENTS:,} events.")
    heard = [_one(each, number, source) for number, each in enumerate(sent.data)]
    return Heard(
        tuple(each for each in heard if isinstance(each, Submission)),
        tuple(each for each in heard if isinstance(each, Pointer)),
        sum(each is None for each in heard),
    )


def _one(event: object, number: int, source: HubSpot) -> Submission | Pointer | None:
    """Return what one event tells: a lead to fetch, an erasure, or None for anything else."""
    if not isinstance(event, dict):
        raise Malformed("An event is not an object.", ((f"body.{number}", "expected an object"),))
    what, _, happened = (text_of(event.get("subscriptionType")) or "").partition(".")
    if what not in {"contact", "object"} or (
        what == "object" and event.get("objectTypeId") != _CONTACT
    ):
        return None
    contact = text_of(event.get("objectId"))
    if contact is None or not _ID.fullmatch(contact):
        place = f"body.{number}.objectId"
        raise Malformed("An event names no contact.", ((place, "expected a whole number"),))
    if happened == "privacyDeletion":
        return _erasure(contact, event)
    about = {"occurred_at": text_of(event.get("occurredAt")) or ""}
    if happened == "creation":
        return Pointer(contact, about)
    if happened == "propertyChange" and event.get("propertyName") in source.also_on:
        return Pointer(contact, about, _known_as(event))
    return None


def _known_as(event: Mapping[str, Any]) -> str:
    """Return what a repeat of an event is known by; ``eventId`` is not always its own."""
    names = ("subscriptionId", "objectId", "occurredAt", "subscriptionType", "propertyName")
    return " ".join(text for name in names if (text := text_of(event.get(name))))[:200]


def _erasure(contact: str, event: Mapping[str, Any]) -> Submission:
    return Submission(
        TouchKind.ERASURE,
        {},
        sender_id=_known_as(event),
        person_id=contact,
        submitted_at=instant_of(event.get("occurredAt"), 1_000),
    )


def _sample(_source: HubSpot, held: Credentials, url: str, now: datetime) -> Sample:
    """Return a notice of a contact that is not there: it shows the signature, not the fetch."""
    millis = int(now.timestamp() * 1000)
    event = {
        "eventId": 1,
        "subscriptionId": 1,
        "portalId": 1,
        "appId": 1,
        "occurredAt": millis,
        "subscriptionType": "contact.creation",
        "attemptNumber": 0,
        "objectId": millis,
    }
    body, at = as_json([event]), str(millis)
    signature = base64_hmac(held.keys[0], signed_text("POST", url, body, at))
    headers = {"content-type": "application/json", TIME: at, SIGNATURE: signature}
    return Sample(body, headers)


KIND = Kind("hubspot", HubSpot, _verify, _parse, _sample, malformed=200, fetching=FETCHING)
