"""What of a touch speaks for spam, and whether the policy stops it. Pure.

Signs are recorded with the touch whatever the verdict; a source without a rule stops nothing.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ingest.domain.gibberish import is_gibberish
from ingest.domain.known import Known
from ingest.domain.spam_rule import Sign, SpamRule, Verdict
from ingest.domain.submission import Submission

SHOWN_AT = "_baton_t"
"""A form's hidden field: when it was shown, milliseconds since 1970 (UTC) on its server's clock."""
TOOK = "_baton_took"
"""A form's hidden field: for how many milliseconds it was shown, as its own script counted."""
_OWN = frozenset({SHOWN_AT, TOOK})
_LONGEST_SHOWN = timedelta(days=1)
_MOST_DIGITS = 15


def without_clock(told: Submission) -> Submission:
    """Return the submission without the fields that only tell how fast it was filled in."""
    if _OWN.isdisjoint(told.fields):
        return told
    return replace(
        told,
        fields={name: text for name, text in told.fields.items() if name not in _OWN},
        unknown={name: text for name, text in told.unknown.items() if name not in _OWN},
    )


def took(told: Submission, received_at: datetime) -> timedelta | None:
    """Return how long the form was shown; None where nothing, or nothing credible, is said."""
    counted, shown_at = _milliseconds(told, TOOK), _milliseconds(told, SHOWN_AT)
    if counted is not None:
        return timedelta(milliseconds=counted)
    if shown_at is None:
        return None
    shown = received_at - (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=shown_at))
    # A clock that goes wrong, or a page out of a cache, says nothing of whoever sent the form.
    return shown if timedelta(0) <= shown <= _LONGEST_SHOWN else None


def signs(
    told: Submission, known: Known, rule: SpamRule | None, received_at: datetime
) -> tuple[Sign, ...]:
    """Return what speaks for spam, in the order of ``Sign``; never of a sender's test."""
    if told.is_test:
        return ()
    person, asked = known.person, rule or SpamRule()
    shown = took(told, received_at)
    words = person.full_name or ""
    found = {
        Sign.HONEYPOT: asked.honeypot is not None and asked.honeypot in told.fields,
        Sign.DISPOSABLE: known.facts.truth("lead.email_is_disposable") is True,
        Sign.GIBBERISH: is_gibberish(words) or is_gibberish(person.request_text or ""),
        Sign.TOO_FAST: (
            asked.fastest is not None and shown is not None and shown < asked.fastest.span
        ),
    }
    return tuple(sign for sign, is_there in found.items() if is_there)


def is_spam(found: tuple[Sign, ...], rule: SpamRule | None) -> bool:
    """Tell whether the policy stops a touch for one of its signs."""
    return rule is not None and any(rule.verdict_on(sign) is Verdict.STORE for sign in found)


def _milliseconds(told: Submission, name: str) -> int | None:
    text = told.fields.get(name, "")
    plain = text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
    number = int(text) if plain else None
    return number if number is None or number < 10**14 else None
