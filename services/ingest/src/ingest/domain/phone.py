"""A phone number in E.164. Pure."""

import phonenumbers

_LONGEST = 40
_ABROAD = "00"


def e164(text: str, country: str | None) -> str | None:
    """Return the number as ``+442071838750``, or None where it is not one.

    ``country`` (ISO 3166-1) is where a number without its country's code is taken to be.
    """
    if len(text) > _LONGEST:
        return None
    if text.startswith(_ABROAD):
        text = "+" + text.removeprefix(_ABROAD)
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
