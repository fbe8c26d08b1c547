"""A country's code of ISO 3166-1 out of its code or name as forms send it. Pure.

Names come from ISO's own list and its translations (pycountry, which carries Debian's iso-codes);
here stand only those that people write and ISO does not.
"""

import gettext
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib.resources import files
from io import BytesIO

import pycountry

_LANGUAGES = (
    *("de", "fr", "es", "it", "nl", "pt", "pt_BR", "pl", "sv", "da", "nb_NO", "fi", "cs", "sk"),
    *("hu", "ro", "bg", "el", "tr", "ru", "uk", "hr", "sl", "sr", "lt", "lv", "et", "ca", "ga"),
    *("ja", "zh_CN", "zh_TW", "ko", "ar", "he", "hi", "id", "vi", "th"),
)
_ALSO = """
AE UAE | BA Bosnia | CC Cocos Islands | CD Congo-Kinshasa | CD DR Congo
CD Democratic Republic of the Congo
CD The Democratic Republic of Congo | CG Congo-Brazzaville | CI Ivory Coast | CV Cape Verde
DE Allemagne | FK Falkland Islands | GB UK | GB Great Britain | GB Britain | GB England
GB Scotland | GB Wales | GB Northern Ireland | KR Korea | KR Republic of Korea
MF Saint Martin | MK Macedonia | NL Holland | PS Palestine | RU Russia | RU Russland | RU Russie
RU Rusia | RU Rusland | RU Россия | SH Saint Helena
SZ Swaziland | TR Turkey | US America | US U.S. | US U.S.A. | VA Vatican | VI U.S. Virgin Islands
"""
_NAMES_OF_ONE = ("name", "common_name", "official_name")
_APART = re.compile(r"[.,()]")
_SAINT = re.compile(r"\b(?:st|ste|sankt)\b")
_LONGEST = 100

# Sold to everybody, so that they say nothing of a place; Google treats these as generic as well:
# https://developers.google.com/search/docs/specialty/international/managing-multi-regional-sites
_SOLD_TO_ALL = frozenset(
    {
        "ac", "ad", "ag", "ai", "am", "as", "bz", "cc", "cd", "cf", "co", "cx", "dj", "fm", "ga",
        "gg", "gl", "gq", "io", "la", "ly", "me", "ml", "ms", "mu", "nu", "pw", "sc", "sh", "sr",
        "st", "su", "tk", "to", "tv", "vc", "vg", "ws",
    }
)  # fmt: skip


def country_code(text: str) -> str | None:
    """Return two capital letters, or None where the text names no country."""
    if len(text) > _LONGEST:
        return None
    code, names = text.strip().upper(), _names()
    if code in _codes():
        return code
    return names.get(_spelled(text))


def country_of_domain(domain: str) -> str | None:
    """Return the country whose top-level domain it is; None where that is sold to everybody."""
    last = domain.rpartition(".")[2].lower()
    if last in _SOLD_TO_ALL:
        return None
    code = "GB" if last == "uk" else last.upper()
    return code if code in _codes() else None


def _spelled(name: str) -> str:
    """Return the name without what people leave out: accents, stops, ``the``."""
    parts = unicodedata.normalize("NFKD", name).casefold()
    bare = "".join(c for c in parts if not "\u0300" <= c <= "\u036f")
    bare = _APART.sub(" ", bare.replace("&", " and ").replace("’", "'"))
    return " ".join(_SAINT.sub("saint", bare).split()).removeprefix("the ")


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    return frozenset(country.alpha_2 for country in pycountry.countries)


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    """Return the code of every name; what is two countries' name in two languages is nobody's."""
    codes: dict[str, set[str]] = {}
    for name, code in _translated():
        codes.setdefault(_spelled(name), set()).add(code)
    found = {name: next(iter(of)) for name, of in codes.items() if len(of) == 1}
    for entry in (part.strip() for line in _ALSO.strip().splitlines() for part in line.split("|")):
        found[_spelled(entry[3:])] = entry[:2]
    return found


def _translated() -> Iterator[tuple[str, str]]:
    """Yield name and code, of every country in every language."""
    named = [
        (name, country.alpha_2)
        for country in pycountry.countries
        for field in _NAMES_OF_ONE
        if (name := getattr(country, field, None))
    ]
    yield from named
    yield from ((country.alpha_3, country.alpha_2) for country in pycountry.countries)
    for language in _LANGUAGES:
        # gettext.translation would keep what is needed once for as long as the process lives.
        file = files(pycountry).joinpath("locales", language, "LC_MESSAGES", "iso3166-1.mo")
        words = gettext.GNUTranslations(BytesIO(file.read_bytes()))
        yield from ((words.gettext(name), code) for name, code in named)
