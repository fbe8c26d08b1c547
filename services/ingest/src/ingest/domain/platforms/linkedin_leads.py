"""LinkedIn's lead sync: a response fetched with its form, and an owner's responses listed. Pure.

https://learn.microsoft.com/linkedin/marketing/lead-sync/leadsync. Answers name questions by number
only; ``form`` among the fields brings the form at the version that was filled in.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from contracts.events.kinds import TouchKind
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
from ingest.domain.flattening import text_of
from ingest.domain.instants import instant_of
from ingest.domain.naming import read_named, word
from ingest.domain.platforms.answered import entries_of, ids_of, object_of, read_object
from ingest.domain.submission import Submission

API = "https://api.linkedin.com"
VERSION = "202601"
_FIELDS = (
    "id,submittedAt,testLead,owner,leadType,leadMetadata,associatedEntity,"
    "versionedLeadGenFormUrn,formResponse,form:(id,name,hiddenFields,creationLocale,content)"
)
_NUMBER = re.compile(r"(?:leadGenForm|sponsoredCampaign|sponsoredCreative):([0-9]+)")
_PAGE = 100
_MOST_PAGES = 200


def _ask(source: Any, held: Any, path: str) -> Ask:  # noqa: ANN401
    headers = {
        "authorization": f"Bearer {held.named['fetch.token'].decode()}",
        "linkedin-version": source.fetch.version or VERSION,
        "x-restli-protocol-version": "2.0.0",
    }
    base = (source.fetch.base_url or API).rstrip("/")
    return Ask(f"{base}/rest/{path}", headers=headers)


def _step(pointer: Pointer, source: Any, held: Any, got: Sequence[Got]) -> Step:  # noqa: ANN401
    if not got:
        return _ask(source, held, f"leadFormResponses/{pointer.lead}?fields={_FIELDS}")
    data = read_object(got[0])
    if isinstance(data, Hindered):
        return data
    form = object_of(data, "form")
    if not form and (number := form_of(data, pointer)) is not None:
        if len(got) == 1:
            return replace(_ask(source, held, f"leadForms/{number}"), lasting=True)
        found = read_object(got[1])
        if not isinstance(found, Hindered):
            form = found
        elif found.why is not Hindrance.ABSENT:
            return found
    # Without its form a lead has answers without questions: they are kept by number.
    return submission_of(data, form, pointer)


def form_of(data: Mapping[str, Any], pointer: Pointer) -> str | None:
    """Return the form's number, from the response or else from the notice."""
    urn = text_of(data.get("versionedLeadGenFormUrn")) or pointer.about.get("form", "")
    return _number(urn)


def _number(urn: str | None) -> str | None:
    found = _NUMBER.search(urn or "")
    return found[1] if found else None


def submission_of(data: Mapping[str, Any], form: Mapping[str, Any], pointer: Pointer) -> Submission:
    """Return what a response tells, with its questions from the form."""
    metadata = object_of(data, "leadMetadata", "sponsoredLeadMetadata")
    creative = object_of(data, "associatedEntity").get("associatedCreative")
    pairs = [
        *_answers(data, form),
        *_consents(data),
        *_hidden(form),
        ("lead_type", text_of(data.get("leadType")) or ""),
        ("creative", _number(text_of(creative)) or ""),
    ]
    told = read_named([pair for pair in pairs if pair[1]], TouchKind.AD_LEAD)
    return replace(
        told,
        sender_id=pointer.lead,
        # A deletion names the response, so that this is what it finds the person by.
        person_id=pointer.lead,
        submitted_at=instant_of(data.get("submittedAt"), 1_000),
        is_test=data.get("testLead") is True,
        form=word(form_of(data, pointer) or "") or told.form,
        campaign=word(_number(text_of(metadata.get("campaign"))) or "") or told.campaign,
    )


def _answers(data: Mapping[str, Any], form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    asked = {
        text_of(each.get("questionId")): each
        for each in entries_of(object_of(form, "content"), "questions")
        if isinstance(each, dict)
    }
    for each in entries_of(object_of(data, "formResponse"), "answers"):
        if not isinstance(each, dict):
            continue
        number = text_of(each.get("questionId")) or ""
        question = asked.get(number, {})
        known = text_of(question.get("predefinedField"))
        name = known.lower() if known else text_of(question.get("name")) or number
        for text in _texts(object_of(each, "answerDetails"), question):
            yield name, text


def _texts(details: Mapping[str, Any], question: Mapping[str, Any]) -> Iterator[str]:
    if (text := text_of(object_of(details, "textQuestionAnswer").get("answer"))) is not None:
        yield text
    choices = object_of(question, "questionDetails", "multipleChoiceQuestionDetails")
    options = {
        text_of(each.get("id")): _localized(each.get("text"))
        for each in entries_of(choices, "options")
        if isinstance(each, dict)
    }
    for option in entries_of(object_of(details, "multipleChoiceAnswer"), "options"):
        number = text_of(option)
        if number is not None:
            yield options.get(number) or number


def _localized(text: object) -> str | None:
    several = object_of(text, "localized")
    return text_of(next(iter(several.values()), None))


def _consents(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in entries_of(object_of(data, "formResponse"), "consentResponses"):
        if isinstance(each, dict) and (number := text_of(each.get("consentId"))) is not None:
            yield f"consent.{number}", "yes" if each.get("accepted") is True else "no"


def _hidden(form: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for each in entries_of(form, "hiddenFields"):
        if isinstance(each, dict) and (name := text_of(each.get("name"))) is not None:
            yield name, text_of(each.get("value")) or ""


def _listing(source: Any, held: Any, since: datetime, got: Sequence[Got]) -> Listing:  # noqa: ANN401
    leads: list[Pointer] = []
    for answer in got:
        data = read_object(answer)
        if isinstance(data, Hindered):
            return data
        elements = entries_of(data, "elements")
        leads += [Pointer(lead) for lead in ids_of(elements)]
        if len(elements) < _PAGE or len(got) >= _MOST_PAGES:
            return Listed(tuple(leads))
    kind = source.owner.split(":")[2]
    query = (
        f"q=owner&owner=({kind}:{quote(source.owner, safe='')})"
        f"&leadType=(leadType:{source.lead_type})&limitedToTestLeads=false"
        f"&submittedAtTimeRange=(start:{int(since.timestamp() * 1000)})"
        f"&fields=id&count={_PAGE}&start={_PAGE * len(got)}"
    )
    return _ask(source, held, f"leadFormResponses?{query}")


FETCHING = Fetching(_step, _listing)
