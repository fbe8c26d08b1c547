"""Typeform: answers of every type, by what people named them."""

from typing import Any

import pytest

from ingest.domain.kinds.kind import Heard
from ingest.domain.sent import Malformed
from ingest.domain.submission import Slot, Submission
from tests.unit.ingest.hearing import heard, told


def answered(
    kind: str, value: object, ref: str = "r", of: str = "", title: str = "T"
) -> Submission:
    """A typeform with one answer."""
    field = {"id": "f", "ref": ref, "type": of or kind}
    definition = {"fields": [{**field, "title": title}]}
    return told("typeform", form([{"type": kind, kind: value, "field": field}], definition))


def form(answers: list[dict[str, Any]], definition: object = None, **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON's values
    response = {"token": "t-1", "form_id": "F", "answers": answers, **more}
    if definition is not None:
        response["definition"] = definition
    return {"event_id": "e", "event_type": "form_response", "form_response": response}


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        ("text", "blue", "blue"),
        ("choice", {"id": "x", "label": "51-200", "ref": "y"}, "51-200"),
        ("choice", {"other": "mauve"}, "mauve"),
        ("choices", {"ids": ["x"], "labels": ["a", "b"], "refs": ["y"], "other": "c"}, "a, b, c"),
        ("number", 42, "42"),
        ("boolean", False, "false"),
        ("date", "2026-11-02", "2026-11-02"),
        ("url", "https://a.example", "https://a.example"),
        ("file_url", "https://api.typeform.com/f.pdf", "https://api.typeform.com/f.pdf"),
        ("a_type_of_tomorrow", "x", "x"),
    ],
)
def test_an_answer_of_any_type_is_kept_under_its_question(
    kind: str, value: object, text: str
) -> None:
    assert answered(kind, value, title="How so?").unknown["How so?"] == text


def test_a_payment_keeps_its_parts() -> None:
    paid = answered("payment", {"amount": "10.00", "last4": "1234", "name": "M", "success": True})

    assert paid.unknown["T.amount"] == "10.00"
    assert paid.unknown["T.success"] == "true"


def test_answers_are_known_by_what_people_named_then_by_their_type() -> None:
    submission = told(
        "typeform",
        form(
            [
                {"type": "text", "text": "Maya Okafor", "field": {"id": "1", "ref": "full_name"}},
                {"type": "text", "text": "Brightwell", "field": {"id": "2", "ref": "9c0"}},
                {"type": "email", "email": "m@b.example", "field": {"id": "3", "type": "email"}},
                {"type": "email", "email": "x@b.example", "field": {"id": "4", "type": "email"}},
                {
                    "type": "phone_number",
                    "phone_number": "+442079460000",
                    "field": {"id": "5", "ref": "8d1", "type": "phone_number"},
                },
                {"type": "text", "text": "51-200", "field": {"id": "6", "ref": "size_of_firm"}},
                {"type": "boolean", "boolean": True, "field": {"id": "7", "ref": "agreed"}},
            ],
            {"fields": [{"id": "2", "title": "Company"}, {"id": "7", "title": "May we?"}]},
            hidden={"utm_source": "google", "gclid": "Cj0-X", "form": "demo", "plan": "pro"},
            calculated={"score": 9},
            variables=[{"key": "price", "type": "number", "number": 4}],
        ),
        fields={"company.employees": "size_of_firm"},
        consent={"contact": "asked", "ads_feedback": "field agreed"},
    )

    assert submission.slots == {
        Slot.FULL_NAME: "Maya Okafor",
        Slot.COMPANY: "Brightwell",
        Slot.EMAIL: "m@b.example",
        Slot.PHONE: "+442079460000",
    }
    assert submission.fields["size_of_firm"] == "51-200"
    assert submission.fields["agreed"] == "true"
    assert submission.unknown["email"] == "x@b.example"
    assert submission.unknown["calculated.score"] == "9"
    assert submission.unknown["variables.price"] == "4"
    assert submission.unknown["plan"] == "pro"
    assert (submission.form, submission.unknown["form_id"]) == ("demo", "F")
    assert submission.utm == {"utm_source": "google"}
    assert submission.click_ids == {"gclid": "Cj0-X"}
    assert submission.sender_id == "t-1"


def test_a_form_that_is_not_done_is_passed_over_and_another_delivery_is_the_same() -> None:
    body = form([{"type": "text", "text": "x", "field": {"id": "1"}}])

    assert heard("typeform", body | {"event_type": "form_response_partial"}) == Heard(passed_over=1)
    assert told("typeform", body | {"event_id": "another"}) == told("typeform", body)


@pytest.mark.parametrize("gone", ["form_response", "token"])
def test_a_typeform_without_its_parts_says_which(gone: str) -> None:
    body = form([])
    (body if gone in body else body["form_response"]).pop(gone)
    with pytest.raises(Malformed) as refused:
        heard("typeform", body)

    assert refused.value.fields[0][0].endswith(gone)


@pytest.mark.parametrize("kind", ["boolean", "choices", "date"])
def test_an_answer_that_can_be_no_address_is_not_taken_for_one(kind: str) -> None:
    value = {"labels": ["E-mail"]} if kind == "choices" else "true"
    asked = answered(kind, value, title="E-mail")

    assert asked.slots == {}
    assert asked.unknown[f"E-mail ({kind})"]


def test_an_address_is_one_whatever_its_question_is_called() -> None:
    asked = answered("email", "m@b.example", ref="name", title="Company")
    at_work = answered("email", "m@b.example", title="Work email")

    assert asked.slots == {Slot.EMAIL: "m@b.example"}
    assert at_work.slots == {Slot.WORK_EMAIL: "m@b.example"}
