"""Builders of forms: what each wraps its fields in is undone, and nothing of it is lost."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.flattening import flattened
from ingest.domain.kinds import KINDS, unpacking
from ingest.domain.sent import Malformed, NoJson, Sent
from ingest.domain.sources import ONE
from ingest.domain.submission import Slot, Submission
from tests.integration.ingest.conformance.builders import SENDERS, wire_of
from tests.integration.ingest.conformance.wire import UNKNOWN, Wire, json_of

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
POLICIES = {each.kind: each.policy for each in SENDERS}
EMAIL = "maya@brightwell.example"


def read(kind: str, wire: Wire) -> Submission:
    sent = Sent(tuple(parse_qsl(wire.query)), wire.headers, wire.body, NOW)
    (told,) = KINDS[kind].parse(sent, ONE.validate_python(POLICIES[kind])).submissions
    return told


def of_fixture(kind: str) -> Submission:
    return read(kind, wire_of(kind, EMAIL))


def of_json(kind: str, body: object) -> Submission:
    return read(kind, Wire(json_of(body), {"content-type": "application/json"}))


def test_jotform_is_read_from_its_raw_request() -> None:
    told = of_fixture("jotform")

    assert told.slots == {
        Slot.EMAIL: EMAIL,
        Slot.FIRST_NAME: "Maya",
        Slot.LAST_NAME: "Okafor",
        Slot.PHONE: "020 7946 0000",
        Slot.STREET: "1 High Street",
        Slot.CITY: "London",
        Slot.POSTAL_CODE: "SW1A 1AA",
        Slot.COUNTRY: "United Kingdom",
        Slot.COMPANY: "Brightwell Logistics",
    }
    assert told.form == "Demo request"
    assert told.unknown["favouriteColour"] == UNKNOWN[1]
    assert "pretty" not in told.unknown, "it says the same again"
    assert told.sender_id


def test_jotform_numbers_questions_in_more_than_one_way() -> None:
    told = of_json("jotform", {"rawRequest": '{"q4_email4": "m@b.example", "q10_top10": "x"}'})

    assert told.slots == {Slot.EMAIL: "m@b.example"}
    assert told.unknown == {"top10": "x"}


def test_jotform_keeps_two_questions_of_one_name_apart() -> None:
    told = of_json("jotform", {"rawRequest": '{"q3_size": "a", "q9_size": "b", "q": "c"}'})

    assert told.unknown == {"q9_size": "b", "q": "c"}
    assert told.slots == {Slot.EMPLOYEES: "a"}


def test_unbounce_is_read_from_its_json_and_one_person_cannot_send_twice_in_a_minute() -> None:
    told, again = of_fixture("unbounce"), of_fixture("unbounce")

    assert told.slots[Slot.EMAIL] == EMAIL
    assert told.slots[Slot.PHONE] == "020 7946 0000"
    assert told.form == "Demo request"
    assert told.unknown["topics"] == "price, security"
    assert told.unknown["favourite_colour"] == UNKNOWN[1]
    assert "data.xml" not in told.unknown
    assert told.sender_id == again.sender_id is not None
    no_address = of_json("unbounce", {"page_id": "1", "data.json": '{"name": ["M"]}'})
    assert no_address.sender_id is None, "two strangers of one minute would be one"


def test_gravity_forms_numbers_are_named_by_the_policy() -> None:
    told = of_fixture("gravity_forms")

    assert told.slots[Slot.EMAIL] == EMAIL
    assert told.slots[Slot.FIRST_NAME] == "Maya"
    assert told.slots[Slot.PAGE] == "https://www.kestrel.example/demo/"
    assert told.fields["3"] == "51-200"
    assert told.unknown["4"] == UNKNOWN[1]
    assert told.form == "4"
    assert told.submitted_at == NOW


def test_contact_form_7_keeps_its_fields_and_not_the_plugins() -> None:
    told = of_fixture("contact_form_7")

    assert told.slots == {
        Slot.FULL_NAME: "Maya Okafor",
        Slot.EMAIL: EMAIL,
        Slot.REQUEST: "We want a demo.\nSoon.",
    }
    assert told.unknown == {"your-subject": UNKNOWN[1], "topics": "price, security"}
    assert told.form == "101"


def test_elementor_is_read_in_both_modes() -> None:
    advanced = of_fixture("elementor")
    simple = of_json(
        "elementor",
        {
            "Name": "Maya Okafor",
            "Email": EMAIL,
            "Favourite colour": UNKNOWN[1],
            "Page URL": "https://www.kestrel.example/demo/",
            "form_id": "3a1b2c3",
            "form_name": "Demo request",
        },
    )

    assert advanced.slots == simple.slots
    assert advanced.slots[Slot.PAGE] == "https://www.kestrel.example/demo/"
    assert advanced.form == simple.form == "Demo request"
    assert advanced.unknown["Favourite colour"] == simple.unknown["Favourite colour"] == UNKNOWN[1]
    assert advanced.unknown["form_id"] == simple.unknown["form_id"] == "3a1b2c3"
    assert advanced.unknown["meta.remote_ip"] == "192.0.2.1"


def test_zapier_nests_names_and_may_wrap_all_in_a_list() -> None:
    told = of_fixture("zapier")

    assert told.slots == {Slot.EMAIL: EMAIL, Slot.FULL_NAME: "Maya Okafor"}
    assert told.unknown["answers.favourite_colour"] == UNKNOWN[1]
    assert of_json("zapier", {"email": EMAIL}).slots == {Slot.EMAIL: EMAIL}


@pytest.mark.parametrize(("kind", "field"), [("jotform", "rawRequest"), ("unbounce", "data.json")])
@pytest.mark.parametrize("text", ["{", "[1]", '"x"', "NaN", "[" * 50])
def test_a_text_that_should_be_json_and_is_not_is_told_by_its_name(
    kind: str, field: str, text: str
) -> None:
    with pytest.raises(NoJson, match=field):
        of_json(kind, {field: text})


def test_what_the_policy_maps_goes_before_the_preset() -> None:
    policy = {**POLICIES["jotform"], "map": {"to": {"form": "formID"}}}
    sent = Sent((), {}, json_of({"formID": "7", "formTitle": "Demo", "submissionID": "1"}), NOW)
    (told,) = KINDS["jotform"].parse(sent, ONE.validate_python(policy)).submissions

    assert told.form == "7"
    assert told.sender_id == "1"


@pytest.mark.parametrize("body", [[1], "x", 7, [[]]])
@pytest.mark.parametrize("kind", sorted(POLICIES))
def test_a_body_that_is_no_form_is_refused(kind: str, body: object) -> None:
    with pytest.raises(Malformed):
        of_json(kind, body)


UNPACKINGS = [
    unpacking.zapier,
    unpacking.jotform,
    unpacking.unbounce,
    unpacking.elementor,
]
_NAMES = st.sampled_from(
    ["a", "a__b", "a__b__c", "a[b]", "a[b][c]", "a[]", "fields[x][value]", "fields[y][value]",
     "form[id]", "form", "meta", "meta[date][value]", "_x", "q1_x", "q2_x", "__", "[", "x__"]
)  # fmt: skip
_TEXTS = st.text("vwxyz", min_size=6, max_size=6)


@given(st.dictionaries(_NAMES, _TEXTS, max_size=6))
@pytest.mark.parametrize("unpack", UNPACKINGS)
def test_no_value_is_lost_in_unwrapping(unpack: Any, fields: Mapping[str, str]) -> None:  # noqa: ANN401 - a function
    kept = {text for _, text in flattened(unpack(fields))}

    assert kept == set(fields.values())
