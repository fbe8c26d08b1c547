"""Typeform: a signature in base64 over the body, answers by type; a form that is done is a lead.

https://www.typeform.com/developers/webhooks/. A 404 or 410 would switch the webhook off at once,
and other errors have the same bytes sent again for hours. The response's ``token`` names the touch:
the ``event_id`` is the delivery's.
"""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import base64_hmac, require_signature
from ingest.domain.kinds.shapes import Id, Open, Said, SomeId, checked
from ingest.domain.naming import KNOWN, is_known, read_named
from ingest.domain.sent import Sent
from ingest.domain.source import Source
from ingest.domain.submission import Slot, Submission, spelled

SIGNATURE = "typeform-signature"
_DONE = "form_response"
_MOST = 500
_OF_TYPE = {"email": "email", "phone_number": "phone"}
_WRITTEN = frozenset({"text", "number"})
_REACHES = frozenset({Slot.WORK_EMAIL, Slot.EMAIL, Slot.PHONE})
_OF_A_CHOICE = frozenset({"id", "ids", "ref", "refs"})


class Typeform(Source):
    """The webhook of one or more typeforms."""

    kind: Literal["typeform"]


class Question(Open):
    """The question of an answer."""

    id: Id = None
    ref: Id = None
    type: Said = ""
    title: Said = ""

    @property
    def names(self) -> tuple[str, ...]:
        """What the question may be called, by what people chose first."""
        return tuple(each for each in (self.ref, self.title.strip(), self.id) if each)


class Answer(Open):
    """One answer; its value stands under the name of its type."""

    type: Said = ""
    field: Question = Question()


class Definition(Open):
    """The form as it was."""

    fields: Annotated[tuple[Question, ...], Field(max_length=_MOST)] = ()


class Response(Open):
    """One filled in form."""

    form_id: Id = None
    token: SomeId
    submitted_at: Said = ""
    hidden: Mapping[str, Any] | None = None
    variables: Annotated[tuple[Mapping[str, Any], ...], Field(max_length=_MOST)] = ()
    answers: Annotated[tuple[Answer, ...], Field(max_length=_MOST)] = ()
    definition: Definition = Definition()


class Body(Open):
    """The body of the webhook."""

    event_id: Id = None
    form_response: Response


def _verify(sent: Sent, _source: Typeform, held: Credentials) -> Refusal | None:
    return require_signature(
        [sent.headers.get(SIGNATURE, "")],
        held,
        lambda key: [f"sha256={base64_hmac(key, sent.body)}"],
        SIGNATURE,
    )


def _parse(sent: Sent, source: Typeform) -> Heard:
    # A partial response is of somebody who may still be typing; the whole one comes by itself.
    if sent.object.get("event_type") != _DONE:
        return Heard(passed_over=1)
    body = checked(Body, sent.object)
    return Heard((submission_of(body, _asked(source)),))


def submission_of(body: Body, asked: AbstractSet[str]) -> Submission:
    """Return what the body tells; ``asked`` are the names that the policy calls fields by."""
    response = body.form_response
    return replace(
        read_named(_pairs(body, asked), TouchKind.FORM),
        sender_id=response.token,
        submitted_at=instant(response.submitted_at),
    )


def _pairs(body: Body, asked: AbstractSet[str]) -> Iterator[tuple[str, str]]:
    response = body.form_response
    questions = {each.id: each for each in response.definition.fields}
    for answer in response.answers:
        question = questions.get(answer.field.id, Question())
        yield from _answered(answer, question, asked)
    yield from flattened(response.hidden or {})
    for each in response.variables:
        value = {k: v for k, v in each.items() if k not in {"key", "type"}}
        for _, text in flattened(value):
            yield f"variables.{each.get('key', '')}", text
    yield from flattened(response.model_extra or {})
    yield from flattened({k: v for k, v in (body.model_extra or {}).items() if k != "event_type"})
    # A hidden field "form" goes before it.
    yield "form_id", response.form_id or ""


def _answered(
    answer: Answer, question: Question, asked: AbstractSet[str]
) -> Iterator[tuple[str, str]]:
    name = _name(answer, question, asked)
    value = (answer.model_extra or {}).get(answer.type)
    if isinstance(value, Mapping) and answer.type in {"choice", "choices"}:
        chosen = {key: each for key, each in value.items() if key not in _OF_A_CHOICE}
        yield from ((name, text) for _, text in flattened(chosen))
    else:
        yield from flattened(value, name)
    others = {k: v for k, v in (answer.model_extra or {}).items() if k != answer.type}
    yield from flattened(others, name)


def _name(answer: Answer, question: Question, asked: AbstractSet[str]) -> str:
    """Return how an answer is called: as the policy does, as a form's field, or by its question."""
    names = (*answer.field.names, *question.names)
    known = next((each for each in names if each in asked), None) or next(
        (each for each in names if is_known(each) and _may_be(answer.type, each)), None
    )
    if known is not None:
        return known
    if answer.type in _OF_TYPE:
        return _OF_TYPE[answer.type]
    shown = question.title.strip() or next(iter(names), "answer")
    return f"{shown} ({answer.type})" if is_known(shown) else shown


def _may_be(of_type: str, name: str) -> bool:
    """Tell whether an answer of a type may be what a name says of addresses and numbers.

    "By e-mail?" is answered with yes or no, and an address is asked under any name.
    """
    reaches = KNOWN.get(spelled(name)) in _REACHES
    if of_type in _OF_TYPE:
        return reaches
    return not reaches or of_type in _WRITTEN


def _asked(source: Typeform) -> AbstractSet[str]:
    """Return the names by which the policy calls the sender's fields."""
    consent = (where for _, where in source.consent.says.values())
    return {*source.fields.values(), *(each for each in consent if each)}


def _sample(_source: Typeform, held: Credentials, _url: str, now: datetime) -> Sample:
    answers = [
        {"type": "email", "email": "test@example.com", "field": {"id": "a", "type": "email"}},
        {"type": "text", "text": "Test Lead", "field": {"id": "b", "ref": "name"}},
    ]
    response = {
        "form_id": "test",
        "token": f"test {now.isoformat()}",
        "submitted_at": now.isoformat(),
        "answers": answers,
    }
    body = as_json({"event_id": "test", "event_type": _DONE, "form_response": response})
    signature = f"sha256={base64_hmac(held.keys[0], body)}"
    return Sample(body, {"content-type": "application/json", SIGNATURE: signature})


KIND = Kind("typeform", Typeform, _verify, _parse, _sample, malformed=200)
