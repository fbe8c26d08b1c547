"""Secrets out of what senders repeat: some put the address they send to into the body. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar
from urllib.parse import quote, quote_plus

from ingest.domain.submission import Submission

K = TypeVar("K")
GONE = "(secret)"
_SHORTEST = 6
"""Bytes of a secret that is looked for in a body: a shorter one stands in any body by chance."""


def scrubbed(told: Submission, secrets: Sequence[bytes]) -> Submission:
    """Return a submission in which no secret of its source stands."""
    words = _spelled(tuple(secrets))
    alone = [text for text in (told.form, told.campaign) if text is not None]
    texts = (
        *told.slots.values(),
        *told.fields.values(),
        *told.unknown.values(),
        *told.utm.values(),
        *alone,
    )
    if not any(secret in text for text in texts for secret in words):
        return told
    return replace(
        told,
        slots=_without(told.slots, words),
        fields=_without(told.fields, words),
        unknown=_without(told.unknown, words),
        utm=_without(told.utm, words),
        form=told.form and _gone(told.form, words),
        campaign=told.campaign and _gone(told.campaign, words),
    )


def scrubbed_bytes(raw: bytes, secrets: Sequence[bytes]) -> bytes:
    """Return bytes in which no secret of their source stands, as it is or as in an address."""
    for word in _spelled(tuple(each for each in secrets if len(each) >= _SHORTEST)):
        raw = raw.replace(word.encode("utf-8", "surrogateescape"), GONE.encode())
    return raw


@lru_cache(maxsize=1_000)
def _spelled(secrets: tuple[bytes, ...]) -> Sequence[str]:
    """Return secrets as they stand in a text, and in the query of an address."""
    words: dict[str, None] = {}
    for secret in secrets:
        if secret:
            text = secret.decode("utf-8", "surrogateescape")
            words |= dict.fromkeys((text, quote_plus(secret), quote(secret, safe="")))
    return tuple(words)


def _without(texts: Mapping[K, str], secrets: Sequence[str]) -> dict[K, str]:
    return {name: _gone(text, secrets) for name, text in texts.items()}


def _gone(text: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, GONE)
    return text
