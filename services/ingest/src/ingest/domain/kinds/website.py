"""Pages that carry baton.js: views, forms and what else a visitor does, several in one body.

Anybody may send; pages of other hosts are kept out by the source's ``origins``. The body is JSON,
as text/plain too, which a browser sends without asking first. An event that cannot be read is
passed over, so that no other one waits behind it for ever.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator

from contracts.events.kinds import ConsentState, Purpose, TouchKind
from contracts.facts import clean_text
from ingest.domain.browser_clock import reckoned
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant_of
from ingest.domain.kinds.kind import (
    SAMPLE_FIELDS,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Refused,
    Sample,
    as_json,
)
from ingest.domain.naming import read_named, utm_of, word
from ingest.domain.page import host_of
from ingest.domain.sent import Malformed, Sent, TooMuch, object_in
from ingest.domain.source import Origin, Source, some
from ingest.domain.spam import TOOK
from ingest.domain.submission import CLICK_IDS, UTM, Slot, Submission, click_ids
from ingest.domain.text import exact, one_line

_MEDIA = frozenset({"text/plain", "application/json"})
_MOST_EVENTS = 100
_MOST_VALUES = 20_000
_LONGEST_ID = 100
_LONGEST_PAGE = 2_000
_SAYABLE = (ConsentState.GRANTED, ConsentState.DENIED)
_FROM = (*UTM, *CLICK_IDS, "referrer", "page", "at")
"""What the script keeps of how a visitor came."""


class Website(Source):
    """Pages that carry baton.js."""

    NEEDS_SECRET: ClassVar[bool] = False

    kind: Literal["website"]
    origins: Annotated[tuple[Origin, ...], AfterValidator(some)]
    """The pages' hosts."""


def _verify(sent: Sent, _source: Website, _held: Credentials) -> Refusal | None:
    if sent.media not in _MEDIA:
        return Refusal(Refused.FORMAT, f"Events come as {' or '.join(sorted(_MEDIA))}.")
    return None


def _parse(sent: Sent, _source: Website) -> Heard:
    body = object_in(sent.body, _MOST_VALUES)
    events, sent_at = body.get("events"), instant_of(body.get("sent_at"), 1_000)
    if not isinstance(events, list) or not events:
        raise Malformed(
            "The body holds no events.", (("body.events", "expected a list of at least one"),)
        )
    if len(events) > _MOST_EVENTS:
        raise TooMuch(f"The body has more than {_MOST_EVENTS} events.")
    told = tuple(read for each in events if (read := _told(each, sent_at, sent.received_at)))
    return Heard(told, passed_over=len(events) - len(told))


def _told(event: Any, sent_at: datetime | None, received_at: datetime) -> Submission | None:  # noqa: ANN401 - JSON's values
    """Return what one event tells; None for one that cannot be read."""
    if not isinstance(event, dict):
        return None
    read, sender_id = _READ.get(str(event.get("type"))), _id(event.get("id"))
    if read is None or sender_id is None:
        return None
    happened_at = instant_of(event.get("at"), 1_000)
    beside = {
        "sender_id": sender_id,
        "anonymous_id": _id(event.get("anonymous_id")),
        "submitted_at": reckoned(received_at, sent_at, happened_at),
        "is_reckoned": True,
        "consents": _consents(event.get("consent")),
    }
    return read(event, beside)


def _form(event: Mapping[str, Any], beside: Mapping[str, Any]) -> Submission | None:
    """Return a form that was sent; how the visitor came counts where the form does not say."""
    last, first = _came(event.get("last")), _came(event.get("first"))
    pairs = list(_pairs(event.get("fields")))
    told = read_named([*pairs, *_beside_form(event, first)])
    if not pairs:
        return None
    page = _text(event.get("page"), _LONGEST_PAGE)
    return _with(
        told,
        beside,
        slots=told.slots if page is None else {Slot.PAGE: page, **told.slots},
        facts=_referrer(last),
        form=word(_text(event.get("form")) or "") or told.form,
        utm=told.utm or utm_of(last),
        click_ids={**click_ids(last), **told.click_ids},
    )


def _beside_form(event: Mapping[str, Any], first: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield what the script says beside the fields; what a form calls the same stays, too."""
    took = event.get("took")
    if isinstance(took, int) and not isinstance(took, bool):
        yield TOOK, str(took)
    for name, text in first.items():
        yield f"first_{name}", text


def _page(event: Mapping[str, Any], beside: Mapping[str, Any]) -> Submission | None:
    return _seen(event, beside, TouchKind.PAGE, {})


def _event(event: Mapping[str, Any], beside: Mapping[str, Any]) -> Submission | None:
    name = clean_text(_text(event.get("name")) or "")
    return _seen(event, beside, TouchKind.EVENT, {"touch.event": name}) if name else None


def _consent(event: Mapping[str, Any], beside: Mapping[str, Any]) -> Submission | None:
    return _seen(event, beside, TouchKind.OTHER, {}) if beside["consents"] else None


def _seen(
    event: Mapping[str, Any], beside: Mapping[str, Any], kind: TouchKind, facts: Mapping[str, str]
) -> Submission | None:
    """Return what a visitor did without a word about himself; None where no browser is named."""
    page, came = _text(event.get("page"), _LONGEST_PAGE), _came(event.get("from"))
    if beside["anonymous_id"] is None or (page is None and kind is TouchKind.PAGE):
        return None
    return _with(
        Submission(kind=kind, slots={} if page is None else {Slot.PAGE: page}),
        beside,
        facts={**facts, **_referrer(came)},
        utm=utm_of(came),
        click_ids=click_ids(came),
        is_passive=True,
    )


def _with(told: Submission, beside: Mapping[str, Any], **more: Any) -> Submission:  # noqa: ANN401
    return replace(told, **beside, **more)


def _pairs(fields: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON's values
    """Yield the fields of a form: pairs, so that a name may stand twice."""
    for each in fields if isinstance(fields, list) else ():
        if isinstance(each, list) and len(each) == 2 and isinstance(each[0], str):  # noqa: PLR2004 - a pair
            yield from flattened(each[1], each[0])


def _came(data: Any) -> dict[str, str]:  # noqa: ANN401 - JSON's values
    """Return how the visitor came, as the page's address and its referrer told the script."""
    if not isinstance(data, dict):
        return {}
    return {
        name: text
        for name in _FROM
        if (text := _text(data.get(name), _LONGEST_PAGE, exact)) is not None
    }


def _referrer(came: Mapping[str, str]) -> dict[str, str]:
    host = clean_text(host_of(came.get("referrer", "")) or "")
    return {} if host is None else {"touch.referrer": host}


def _consents(said: Any) -> dict[Purpose, ConsentState]:  # noqa: ANN401 - JSON's values
    if not isinstance(said, dict):
        return {}
    return {
        purpose: ConsentState(said[purpose.value])
        for purpose in Purpose
        if said.get(purpose.value) in _SAYABLE
    }


def _id(value: object) -> str | None:
    text = _text(value, _LONGEST_ID + 1, exact)
    return None if text is None or len(text) > _LONGEST_ID else text


def _text(
    value: object, longest: int = 200, clean: Callable[[str, int], str | None] = one_line
) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return clean(value, longest) if isinstance(value, str) else None


_READ: Mapping[str, Callable[[Mapping[str, Any], Mapping[str, Any]], Submission | None]]
_READ = MappingProxyType({"page": _page, "form": _form, "event": _event, "consent": _consent})


def _sample(source: Website, _held: Credentials, _url: str, now: datetime) -> Sample:
    at = int(now.timestamp() * 1_000)
    event = {
        "id": f"test {now.isoformat()}",
        "type": "form",
        "at": at,
        "page": f"{source.origins[0]}/",
        "fields": list(SAMPLE_FIELDS.items()),
    }
    body = as_json({"sent_at": at, "events": [event]})
    return Sample(body, {"content-type": "text/plain", "origin": source.origins[0]})


KIND = Kind("website", Website, _verify, _parse, _sample)
