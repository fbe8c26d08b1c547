"""The list of every fact that a condition may use: name, kind, example and who sets it.

docs/facts.md is generated from it; conditions are type-checked against it.
Must not list anything that says who a person is.
"""

import difflib
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

CUSTOM_NAME = re.compile(r"custom\.[a-z][a-z0-9_]{0,49}\Z")


class Kind(StrEnum):
    """What a fact's value is."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    TRUTH = "truth"
    TEXTS = "texts"
    INSTANT = "instant"


class Fact(NamedTuple):
    """One fact. `values` is the closed list of its texts, or empty when any text may stand there.

    The list of a `growing` fact is closed for conditions only: events may bring more than an
    older reader knows. A `derived` fact is made while a condition is asked and is never stored
    or sent.
    """

    name: str
    kind: Kind
    example: str
    set_by: str
    says: str
    values: tuple[str, ...] = ()
    derived: bool = False
    growing: bool = False


# The same words as the enums of contracts.events.kinds, which import this room; a test compares.
STAGES = ("LEAD", "MQL", "SQL", "OPPORTUNITY", "CUSTOMER", "RECYCLED", "DISQUALIFIED")
CONSENTS = ("asked", "granted", "denied", "withdrawn", "unknown")
TOUCH_KINDS = (
    "form",
    "ad_lead",
    "page",
    "mail_click",
    "event",
    "chat",
    "call",
    "booking",
    "erasure",
    "other",
)
CHANNELS_OF_CONTACT = ("call", "mail", "meeting", "chat")
OUTCOMES = ("spoke", "no_answer", "wrong_details", "asked_to_wait")

_LEAD = (
    Fact("lead.title", Kind.TEXT, "Head of Operations", "ingest", "job title as the lead gave it"),
    Fact("lead.country", Kind.TEXT, "GB", "ingest", "country, two capital letters of ISO 3166-1"),
    Fact("lead.region", Kind.TEXT, "US-MA", "ingest", "state or province, code of ISO 3166-2"),
    Fact(
        "lead.postcode_area",
        Kind.TEXT,
        "101",
        "ingest",
        "the first three characters of the postcode, never more",
    ),
    Fact("lead.language", Kind.TEXT, "en", "ingest", "language, two small letters of ISO 639-1"),
    Fact("lead.has_email", Kind.TRUTH, "true", "ingest", "an e-mail address is known"),
    Fact("lead.has_phone", Kind.TRUTH, "false", "ingest", "a phone number is known"),
    Fact(
        "lead.email_is_free",
        Kind.TRUTH,
        "false",
        "ingest",
        "the address is at a free mail provider",
    ),
    Fact(
        "lead.email_is_role",
        Kind.TRUTH,
        "false",
        "ingest",
        "the address is a shared one, like info@ or sales@",
    ),
    Fact(
        "lead.email_is_disposable",
        Kind.TRUTH,
        "false",
        "ingest",
        "the address is at a throw-away mail provider",
    ),
    Fact("lead.is_test", Kind.TRUTH, "false", "ingest", "the sender marked it as a test"),
    Fact(
        "lead.is_request",
        Kind.TRUTH,
        "true",
        "scoring",
        "a touch of this cycle asked for a person",
    ),
    Fact(
        "lead.consent.contact",
        Kind.TEXT,
        "asked",
        "scoring",
        "may we get in touch",
        values=CONSENTS,
    ),
    Fact(
        "lead.consent.ads_feedback",
        Kind.TEXT,
        "unknown",
        "scoring",
        "may ad platforms hear what became of it",
        values=CONSENTS,
    ),
    Fact(
        "lead.consent.profiling",
        Kind.TEXT,
        "unknown",
        "scoring",
        "may we score it",
        values=CONSENTS,
    ),
    Fact(
        "lead.territory",
        Kind.TEXT,
        "EMEA",
        "scoring",
        "area or size band by the table lists.territories",
    ),
    Fact("lead.stage", Kind.TEXT, "MQL", "scoring", "where it stands", values=STAGES),
    Fact("lead.cycle", Kind.WHOLE, "1", "scoring", "its how manieth run from MQL to an end"),
    Fact("lead.score", Kind.WHOLE, "65", "scoring", "fit plus engagement, in points"),
    Fact("lead.fit", Kind.WHOLE, "40", "scoring", "points for who they are"),
    Fact("lead.engagement", Kind.WHOLE, "25", "scoring", "points for what they do"),
    Fact("lead.grade", Kind.TEXT, "A2", "scoring", "fit A to D, then engagement 1 to 4"),
    Fact(
        "lead.first_seen_at",
        Kind.INSTANT,
        "2026-11-02T09:30:00Z",
        "scoring",
        "when its first touch happened, UTC",
    ),
    Fact("lead.first.source", Kind.TEXT, "google-demo", "scoring", "source of its first touch"),
    Fact("lead.first.channel", Kind.TEXT, "paid-search", "scoring", "channel of its first touch"),
    Fact("lead.first.campaign", Kind.TEXT, "20817", "scoring", "campaign of its first touch"),
    Fact("lead.last.source", Kind.TEXT, "website", "scoring", "source of its latest touch"),
    Fact("lead.last.channel", Kind.TEXT, "direct", "scoring", "channel of its latest touch"),
    Fact("lead.last.campaign", Kind.TEXT, "20817", "scoring", "campaign of its latest touch"),
    Fact(
        "lead.known",
        Kind.TEXTS,
        '["company.employees", "lead.country"]',
        "each condition",
        'the names of the facts that are there; ask: "company.employees" in lead.known',
        derived=True,
    ),
)
_COMPANY = (
    Fact("company.name", Kind.TEXT, "Brightwell Logistics", "ingest", "name of the company"),
    Fact("company.domain", Kind.TEXT, "brightwell.example", "ingest", "its registrable domain"),
    Fact(
        "company.employees",
        Kind.WHOLE,
        "51",
        "ingest",
        'how many people work there; of a band like "51-200" the lower end',
    ),
    Fact("company.industry", Kind.TEXT, "logistics", "ingest", "industry as the sender says it"),
)
_TOUCH = (
    Fact(
        "touch.kind",
        Kind.TEXT,
        "ad_lead",
        "ingest",
        "what it was: ad_lead, form, page and so on",
        values=TOUCH_KINDS,
        growing=True,
    ),
    Fact("touch.form", Kind.TEXT, "contact-sales", "ingest", "the form's id"),
    Fact("touch.path", Kind.TEXT, "/pricing", "ingest", "path of the page, without its query"),
    Fact(
        "touch.referrer",
        Kind.TEXT,
        "www.search.example",
        "ingest",
        "host of the page that linked to ours",
    ),
    Fact(
        "touch.event",
        Kind.TEXT,
        "Video watched",
        "ingest",
        "what was done, as the page's or app's own script calls it",
    ),
    Fact("touch.source", Kind.TEXT, "google-demo", "ingest", "the source's id in sources.yaml"),
    Fact("touch.source_kind", Kind.TEXT, "google_ads", "ingest", "the source's kind"),
    Fact("touch.channel", Kind.TEXT, "paid-search", "ingest", "how it came"),
    Fact("touch.campaign", Kind.TEXT, "20817", "ingest", "what was advertised, id or name"),
    Fact(
        "touch.campaign_name",
        Kind.TEXT,
        "Autumn, lead forms",
        "ingest",
        "the campaign as people call it: by the list of sources.yaml, spend rows or utm_campaign",
    ),
    Fact("touch.utm_source", Kind.TEXT, "google", "ingest", "utm_source of the page's address"),
    Fact("touch.utm_medium", Kind.TEXT, "cpc", "ingest", "utm_medium of the page's address"),
    Fact("touch.utm_campaign", Kind.TEXT, "autumn", "ingest", "utm_campaign of the page's address"),
    Fact("touch.is_request", Kind.TRUTH, "true", "ingest", "it asks for a person"),
    Fact(
        "touch.is_spam",
        Kind.TRUTH,
        "false",
        "ingest",
        "the source's rule stops it for one of its signs of spam; it gives no points",
    ),
    Fact(
        "touch.spam_signs",
        Kind.TEXTS,
        '["honeypot", "too_fast"]',
        "ingest",
        "what speaks for spam: honeypot, disposable, gibberish, too_fast",
    ),
)
_ACTIVITY = (
    Fact("activity.kind", Kind.TEXT, "contacted", "routing", "what sales did"),
    Fact(
        "activity.outcome",
        Kind.TEXT,
        "spoke",
        "routing",
        "what came of it",
        values=OUTCOMES,
    ),
    Fact(
        "activity.channel",
        Kind.TEXT,
        "call",
        "routing",
        "how the lead was contacted",
        values=CHANNELS_OF_CONTACT,
    ),
)

FACTS: Mapping[str, Fact] = MappingProxyType(
    {fact.name: fact for fact in (*_LEAD, *_COMPANY, *_TOUCH, *_ACTIVITY)}
)


def is_custom(name: str) -> bool:
    """Say whether `name` is an installation's own fact: `custom.` and a small-letter word."""
    return CUSTOM_NAME.match(name) is not None


def fact_named(name: str) -> Fact | None:
    """Return the registered fact of that name, or None."""
    return FACTS.get(name)


def nearest(name: str, names: Iterable[str] = FACTS) -> str | None:
    """Return the name most like `name`, for "did you mean", or None when nothing is near."""
    found = difflib.get_close_matches(name, sorted(names), n=1, cutoff=0.7)
    return found[0] if found else None
