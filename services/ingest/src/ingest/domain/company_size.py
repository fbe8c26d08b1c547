"""How many people work at a company, out of what a form says: ``51-200`` is read as 51. Pure."""

import re
import unicodedata

MOST = 10_000_000
_LONGEST = 100
_NUMBER = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:[.,'’ ][0-9]{3}(?![0-9]))+|[0-9]{1,12})"
    r"(?:[.,](?P<part>[0-9]{1,2})(?![0-9]))?"
    r"\s?(?P<unit>(?:k|tsd\.?|thousand|m|mio\.?|million)\b)?"
)
_UNITS = {"k": 1_000, "tsd": 1_000, "thousand": 1_000, "m": 10**6, "mio": 10**6, "million": 10**6}
_BELOW = re.compile(
    r"(?:<|≤|up to|less than|fewer than|under|below|max|bis|unter|weniger als|moins de|menos de)\b"
    r"|[<≤]"
)
_ALONE = re.compile(
    r"(?:self[- ]?employed|freelancer?|sole trader|solo(?:preneur)?|(?:just|only) me|myself"
    r"|selbstst?ändige?r?|freiberufler(?:in)?|indépendante?|autónom[oa]|zzp(?:'er)?)\Z"
)


def employees(text: str) -> int | None:
    """Return the number, of a band its lower end, or None where the text holds none."""
    if len(text) > _LONGEST:
        return None
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if _ALONE.match(words):
        return 1
    found = _NUMBER.search(words)
    if found is None:
        return None
    number = _number(found)
    if number > MOST:
        return None
    return 1 if _BELOW.match(words) else number


def _number(found: re.Match[str]) -> int:
    """Return the number as it is meant: ``2.5k`` is 2,500 and ``1.000`` is 1,000."""
    whole = int(re.sub(r"[^0-9]", "", found["whole"]))
    if found["unit"] is None:
        return whole
    times = _UNITS[found["unit"].rstrip(".")]
    part = found["part"]
    return whole * times + (0 if part is None else int(part) * times // 10 ** len(part))
