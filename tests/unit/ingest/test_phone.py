"""Phone numbers in E.164, wherever their country is told, and never an error."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.kinds import TouchKind
from ingest.domain.known import known_of
from ingest.domain.phone import read_phone
from ingest.domain.submission import Slot, Submission


def known(phone: str, source: str | None = None, **slots: str) -> tuple[str | None, dict[str, str]]:
    told = {Slot.PHONE: phone} | {Slot[name.upper()]: text for name, text in slots.items()}
    found = known_of(Submission(TouchKind.FORM, told), {}, country=source)
    return found.person.phone, dict(found.person.custom)


def test_the_country_of_a_number_is_the_touchs_then_the_sources_then_the_addresss() -> None:
    number = "020 7183 8750"

    assert known(number, country="GB", source="DE", email="a@b.de")[0] == "+442071838750"
    assert known(number, source="GB", email="a@b.de")[0] == "+442071838750"
    assert known(number, email="maya@firm.co.uk")[0] == "+442071838750"
    assert known("030 901820", email="maya@firm.de")[0] == "+4930901820"
    # Sold to everybody: says nothing of where somebody is.
    assert known(number, email="maya@firm.io") == (None, {"phone": number})


def test_a_number_that_is_valid_in_a_later_country_goes_before_one_that_is_only_possible() -> None:
    assert known("(617) 555-1234", country="GB", source="US")[0] == "+16175551234"


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("442071838750", None, "+442071838750"),  # a JSON number has no plus
        ("442071838750", "US", "+442071838750"),
        ("442071838750", "GB", "+442071838750"),
        ("2071838750", "GB", "+442071838750"),  # and no nought before it
        ("4930901820", None, "+4930901820"),
        ("4930901820", "DE", "+4930901820"),
        ("15551234", None, None),
        ("tel:+44-20-7183-8750", None, "+442071838750"),
        ("00442071838750", "US", "+442071838750"),
        ("٠٢٠ ٧١٨٣ ٨٧٥٠", "GB", "+442071838750"),
        ("+1 800 FLOWERS", None, "+18003569377"),
    ],
)
def test_a_number_that_lost_its_plus_or_its_nought_is_found(
    text: str, country: str | None, number: str | None
) -> None:
    found = read_phone(text, (country,))

    assert (None if found is None else found.e164) == number


def test_an_extension_is_kept_beside_the_number() -> None:
    assert known("+44 20 7183 8750 ext. 42") == ("+442071838750", {"phone_extension": "42"})


def test_a_number_of_a_possible_length_is_taken_and_a_shorter_one_is_not() -> None:
    assert read_phone("+44 1000 000000") is not None
    assert read_phone("+44 12") is None


@settings(deadline=None)
@given(
    st.text(max_size=80) | st.text("+0123456789 ()-./extx;=", max_size=40),
    st.lists(st.none() | st.sampled_from(["GB", "US", "DE", "XX", "", "gb"]), max_size=3),
)
def test_no_text_and_no_country_raise_anything(text: str, countries: list[str | None]) -> None:
    found = read_phone(text, countries)

    assert found is None or (found.e164.startswith("+") and found.e164[1:].isdigit())
