"""A person's name: told as a whole and in its parts, in ordinary case, without salutation. Pure.

What is changed is handed back as it was sent, so that nothing of a name is ever lost. Parts come
from nameparser; the commonest shape of all, two plain words, is told without it, since the parser
costs as much as all the rest of a touch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from nameparser import HumanName
from nameparser.config import CONSTANTS

_LONGEST = 100
_NO_NAME = re.compile(r"[0-9@<>{}\[\]]|://|www\.")
_PLAIN = re.compile(r"([^\W\d_][\w'’-]*) ([^\W\d_][\w'’-]*)\Z")
_PIECE = re.compile(r"[^\s'’-]+|[\s'’-]")
_NUMERAL = re.compile(r"(?:I{2,3}|IV|VI{1,3})\Z")
_LAST_EUROPEAN = "\u052f"
"""Letters up to here, Latin, Greek and Cyrillic, have the case that is mended here."""
_LEAST_MC = 5
_SHORTEST = 3
"""Fewer capitals than these may be initials: AJ, JD."""
_TURKISH = frozenset("İı")
"""Python's lower case of these is not Turkish."""
_SPECIAL = frozenset(
    word
    for words in (
        *(CONSTANTS.titles, CONSTANTS.prefixes, CONSTANTS.suffix_acronyms),
        *(CONSTANTS.suffix_not_acronyms, CONSTANTS.conjunctions, CONSTANTS.bound_first_names),
    )
    for word in words
)
_PARTICLES = frozenset(CONSTANTS.prefixes)


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name; what nobody said and nobody can tell is missing."""

    first: str | None = None
    last: str | None = None
    full: str | None = None
    salutation: str | None = None
    as_sent: Mapping[str, str] = field(default_factory=dict)
    """By part, what was sent where it reads otherwise here."""


def read_name(first: str | None, last: str | None, full: str | None) -> PersonName:
    """Return the name that a sender told in parts, as a whole, or both.

    A whole is split only for the parts that are missing; parts make a whole that is missing.
    """
    whole, salutation, parts = full, None, ("", "")
    if full is not None and not _NO_NAME.search(full) and len(full) <= _LONGEST:
        whole, salutation, parts = _split(full)
    told = {"first_name": first or parts[0], "last_name": last or parts[1]}
    read = {name: ordinary(text) for name, text in told.items() if text}
    if whole is None:
        whole = " ".join(text for text in (first, last) if text) or None
    shown = None if whole is None else ordinary(whole)
    sent = {"first_name": first, "last_name": last, "full_name": full}
    now = {**read, "full_name": shown}
    return PersonName(
        first=read.get("first_name"),
        last=read.get("last_name"),
        full=shown,
        salutation=salutation,
        as_sent={name: text for name, text in sent.items() if text and text != now.get(name)},
    )


def _split(full: str) -> tuple[str, str | None, tuple[str, str]]:
    """Return the whole without salutation, the salutation, and first and last name."""
    plain = _PLAIN.match(full)
    if plain and not {word.casefold() for word in plain.groups()} & _SPECIAL and full.isascii():
        return full, None, (plain[1], plain[2])
    told = HumanName(full)
    if not told.first and not told.last:
        return full, None, ("", "")
    whole = full
    if told.title or "," in full:
        named = (told.first, told.middle, told.last, told.suffix.replace(",", ""))
        whole = " ".join(part for part in named if part)
    return whole, told.title or None, (told.first, told.last)


def ordinary(name: str) -> str:
    """Return a name that is all capitals or all small letters in ordinary case; others as is."""
    if _NO_NAME.search(name) or not (_is_shouted(name) or _is_mumbled(name)):
        return name
    pieces = [str(piece) for piece in _PIECE.findall(name)]
    words = [index for index, piece in enumerate(pieces) if piece[0].isalpha()]
    for index in words:
        before = pieces[index - 1] if index else " "
        stands_alone = before.isspace() and pieces[index + 1 : index + 2] == [" "]
        is_end = before in {"'", "’"} and index == words[-1]
        pieces[index] = _cased(pieces[index], stands_alone=stands_alone, is_end=is_end)
    return "".join(pieces)


def _cased(piece: str, *, stands_alone: bool, is_end: bool) -> str:
    """Return one piece of a name; a particle like ``van`` that others follow stays small."""
    small = piece.lower()
    if _NUMERAL.match(piece):
        return piece
    if (stands_alone and small in _PARTICLES) or (is_end and len(small) == 1):
        return small
    if small.startswith("mc") and len(small) >= _LEAST_MC:
        return "Mc" + small[2:].capitalize()
    return small.capitalize()


def _letters(name: str) -> list[str]:
    return [c for c in name if c.isalpha()]


def _is_shouted(name: str) -> bool:
    return name.isupper() and len(_letters(name)) >= _SHORTEST and _is_european(name)


def _is_mumbled(name: str) -> bool:
    return name.islower() and _is_european(name)


def _is_european(name: str) -> bool:
    return all(c <= _LAST_EUROPEAN and c not in _TURKISH for c in _letters(name))
