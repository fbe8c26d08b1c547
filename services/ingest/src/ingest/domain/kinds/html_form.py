"""A plain form of a web page: urlencoded or multipart in, 303 to a page of the policy's list out.

A page's script that asks for JSON gets JSON. Anybody may send a form; which pages may read the
answer, the source's origins say.
https://html.spec.whatwg.org/multipage/form-control-infrastructure.html
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import urlencode

from pydantic import AfterValidator

from ingest.domain.form_body import FORM, URLENCODED, pairs_of
from ingest.domain.kinds.kind import (
    SAMPLE_FIELDS,
    Answer,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Refused,
    Sample,
    as_json,
)
from ingest.domain.naming import read_named
from ingest.domain.page import on_this_machine
from ingest.domain.sent import Malformed, Sent
from ingest.domain.source import Address, Origin, Source, some
from ingest.domain.text import exact

THANK_YOU = "thank_you"
ANONYMOUS = "_baton_anonymous_id"
"""A hidden field that baton.js adds: the id of the browser."""
_LONGEST_ID = 100


class HtmlForm(Source):
    """A plain form of a web page."""

    NEEDS_SECRET: ClassVar[bool] = False

    kind: Literal["html_form"]
    origins: Annotated[tuple[Origin, ...], AfterValidator(some)]
    """The pages' hosts."""
    thank_you: Annotated[tuple[Address, ...], AfterValidator(some)]
    """Where the visitor may be sent afterwards; the first one unless the form names another."""


def _verify(sent: Sent, _source: HtmlForm, _held: Credentials) -> Refusal | None:
    """Anybody may send; only what a form is sent as is looked at."""
    if sent.media not in FORM:
        return Refusal(Refused.FORMAT, f"A form comes as {' or '.join(sorted(FORM))}.")
    return None


def _parse(sent: Sent, _source: HtmlForm) -> Heard:
    pairs = pairs_of(sent)
    told = read_named(pairs, own=frozenset({THANK_YOU, ANONYMOUS}))
    if not told.fields:
        raise Malformed(
            "The form has no field with a value.",
            (("body", "expected at least one field that is filled in"),),
        )
    browser = exact(dict(pairs).get(ANONYMOUS, ""), _LONGEST_ID)
    return Heard((replace(told, anonymous_id=browser),))


def _answer(sent: Sent, source: HtmlForm, touches: Sequence[str], *, local: bool) -> Answer:
    if "application/json" in sent.headers.get("accept", ""):
        return Answer(as_json({"touch_id": touches[0]}))
    return Answer(page=thank_you(source, pairs_of(sent), local=local))


def thank_you(source: HtmlForm, fields: Sequence[tuple[str, str]], *, local: bool) -> str:
    """Return where the visitor is sent: the page that the form names, if the policy lists it.

    Else the first one listed; in development (``local``) the first one on this machine.
    """
    named = dict(fields).get(THANK_YOU)
    if named in source.thank_you and named is not None:
        return named
    near = [each for each in source.thank_you if on_this_machine(each)] if local else []
    return (near or list(source.thank_you))[0]


def _sample(source: HtmlForm, _held: Credentials, _url: str, _now: datetime) -> Sample:
    headers = {"content-type": URLENCODED, "origin": source.origins[0]}
    return Sample(urlencode(SAMPLE_FIELDS).encode(), headers)


KIND = Kind("html_form", HtmlForm, _verify, _parse, _sample, answer=_answer)
