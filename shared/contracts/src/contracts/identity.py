"""Identity keys: what tells one person from another, as HMACs under the installation's secret.

Ingest makes them of touches and scoring looks leads up by them, so both must spell alike. Pure.
"""

import hmac
import unicodedata
from functools import lru_cache
from uuid import UUID

from contracts.events.kinds import IdentityKind
from contracts.events.parts import IdentityKey
from contracts.ids import from_words


def identity_key(secret: bytes, kind: IdentityKind, value: str) -> IdentityKey:
    """Return the key of an e-mail address, phone number or id, however it is spelled."""
    if kind is IdentityKind.EMAIL:
        value = spelled_address(value)
    elif kind is IdentityKind.PHONE:
        value = spelled_number(value)
    return IdentityKey(kind=kind, key=keyed(secret, kind.value, value))


def touch_of_sender(source: str, sender_id: str) -> UUID:
    """Return the id of the touch that a source knows by an id of its own."""
    return from_words("touch", source, "id", sender_id)


def touch_of_key(source: str, key: str) -> UUID:
    """Return the id of the touch that came under an ``Idempotency-Key`` and no id of its own."""
    return from_words("touch", source, "key", key)


def keyed(secret: bytes, *words: str) -> str:
    """Return HMAC-SHA256 over words, in hexadecimal; the first says what they are."""
    made = _keyed_by(secret).copy()
    made.update("\x1f".join(words).encode())
    return made.hexdigest()


@lru_cache(maxsize=4)
def _keyed_by(secret: bytes) -> hmac.HMAC:
    """Return what is the same of every key: to take the secret in costs most of one."""
    return hmac.new(secret, digestmod="sha256")


def spelled_address(text: str) -> str:
    """Return an e-mail address in the one spelling that keys are made of."""
    return unicodedata.normalize("NFKC", text.strip()).casefold()


def spelled_number(text: str) -> str:
    """Return a phone number as a plus sign and digits; one in E.164 stays as it is."""
    return "+" + "".join(each for each in text if each.isdecimal())
