"""Secrets of sources: how strong one is, how a new one is spelled, how it is sealed. Pure.

AES-256-GCM under a key that HKDF derives from the installation's secret, so that a dump of the
tables gives none away. Sealed and not hashed: an HMAC and the test button need the value
(docs/decisions/0013). Randomness comes as an argument.
"""

import hmac
from base64 import b64encode, urlsafe_b64encode
from hashlib import sha256
from math import log2
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from ingest.domain.source import PLAIN_PREFIX

BITS: Final = 128
"""The least that a secret is worth."""
RANDOM_BYTES: Final = 24
"""Of a secret that is made here; base64 needs no padding for them."""
NONCE_BYTES: Final = 12
LONGEST: Final = 4_096
"""Characters of a secret that is given."""

_FEWEST_DIFFERENT = 8
_FINGERPRINT_DIGITS = 8
_ALPHABETS = (
    (frozenset("0123456789"), 10),
    (frozenset("0123456789abcdef"), 16),
    (frozenset("0123456789ABCDEF"), 16),
    (frozenset("0123456789abcdef-"), 16),
    (frozenset("abcdefghijklmnopqrstuvwxyz"), 26),
    (frozenset("abcdefghijklmnopqrstuvwxyz0123456789"), 36),
    (frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 36),
    (frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"), 52),
    (frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"), 62),
)
_ANY = 64


class CannotOpen(LookupError):  # noqa: N818 - says what is the matter
    """A sealed value is not of this installation's secret, or was changed."""


def bits_of(text: str, prefix: str = "") -> int:
    """Return how many bits a secret is worth at most: its length by its alphabet.

    What has fewer than eight different characters was not made by chance and is worth nothing. A
    well-known ``prefix`` does not count.
    """
    chance = text.removeprefix(prefix)
    different = frozenset(chance)
    if len(different) < _FEWEST_DIFFERENT:
        return 0
    size = next((size for letters, size in _ALPHABETS if different <= letters), _ANY)
    counted = len(chance) - chance.count("-") if size == 16 else len(chance)  # noqa: PLR2004 - hex
    return int(counted * log2(size) + 1e-9)


def spelled(prefix: str, random: bytes) -> str:
    """Return a new secret from random bytes, as its kind of sender takes it.

    One that is typed or stands in an address has no characters that are escaped there.
    """
    encode = urlsafe_b64encode if prefix == PLAIN_PREFIX else b64encode
    return prefix + encode(random).decode()


def place_of(source: str, secret: UUID, name: str | None) -> str:
    """Return the place that a value is sealed to: it opens in no other row."""
    return f"{source} {secret} {name or ''}"


class Sealer:
    """Seals and opens values with keys of one installation."""

    def __init__(self, installation_secret: bytes) -> None:
        """Derive the keys (HKDF, RFC 5869)."""
        self._box = AESGCM(_derived(installation_secret, b"baton source secrets"))
        self._marking = _derived(installation_secret, b"baton source fingerprints")

    def seal(self, value: bytes, nonce: bytes, place: str) -> bytes:
        """Return what may stand in a table at ``place``, and only there. A nonce is used once."""
        return nonce + self._box.encrypt(nonce, value, place.encode())

    def opened(self, sealed: bytes, place: str) -> bytes:
        """Return the value. Raises CannotOpen."""
        try:
            return self._box.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], place.encode())
        except (InvalidTag, ValueError):
            raise CannotOpen("sealed under another installation's secret, or changed") from None

    def fingerprint(self, value: bytes) -> str:
        """Return eight hexadecimal digits that tell secrets apart and help nobody to guess one."""
        return hmac.digest(self._marking, value, sha256).hex()[:_FINGERPRINT_DIGITS]


def _derived(secret: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt=None, info=purpose).derive(secret)
