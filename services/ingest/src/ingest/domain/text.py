"""Texts as they may be kept: no control characters, no halves of characters, not too long.

Every value that a sender gave goes through here before anything else looks at it.
"""

import unicodedata

LONGEST = 1_000
LONGEST_REQUEST = 10_000

_LEFT_OUT = frozenset({"Cc", "Cs"})
_BREAKS = frozenset("\n\t")


def one_line(text: str, longest: int = LONGEST) -> str | None:
    """Return the text on one line, runs of spaces as one; None where nothing is left."""
    if text.isprintable():  # so that its only spaces are ordinary ones
        if "  " not in text and len(text) <= longest:
            return text.strip() or None
        kept = " ".join(text.split())
    else:
        kept = " ".join(_cleaned(text, frozenset()).split())
    return kept[:longest].strip() or None


def lines(text: str, longest: int = LONGEST_REQUEST) -> str | None:
    """Return the text with its line breaks; None where nothing is left."""
    kept = _cleaned(text.replace("\r\n", "\n"), _BREAKS).strip()[:longest].strip()
    return kept or None


def exact(text: str, longest: int = LONGEST) -> str | None:
    """Return an opaque id as it was sent, but for what cannot be stored; None where it is empty."""
    kept = "".join(c for c in text if unicodedata.category(c) not in _LEFT_OUT)[:longest]
    return kept or None


def _cleaned(text: str, kept: frozenset[str]) -> str:
    if text.isprintable():
        return text
    return "".join(
        " " if c not in kept and unicodedata.category(c) in _LEFT_OUT else c
        for c in text.encode("utf-8", "ignore").decode("utf-8", "ignore")
    )
