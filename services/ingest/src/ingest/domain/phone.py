"""A phone number in E.164. Pure.

A number is taken when it is possible (its length fits its country's plan); one that is also valid
(a range that was given out) goes before one that is only possible, since new ranges are opened
before the library hears of them. https://github.com/google/libphonenumber/blob/master/FAQ.md
"""

from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers
from phonenumbers import PhoneNumber

_LONGEST = 60
_ABROAD = "00"
_LEAST_ABROAD = 8
"""Digits with their country's code; fewer are never taken for a number that lost its plus."""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number that can be called."""

    e164: str
    extension: str | None


def e164(text: str, country: str | None) -> str | None:
    """Return the number as ``+442071838750``, or None where it is not one."""
    found = read_phone(text, (country,))
    return None if found is None else found.e164


def read_phone(text: str, countries: Iterable[str | None] = ()) -> Phone | None:
    """Return the number, or None where the text is not one. Raises nothing.

    ``countries`` (ISO 3166-1) are where a number without its country's code may be, likeliest
    first. A number of digits alone that is none in any of them has lost its plus, as numbers in
    JSON do: it is read with one.
    """
    written = text.strip().removeprefix("tel:").strip()
    if len(written) > _LONGEST:
        return None
    if written.startswith(_ABROAD):
        written = "+" + written.removeprefix(_ABROAD)
    tried: list[str | None] = [country for country in countries if country is not None]
    numbers = [
        number for country in tried or [None] if (number := _parsed(written, country)) is not None
    ]
    if written.isascii() and written.isdigit() and len(written) >= _LEAST_ABROAD:
        abroad = _parsed(f"+{written}", None)
        # Possible is not enough here: with a plus before it nearly every number is.
        if abroad is not None and phonenumbers.is_valid_number(abroad):
            numbers.append(abroad)
    if not numbers:
        return None
    chosen = numbers[0]
    if len(numbers) > 1:
        chosen = next((each for each in numbers if phonenumbers.is_valid_number(each)), chosen)
    return Phone(
        e164=phonenumbers.format_number(chosen, phonenumbers.PhoneNumberFormat.E164),
        extension=chosen.extension,
    )


def _parsed(text: str, country: str | None) -> PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_possible_number(number) else None
