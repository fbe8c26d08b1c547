"""Any sender of JSON or forms: a mapping says what is where, names that are known say the rest.

The key comes as ``Authorization: Bearer``, as Basic's password, as ``X-Api-Key`` or, for builders
that can set nothing else, as ``?key=``; or the body is signed. Expressions are JMESPath's.
https://jmespath.org/specification.html
"""

from base64 import b64decode
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Literal

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import flattened
from ingest.domain.form_body import FORM, pairs_of
from ingest.domain.kinds.kind import (
    SAMPLE_FIELDS,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Sample,
    as_json,
)
from ingest.domain.kinds.proofs import base64_hmac, hex_hmac, require_key, require_signature
from ingest.domain.mapping import Mapped, read_mapped, written
from ingest.domain.sent import Malformed, Sent, TooMuch
from ingest.domain.source import HeaderName, Source, Strict

_PLACE = "Authorization, X-Api-Key or ?key="
_MOST = 500


class Signed(Strict):
    """How a sender signs its body: HMAC-SHA256 over the bytes as they are sent."""

    header: HeaderName
    encoding: Literal["hex", "base64"] = "hex"
    prefix: str = ""
    """What stands before the signature, like ``sha256=``."""


class Mappable(Source):
    """A sender of JSON or forms whose parts a mapping may name."""

    touch: TouchKind = TouchKind.FORM
    """What one of its touches is."""
    map: Mapped = Mapped()
    """What is where in the body."""
    signed: Signed | None = None
    """How the body is signed; None: the key is sent as it is."""


class Generic(Mappable):
    """Any sender of JSON or forms."""

    kind: Literal["generic"]


def verify(sent: Sent, source: Mappable, held: Credentials) -> Refusal | None:
    """Tell why a request is not the source's: by its key, or by its signature if it signs."""
    how = source.signed
    if how is None:
        return require_key(key_of(sent), held, _PLACE)
    sign = hex_hmac if how.encoding == "hex" else base64_hmac
    return require_signature(
        [sent.headers.get(how.header, "")],
        held,
        lambda key: [how.prefix + sign(key, sent.body)],
        how.header,
    )


def key_of(sent: Sent) -> str | None:
    """Return the key as it was sent, wherever it stands."""
    scheme, _, given = sent.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return given.strip()
    if scheme.lower() == "basic":
        return password_of(given)
    return sent.headers.get("x-api-key") or sent.first("key")


def password_of(encoded: str) -> str | None:
    """Return Basic's password or, where that is empty, its user: senders fill in either."""
    try:
        user, _, password = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:  # no base64, or no text in it
        return None
    return password or user or None


def _parse(sent: Sent, source: Generic) -> Heard:
    return read(body_of(sent), source.map, source.touch)


def body_of(sent: Sent) -> Any:  # noqa: ANN401 - JSON's values
    """Return the body as data; of a form, names with texts. Raises Malformed."""
    if sent.media not in FORM:
        return sent.data
    fields: dict[str, Any] = {}
    for name, value in pairs_of(sent):
        before = fields.get(name)
        several = before if isinstance(before, list) else [before]
        fields[name] = value if before is None else [*several, value]
    return fields


def read(
    data: Any,  # noqa: ANN401 - JSON's values
    mapped: Mapped,
    kind: TouchKind,
    sender_id: str | None = None,
) -> Heard:
    """Return what data tells, one touch for each entry that the mapping finds. Raises Malformed."""
    entries = list(_entries(data, mapped))
    if len(entries) > _MOST:
        raise TooMuch(f"The body has more than {_MOST} entries.")
    told = [read_mapped(each, mapped, kind) for each in entries]
    if sender_id is not None:
        told = [each.named(sender_id, number) for number, each in enumerate(told)]
    return Heard(tuple(each for each in told if each.fields))


def _entries(data: Any, mapped: Mapped) -> Iterator[Any]:  # noqa: ANN401 - JSON's values
    found = mapped.entries(data)
    several = found if isinstance(found, list) else [found]
    for number, each in enumerate(several):
        if not isinstance(each, dict):
            place = f"body.{number}" if isinstance(found, list) else "body"
            raise Malformed("An entry is not an object.", ((place, "expected keys with values"),))
        if next(flattened(each), None) is None:
            raise Malformed("An entry has no field with a value.")
        yield each


def _sample(source: Generic, held: Credentials, _url: str, now: datetime) -> Sample:
    """Return a sample in JSON by the mapping."""
    body = as_json(written({**SAMPLE_FIELDS, "id": f"test {now.isoformat()}"}, source.map))
    return proved(source, held, body)


def proved(source: Mappable, held: Credentials, body: bytes) -> Sample:
    """Return a body of JSON with the proof that the source asks for."""
    headers = {"content-type": "application/json"}
    if source.signed is None:
        return Sample(body, headers | {"authorization": f"Bearer {held.keys[0].decode()}"})
    sign = hex_hmac if source.signed.encoding == "hex" else base64_hmac
    signature = source.signed.prefix + sign(held.keys[0], body)
    return Sample(body, headers | {source.signed.header: signature})


KIND = Kind("generic", Generic, verify, _parse, _sample)
