"""A company's name and its domain as forms give them. Pure.

The legal form (GmbH, Ltd) stays: it tells apart who would be one otherwise.
"""

from urllib.parse import urlsplit

from contracts.facts import clean_text
from ingest.domain.address import company_domain_of

_NOBODY = frozenset(
    {
        "", "-", "--", ".", "/", "n/a", "na", "none", "no", "nil", "null", "keine", "kein",
        "aucune", "ninguna", "private", "privat", "individual", "self", "self employed",
        "self-employed", "freelance", "freelancer", "not applicable", "unknown", "test",
    }
)  # fmt: skip
_AROUND = " \t,;|\"'“”„«»`"
_LONGEST_ADDRESS = 500


def company_name(text: str) -> str | None:
    """Return the name without what stands around it; None for a word that says there is none."""
    bare = clean_text(text)
    bare = None if bare is None else bare.strip(_AROUND)
    return None if not bare or bare.casefold().rstrip(".") in _NOBODY else bare


def company_domain(text: str) -> str | None:
    """Return the registrable domain of a website, a host or an address.

    None for what is none of them, and for hosts that are no company's: free and throw-away mail.
    """
    words = text.strip()
    if not words or len(words) > _LONGEST_ADDRESS or any(c.isspace() for c in words):
        return None
    try:
        host = urlsplit(words if "//" in words else f"//{words}").hostname
    except ValueError:
        return None
    return None if host is None else company_domain_of(host)
