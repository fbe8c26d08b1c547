"""Meta's Graph: one lead fetched, and all leads of a page's forms since an instant listed. Pure.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving. Errors come as
``{"error": {"code": …}}``: 190 is the token, 80005 and its like are the rate.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.fetching import (
    Ask,
    Fetching,
    Got,
    Hindered,
    Hindrance,
    Listed,
    Listing,
    Pointer,
    Step,
)
from ingest.domain.flattening import flattened, text_of
from ingest.domain.instants import instant, instant_of
from ingest.domain.naming import KNOWN
from ingest.domain.platforms.answered import (
    data_of,
    entries_of,
    ids_of,
    object_of,
    read_object,
    wait_asked_s,
)
from ingest.domain.submission import Submission, sort_fields

GRAPH = "https://graph.facebook.com"
VERSION = "v25.0"
_FIELDS = (
    "id,created_time,ad_id,adset_id,campaign_id,form_id,field_data,is_organic,platform,"
    "custom_disclaimer_responses"
)
_DUMMY = "<test lead: dummy data for"
_OWN = frozenset({"id", "created_time", "field_data", "form_id", "campaign_id"})
_BY_CODE = {
    **dict.fromkeys((10, 102, 190, 200), Hindrance.TOKEN),
    **dict.fromkeys((4, 17, 32, 613, 80005), Hindrance.THROTTLED),
    100: Hindrance.ABSENT,
}
_MOST_PAGES = 200


def _ask(source: Any, held: Any, path: str, query: Mapping[str, str]) -> Ask:  # noqa: ANN401
    base = (source.fetch.base_url or GRAPH).rstrip("/")
    version = source.fetch.version or VERSION
    # The token goes in a header: an address ends in somebody's log.
    headers = {"authorization": f"Bearer {held.named['fetch.token'].decode()}"}
    return Ask(f"{base}/{version}/{path}?{urlencode(query)}", headers=headers)


def _read(got: Got) -> dict[str, Any] | Hindered:
    """Return the answer's data, or what hinders; Meta says with 400 what others say by status."""
    data = data_of(got)
    code = object_of(data, "error").get("code")
    if isinstance(code, int) and code in _BY_CODE:
        return Hindered(_BY_CODE[code], wait_asked_s(got))
    return read_object(got)


def _step(pointer: Pointer, source: Any, held: Any, got: Sequence[Got]) -> Step:  # noqa: ANN401
    if not got:
        return _ask(source, held, pointer.lead, {"fields": _FIELDS})
    data = _read(got[0])
    return data if isinstance(data, Hindered) else submission_of(data, pointer)


def submission_of(data: Mapping[str, Any], pointer: Pointer) -> Submission:
    """Return what a lead of the Graph tells; what it leaves out, the notice may have told."""
    pairs = [
        (str(each.get("name", "")), text)
        for each in entries_of(data, "field_data")
        if isinstance(each, dict)
        for text in _values(each.get("values"))
    ]
    told = sort_fields(pairs, KNOWN)
    beside = {name: value for name, value in data.items() if name not in _OWN}
    about = {name: text for name, text in pointer.about.items() if name not in {*_OWN, *beside}}
    more = sort_fields(flattened(about | beside), {})
    return Submission(
        kind=TouchKind.AD_LEAD,
        slots=told.slots,
        fields={**more.fields, **told.fields},
        unknown={**more.unknown, **told.unknown},
        sender_id=pointer.lead,
        submitted_at=_created(data.get("created_time"))
        or _created(pointer.about.get("created_time")),
        # Meta's tool for tests fills every field with this and marks the lead nowhere.
        is_test=any(text.startswith(_DUMMY) for _, text in pairs),
        form=clean_text(text_of(data.get("form_id")) or pointer.about.get("form_id", "")),
        campaign=clean_text(text_of(data.get("campaign_id")) or ""),
    )


def _values(values: object) -> list[str]:
    several = values if isinstance(values, list) else [values]
    return [text for each in several if (text := text_of(each)) is not None]


def _created(value: object) -> datetime | None:
    if (counted := instant_of(value, 1)) is not None:
        return counted
    return instant(value) if isinstance(value, str) else None


def _listing(source: Any, held: Any, since: datetime, got: Sequence[Got]) -> Listing:  # noqa: ANN401
    """Ask each page for its forms, each form for its leads; follow the cursors of both."""
    forms: list[str] = []
    leads: list[Pointer] = []
    answers = iter(got)
    rule = (
        f'[{{"field":"time_created","operator":"GREATER_THAN","value":{int(since.timestamp())}}}]'
    )
    for page in source.pages or ("me",):
        query = {"fields": "id", "limit": "100"}
        found = _all(source, held, f"{page}/leadgen_forms", query, answers)
        if not isinstance(found, list):
            return found
        forms += ids_of(found)
    for form in forms:
        query = {"fields": "id,created_time", "limit": "100", "filtering": rule}
        found = _all(source, held, f"{form}/leads", query, answers)
        if not isinstance(found, list):
            return found
        leads += [Pointer(lead, {"form_id": form}) for lead in ids_of(found)]
    return Listed(tuple(leads))


def _all(
    source: Any,  # noqa: ANN401
    held: Any,  # noqa: ANN401
    path: str,
    query: Mapping[str, str],
    answers: Iterator[Got],
) -> list[Any] | Ask | Hindered:
    """Return every entry of a list, or the next request for it, or what hinders."""
    entries: list[Any] = []
    for _ in range(_MOST_PAGES):
        answer = next(answers, None)
        if answer is None:
            return _ask(source, held, path, query)
        data = _read(answer)
        if isinstance(data, Hindered):
            return data
        entries += entries_of(data, "data")
        after = object_of(data, "paging", "cursors").get("after")
        if not isinstance(after, str) or not object_of(data, "paging").get("next"):
            return entries
        query = {**query, "after": after}
    return entries


FETCHING = Fetching(_step, _listing)
