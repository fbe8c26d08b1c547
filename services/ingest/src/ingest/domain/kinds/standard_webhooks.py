"""Standard Webhooks: id, time and signatures in headers; the body is any JSON, mapped.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The id
stays over retries and the signature does not, so that touches are named by the id. More than one
signature may be sent while a secret is changed; versions that are not known are passed over.
"""

from base64 import b64decode
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from contracts.events.kinds import TouchKind
from ingest.domain.instants import instant_of
from ingest.domain.kinds.generic import read
from ingest.domain.kinds.kind import (
    SAMPLE_FIELDS,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Refused,
    Sample,
    as_json,
)
from ingest.domain.kinds.proofs import base64_hmac, require_recent, require_signature
from ingest.domain.mapping import Mapped, written
from ingest.domain.sent import Sent
from ingest.domain.source import Source

ID, TIME, SIGNATURE = "webhook-id", "webhook-timestamp", "webhook-signature"
PREFIX = "whsec_"
_WITHIN = timedelta(minutes=5)
_LONGEST_ID = 256


class StandardWebhooks(Source):
    """A sender that signs by Standard Webhooks; a secret is ``whsec_`` and base64."""

    SECRET_PREFIX: ClassVar[str] = PREFIX

    kind: Literal["standard_webhooks"]
    touch: TouchKind = TouchKind.FORM
    """What one of its touches is."""
    map: Mapped = Mapped()
    """What is where in the body."""


def _verify(sent: Sent, _source: StandardWebhooks, held: Credentials) -> Refusal | None:
    said, at = sent.headers.get(ID, ""), sent.headers.get(TIME)
    if not 0 < len(said) <= _LONGEST_ID:
        return Refusal(Refused.NO_PROOF, f"The header {ID} is missing or too long.")
    message = f"{said}.{at}.".encode() + sent.body
    given = [each for each in sent.headers.get(SIGNATURE, "").split(" ") if each.startswith("v1,")]
    refusal = require_signature(
        given, held, lambda key: [f"v1,{base64_hmac(raw_key(key), message)}"], SIGNATURE
    )
    return refusal or require_recent(instant_of(at, 1), sent.received_at, _WITHIN, TIME)


def raw_key(secret: bytes) -> bytes:
    """Return the key's bytes; a secret that is no base64 is taken as it is."""
    text = secret.removeprefix(PREFIX.encode())
    try:
        return b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except ValueError:
        return secret


def _parse(sent: Sent, source: StandardWebhooks) -> Heard:
    return read(sent.data, source.map, source.touch, sent.headers[ID])


def _sample(source: StandardWebhooks, held: Credentials, _url: str, now: datetime) -> Sample:
    body = as_json(written(SAMPLE_FIELDS, source.map))
    said, at = f"test_{now.timestamp():.6f}", str(int(now.timestamp()))
    signature = base64_hmac(raw_key(held.keys[0]), f"{said}.{at}.".encode() + body)
    headers = {ID: said, TIME: at, SIGNATURE: f"v1,{signature}"}
    return Sample(body, headers | {"content-type": "application/json"})


# Any answer but a success has the same bytes sent again for days.
KIND = Kind("standard_webhooks", StandardWebhooks, _verify, _parse, _sample, malformed=200)
