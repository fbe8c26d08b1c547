"""Webflow: a form's fields by their labels; only 200 counts, and a few failures end the webhook.

https://developers.webflow.com/data/docs/working-with-webhooks. Signed over milliseconds, a colon
and the body; webhooks that were made in the dashboard are not signed at all, and prove themselves
by the key in the address.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Literal
from urllib.parse import urlencode

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant, instant_of
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import (
    hex_hmac,
    require_key,
    require_recent,
    require_signature,
)
from ingest.domain.kinds.shapes import Id, Open, Said, checked
from ingest.domain.naming import read_named
from ingest.domain.sent import Sent
from ingest.domain.source import Source
from ingest.domain.submission import Submission

TIME, SIGNATURE = "x-webflow-timestamp", "x-webflow-signature"
_WITHIN = timedelta(minutes=5)
_FORM = "form_submission"


class Webflow(Source):
    """The webhook of a site."""

    kind: Literal["webflow"]
    signed: bool = True
    """False for a webhook made in the dashboard: its address ends in ``?key=`` and the secret."""


class Payload(Open):
    """One form that was sent."""

    id: Id = None
    name: Said = ""
    submittedAt: Said = ""  # noqa: N815 - the sender's name
    formId: Id = None  # noqa: N815 - the sender's name
    data: Mapping[str, Any]


class Body(Open):
    """The body of the webhook."""

    payload: Payload


def _verify(sent: Sent, source: Webflow, held: Credentials) -> Refusal | None:
    if not source.signed:
        return require_key(sent.first("key"), held, "?key=")
    at = sent.headers.get(TIME, "")
    message = f"{at}:".encode() + sent.body
    refusal = require_signature(
        [sent.headers.get(SIGNATURE, "")], held, lambda key: [hex_hmac(key, message)], SIGNATURE
    )
    return refusal or require_recent(instant_of(at, 1_000), sent.received_at, _WITHIN, TIME)


def _parse(sent: Sent, _source: Webflow) -> Heard:
    if sent.object.get("triggerType") != _FORM:
        return Heard(passed_over=1)
    return Heard((submission_of(checked(Body, sent.object)),))


def submission_of(body: Body) -> Submission:
    """Return what the body tells."""
    payload = body.payload
    return replace(
        read_named(_pairs(body), TouchKind.FORM),
        sender_id=payload.id,
        submitted_at=instant(payload.submittedAt),
    )


def _pairs(body: Body) -> Iterator[tuple[str, str]]:
    payload = body.payload
    # A telephone number may come as JSON's number: what is left of it is read as any other.
    yield from flattened(payload.data)
    yield "form_name" if payload.name else "form_id", payload.name or payload.formId or ""
    if payload.name:
        yield "formId", payload.formId or ""
    extra = payload.model_extra or {}
    yield "page", _page(extra)
    # What the form's fields are called and of which type they are tells nothing of the person.
    yield from flattened({k: v for k, v in extra.items() if k != "schema"})
    yield from flattened({k: v for k, v in (body.model_extra or {}).items() if k != "triggerType"})


def _page(extra: Mapping[str, Any]) -> str:
    for name in ("pageUrl", "publishedPath"):
        if isinstance(extra.get(name), str) and extra[name]:
            return str(extra[name])
    return ""


def _sample(source: Webflow, held: Credentials, _url: str, now: datetime) -> Sample:
    payload = {
        "id": f"test {now.isoformat()}",
        "name": "Test",
        "submittedAt": now.isoformat(),
        "data": {"Email": "test@example.com", "Name": "Test Lead", "Company": "Example"},
    }
    body = as_json({"triggerType": _FORM, "payload": payload})
    headers = {"content-type": "application/json"}
    key = held.keys[0]
    if not source.signed:
        return Sample(body, headers, urlencode({"key": key.decode()}))
    at = str(int(now.timestamp() * 1_000))
    signature = hex_hmac(key, f"{at}:".encode() + body)
    return Sample(body, {**headers, TIME: at, SIGNATURE: signature})


KIND = Kind("webflow", Webflow, _verify, _parse, _sample, malformed=200)
