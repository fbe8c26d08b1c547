"""Kinds that only point at leads, as they send: the lead itself lies at a platform of tests."""

import hashlib
import hmac
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hubspot.utils.signature import Signature

from tests.integration.ingest.conformance.wire import JSON, KEY, PUBLIC, UNKNOWN, Sender, Wire
from tests.support.platforms import hubspot, linkedin, meta
from tests.support.platforms.behaving import TOKEN

META, LINKEDIN, HUBSPOT = meta.Meta(), linkedin.LinkedIn(), hubspot.HubSpot()
PLATFORMS = {"meta_lead_ads": META, "linkedin": LINKEDIN, "hubspot": HUBSPOT}
NOW = timedelta()
_PATH = "/v1/sources/of-hubspot"
_ASKED = {"channel": "paid-social", "consent": {"contact": "asked"}}


def fetching(kind: str) -> Mapping[str, Any]:
    """The part of a policy that says where leads are fetched; the address is filled in later."""
    return {"fetch": {"token": f"demo:{TOKEN}", "base_url": f"http://{kind}"}}


def _mac(message: bytes, key: str) -> str:
    return hmac.new(key.encode(), message, hashlib.sha256).hexdigest()


def number() -> str:
    """An id as platforms give: digits only, longer than 53 bits."""
    return str(10**16 + uuid.uuid4().int % 10**15)


def of_meta(lead: str, key: str = KEY) -> Wire:
    """The notice of a lead at Meta."""
    value = {
        "leadgen_id": lead,
        "page_id": meta.PAGE,
        "form_id": meta.FORM,
        "adgroup_id": "23851234567890123",
        "created_time": 1_790_000_000,
    }
    change = {"field": "leadgen", "value": value}
    body = json.dumps(
        {"object": "page", "entry": [{"id": meta.PAGE, "time": 1, "changes": [change]}]}
    ).encode()
    return signed_by_meta(body, key)


def signed_by_meta(body: bytes, key: str = KEY) -> Wire:
    """Any body, signed as Meta signs."""
    return Wire(body, JSON | {"x-hub-signature-256": f"sha256={_mac(body, key)}"})


def _meta(email: str) -> Wire:
    lead = number()
    META.leads[lead] = meta.lead(lead, {"email": email, UNKNOWN[0]: UNKNOWN[1]})
    return of_meta(lead)


def of_linkedin(lead: str, action: str = "CREATED", key: str = KEY) -> Wire:
    """The notice of a response at LinkedIn."""
    body = {
        "type": "LEAD_ACTION",
        "leadGenFormResponse": f"urn:li:leadGenFormResponse:{lead}",
        "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:7234246,1)",
        "owner": {"sponsoredAccount": "urn:li:sponsoredAccount:11223344"},
        "leadType": "SPONSORED",
        "leadAction": action,
        "occurredAt": 1_790_000_000_000,
    }
    return signed_by_linkedin(json.dumps(body).encode(), key)


def signed_by_linkedin(body: bytes, key: str = KEY) -> Wire:
    """Any body, signed as LinkedIn signs."""
    return Wire(body, JSON | {"x-li-signature": _mac(b"hmacsha256=" + body, key)})


def _linkedin(email: str) -> Wire:
    lead = f"{uuid.uuid4()}-4"
    LINKEDIN.leads[lead] = linkedin.lead(lead, {"EMAIL": email, UNKNOWN[0]: UNKNOWN[1]})
    return of_linkedin(lead)


def of_hubspot(contact: str, what: str = "contact.creation", **more: Any) -> Wire:  # noqa: ANN401
    """The notice of something that happened to a contact at HubSpot."""
    event = {
        "eventId": 1,
        "subscriptionId": 25,
        "portalId": 33,
        "appId": 1160452,
        "occurredAt": 1_790_000_000_000,
        "subscriptionType": what,
        "attemptNumber": 0,
        "objectId": int(contact),
    }
    return signed_by_hubspot(json.dumps([event | more]))


def signed_by_hubspot(
    body: str, ago: timedelta = timedelta(), key: str = KEY, path: str = _PATH
) -> Wire:
    """Any body, signed by HubSpot's own library."""
    at = str(int((datetime.now(UTC) - ago).timestamp() * 1000))
    signature = Signature.get_signature(
        client_secret=key,
        request_body=body,
        signature_version="v3",
        http_uri=PUBLIC + path,
        http_method="POST",
        timestamp=at,
    )
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": at}
    return Wire(body.encode(), JSON | headers)


def _hubspot(email: str, ago: timedelta = timedelta()) -> Wire:
    contact = number()
    properties = {"email": email, "message": UNKNOWN[1], "colour": UNKNOWN[1]}
    HUBSPOT.leads[contact] = hubspot.contact(contact, properties)
    return signed_by_hubspot(of_hubspot(contact).body.decode(), ago)


def _without(header: str) -> Any:  # noqa: ANN401
    return lambda wire: Wire(wire.body, {k: v for k, v in wire.headers.items() if k != header})


POINTING = (
    Sender(
        "meta_lead_ads",
        {
            "kind": "meta_lead_ads",
            "secrets": [f"demo:{KEY}"],
            "verify_token": "demo:the-word",
            **fetching("meta_lead_ads"),
            **_ASKED,
        },
        _meta,
        points=True,
        wrong=lambda wire: signed_by_meta(wire.body, "another"),
        unproved=_without("x-hub-signature-256"),
        proved=lambda wire, body, ago=NOW: signed_by_meta(body),  # noqa: ARG005 - signs no time
        unreadable=lambda: signed_by_meta(b'{"entry": "%s"}' % uuid.uuid4().hex.encode()),
    ),
    Sender(
        "linkedin",
        {"kind": "linkedin", "secrets": [f"demo:{KEY}"], **fetching("linkedin"), **_ASKED},
        _linkedin,
        points=True,
        wrong=lambda wire: signed_by_linkedin(wire.body, "another"),
        unproved=_without("x-li-signature"),
        proved=lambda wire, body, ago=NOW: signed_by_linkedin(body),  # noqa: ARG005 - no time
        unreadable=lambda: signed_by_linkedin(
            json.dumps({"type": "LEAD_ACTION", "x": uuid.uuid4().hex}).encode()
        ),
    ),
    Sender(
        "hubspot",
        {
            "kind": "hubspot",
            "secrets": [f"demo:{KEY}"],
            "properties": ["colour"],
            **fetching("hubspot"),
            **_ASKED,
        },
        _hubspot,
        points=True,
        wrong=lambda wire: signed_by_hubspot(wire.body.decode(), key="another"),
        unproved=_without("x-hubspot-signature-v3"),
        aged=_hubspot,
        proved=lambda wire, body, ago=NOW: signed_by_hubspot(body.decode(), ago),  # noqa: ARG005
        unreadable=lambda: signed_by_hubspot(json.dumps({"x": uuid.uuid4().hex})),
        readdressed=lambda wire, path: signed_by_hubspot(wire.body.decode(), path=path),
    ),
)
