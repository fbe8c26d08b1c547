"""HubSpot's contacts: one fetched with its properties, and those made since an instant. Pure.

https://developers.hubspot.com/docs/api-reference/crm-contacts-v3. Properties come only when they
are asked for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import orjson

from contracts.events.kinds import TouchKind
from ingest.domain.fetching import (
    Ask,
    Fetching,
    Got,
    Hindered,
    Listed,
    Listing,
    Pointer,
    Step,
)
from ingest.domain.flattening import flattened, text_of
from ingest.domain.instants import instant, instant_of
from ingest.domain.naming import KNOWN, read_named
from ingest.domain.platforms.answered import entries_of, ids_of, object_of, read_object
from ingest.domain.submission import Slot, Submission

API = "https://api.hubapi.com"
PROPERTIES = (
    "email",
    "firstname",
    "lastname",
    "phone",
    "mobilephone",
    "company",
    "website",
    "jobtitle",
    "numemployees",
    "industry",
    "address",
    "city",
    "zip",
    "country",
    "message",
    "hs_google_click_id",
    "hs_facebook_click_id",
    "hs_analytics_source",
    "hs_analytics_source_data_1",
    "hs_analytics_source_data_2",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_term",
    "utm_content",
    "createdate",
)
_KNOWN = {**KNOWN, "mobilephone": Slot.PHONE, "numemployees": Slot.EMPLOYEES}
_SAID_ELSEWHERE = {"hs_google_click_id": "gclid", "hs_facebook_click_id": "fbclid"}
_NOT_KEPT = frozenset({"createdate", "lastmodifieddate", "hs_object_id"})
_PAGE, _MOST_PAGES = 100, 100
"""A search of HubSpot ends at 10,000."""


def _ask(source: Any, held: Any, path: str, body: bytes | None = None) -> Ask:  # noqa: ANN401
    base = (source.fetch.base_url or API).rstrip("/")
    version = source.fetch.version or "v3"
    headers = {"authorization": f"Bearer {held.named['fetch.token'].decode()}"}
    url = f"{base}/crm/{version}/objects/contacts{path}"
    if body is None:
        return Ask(url, headers=headers)
    return Ask(url, "POST", {**headers, "content-type": "application/json"}, body)


def _step(pointer: Pointer, source: Any, held: Any, got: Sequence[Got]) -> Step:  # noqa: ANN401
    if not got:
        asked = ",".join(dict.fromkeys((*PROPERTIES, *source.properties)))
        return _ask(source, held, f"/{pointer.lead}?{urlencode({'properties': asked})}")
    data = read_object(got[0])
    if isinstance(data, Hindered):
        return data
    return submission_of(object_of(data, "properties"), pointer)


def submission_of(properties: Mapping[str, Any], pointer: Pointer) -> Submission:
    """Return what a contact's properties tell."""
    pairs = [
        (_SAID_ELSEWHERE.get(name, name), text)
        for name, text in flattened(properties)
        if name not in _NOT_KEPT
    ]
    told = read_named(pairs, TouchKind.FORM, _KNOWN)
    return replace(
        told,
        sender_id=pointer.key,
        person_id=pointer.lead,
        submitted_at=instant_of(pointer.about.get("occurred_at"), 1_000)
        or instant(text_of(properties.get("createdate"))),
    )


def _listing(source: Any, held: Any, since: datetime, got: Sequence[Got]) -> Listing:  # noqa: ANN401
    leads: list[Pointer] = []
    after: str | None = None
    for answer in got:
        data = read_object(answer)
        if isinstance(data, Hindered):
            return data
        leads += [Pointer(lead) for lead in ids_of(entries_of(data, "results"))]
        after = text_of(object_of(data, "paging", "next").get("after"))
        if after is None or len(got) >= _MOST_PAGES:
            return Listed(tuple(leads))
    rule = {
        "propertyName": "createdate",
        "operator": "GTE",
        "value": str(int(since.timestamp() * 1000)),
    }
    query: dict[str, Any] = {
        "filterGroups": [{"filters": [rule]}],
        "sorts": [{"propertyName": "createdate", "direction": "ASCENDING"}],
        "properties": ["createdate"],
        "limit": _PAGE,
    }
    if after is not None:
        query["after"] = after
    return _ask(source, held, "/search", orjson.dumps(query))


FETCHING = Fetching(_step, _listing, at_once=8)
