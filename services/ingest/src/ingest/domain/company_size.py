"""How many people work at a company, out of what a form says: ``51-200`` is read as 51. Pure."""

import re

MOST = 10_000_000
_FIRST_NUMBER = re.compile(r"[0-9]{1,3}(?:[.,' ][0-9]{3})+|[0-9]+")
_BELOW = re.compile(r"^\s*(?:<|up to|less than|under|bis)\s*", re.IGNORECASE)


def employees(text: str) -> int | None:
    """Return the number, of a band its lower end, or None where the text holds none."""
    found = _FIRST_NUMBER.search(text)
    if found is None:
        return None
    number = int(re.sub(r"[^0-9]", "", found.group())[:12])
    if _BELOW.match(text):
        number = 1
    return number if number <= MOST else None
