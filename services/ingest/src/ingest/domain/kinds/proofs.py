"""Keys and signatures compared: every secret is, in constant time, so that time tells nothing.

Kinds call these from ``verify``. https://docs.python.org/3/library/hmac.html#hmac.compare_digest
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from ingest.domain.instants import instant_of
from ingest.domain.kinds.kind import Credentials, Refusal, Refused
from ingest.domain.sent import Sent

SAME_KEY = "Send the key that stands in the source's settings, the same on both sides."
SAME_SECRET = "Set the same signing secret on both sides, and sign the bytes that are sent."  # noqa: S105 - says how

Sign = Callable[[bytes], Iterable[str]]
"""From one secret to every spelling of the signature that counts as right."""


def require_key(given: str | None, held: Credentials, place: str) -> Refusal | None:
    """Return why a key that was sent as it is does not count, or None where it does."""
    if not given:
        return Refusal(Refused.NO_PROOF, f"The key `{place}` is missing.", SAME_KEY)
    if not _is_one_of(given, (key.decode("utf-8", "surrogateescape") for key in held.keys)):
        return Refusal(Refused.WRONG_PROOF, f"The key `{place}` is not the source's.", SAME_KEY)
    return None


def require_signature(
    given: Iterable[str], held: Credentials, sign: Sign, place: str
) -> Refusal | None:
    """Return why none of the signatures that were sent counts, or None where one does."""
    sent = [each for each in given if each]
    if not sent:
        return Refusal(Refused.NO_PROOF, f"The signature `{place}` is missing.", SAME_SECRET)
    right = [spelled for key in held.keys for spelled in sign(key)]
    # All are compared, whichever was right.
    if not sum(_is_one_of(each, right) for each in sent):
        detail = f"The signature `{place}` does not fit the bytes that came."
        return Refusal(Refused.WRONG_PROOF, detail, SAME_SECRET)
    return None


def require_recent(
    instant: datetime | None, now: datetime, within: timedelta, place: str
) -> Refusal | None:
    """Return why a signed instant does not count, or None; too early counts no more than late."""
    if instant is None:
        return Refusal(Refused.NO_PROOF, f"The time `{place}` is missing or cannot be read.")
    if abs(now - instant) > within:
        minutes = within / timedelta(minutes=1)
        return Refusal(
            Refused.STALE,
            f"The time `{place}` is more than {minutes:g} minutes from now.",
            "Send it as soon as it is signed, and set the sender's clock.",
        )
    return None


def require_timed(
    sent: Sent, held: Credentials, header: str, version: str, within: timedelta
) -> Refusal | None:
    """Return why a header like ``t=1614265330,v1=5257…`` does not count, or None where it does.

    ``t`` counts seconds since 1970; ``version`` names the signatures, in hexadecimal, over it, a
    dot and the body.
    """
    parts = [each.strip().partition("=") for each in sent.headers.get(header, "").split(",")]
    at = next((text for name, _, text in parts if name == "t"), "")
    message = f"{at}.".encode() + sent.body
    given = [text for name, _, text in parts if name == version]
    refusal = require_signature(given, held, lambda key: [hex_hmac(key, message)], header)
    return refusal or require_recent(instant_of(at, 1), sent.received_at, within, header)


def timed(key: bytes, version: str, at: datetime, body: bytes) -> str:
    """Return what ``require_timed`` looks for."""
    seconds = str(int(at.timestamp()))
    return f"t={seconds},{version}={hex_hmac(key, f'{seconds}.'.encode() + body)}"


def hex_hmac(key: bytes, message: bytes) -> str:
    """Return HMAC-SHA256 in hexadecimal."""
    return hmac.digest(key, message, hashlib.sha256).hex()


def base64_hmac(key: bytes, message: bytes) -> str:
    """Return HMAC-SHA256 in base64."""
    return b64encode(hmac.digest(key, message, hashlib.sha256)).decode()


def _is_one_of(given: str, right: Iterable[str]) -> bool:
    raw = given.encode("utf-8", "replace")
    wanted = [each.encode("utf-8", "surrogateescape") for each in right]
    return bool(sum(hmac.compare_digest(raw, each) for each in wanted))
