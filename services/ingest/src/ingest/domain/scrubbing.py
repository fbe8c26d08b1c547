"""Secrets out of what senders repeat: some put the address they send to into the body. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from ingest.domain.submission import Submission

K = TypeVar("K")
GONE = "(secret)"


def scrubbed(told: Submission, secrets: Sequence[bytes]) -> Submission:
    """Return a submission in which no secret of its source stands."""
    words = [secret.decode("utf-8", "surrogateescape") for secret in secrets if secret]
    texts = (*told.slots.values(), *told.fields.values(), *told.unknown.values())
    if not any(secret in text for text in texts for secret in words):
        return told
    return replace(
        told,
        slots=_without(told.slots, words),
        fields=_without(told.fields, words),
        unknown=_without(told.unknown, words),
    )


def _without(texts: Mapping[K, str], secrets: Sequence[str]) -> dict[K, str]:
    kept = {}
    for name, text in texts.items():
        for secret in secrets:
            text = text.replace(secret, GONE)  # noqa: PLW2901 - each secret in its turn
        kept[name] = text
    return kept
