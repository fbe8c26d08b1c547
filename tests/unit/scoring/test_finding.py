from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.events.kinds import IdentityKind
from contracts.identity import identity_key, touch_of_key, touch_of_sender
from scoring.domain.finding import FoundBy, Why, meant

SECRET = b"x" * 40
SOURCES = ("google-demo", "website")
LEAD = UUID("7f3f8a10-0000-4000-8000-000000000001")


def key(kind: IdentityKind, value: str) -> str:
    return identity_key(SECRET, kind, value).key


def test_an_address_is_looked_up_as_that_alone_however_it_is_spelled() -> None:
    found = meant("Maya@Brightwell.example", SOURCES, SECRET)
    assert found.keys == {
        key(IdentityKind.EMAIL, "maya@brightwell.example"): Why(FoundBy.EMAIL),
    }
    assert (found.own, found.touches, found.domains) == (None, {}, ())
    assert meant("mailto:maya@brightwell.example", SOURCES, SECRET).keys == found.keys


@pytest.mark.parametrize(
    "number", ["+44 20 7183 8750", "+442071838750", "0044 20 7183-8750", "+44 (0)20 7183.8750"]
)
def test_a_number_with_its_countrys_code_is_one_however_it_is_written(number: str) -> None:
    found = meant(number, (), SECRET)
    assert found.keys[key(IdentityKind.PHONE, "+442071838750")] == Why(FoundBy.PHONE)


def test_a_row_of_digits_may_be_a_number_and_the_id_of_any_source() -> None:
    found = meant("442071838750", SOURCES, SECRET)
    assert key(IdentityKind.PHONE, "+442071838750") in found.keys
    for source in SOURCES:
        why = Why(FoundBy.SENDER, source)
        assert found.touches[touch_of_sender(source, "442071838750")] == why
        assert found.touches[touch_of_sender(source, "442071838750 3")] == why
        assert found.touches[touch_of_key(source, "442071838750")] == why
        person = key(IdentityKind.SENDER, f"{source} 442071838750")
        assert found.keys[person] == Why(FoundBy.PERSON, source)


def test_an_id_of_ours_may_be_a_senders_as_well() -> None:
    found = meant(str(LEAD), SOURCES, SECRET)
    assert found.own == LEAD
    assert touch_of_sender("website", str(LEAD)) in found.touches


@pytest.mark.parametrize(
    ("text", "domains"),
    [
        ("brightwell.example", ("brightwell.example",)),
        ("https://Shop.Brightwell.example/x?y", ("shop.brightwell.example", "brightwell.example")),
        ("münchen.example.", ("xn--mnchen-3ya.example",)),
        ("brightwell", ()),
        ("maya okafor", ()),
        ("http://[", ()),
    ],
)
def test_a_company_is_known_by_its_domain_and_any_host_below(
    text: str, domains: tuple[str, ...]
) -> None:
    assert meant(text, (), SECRET).domains == domains


@given(st.text(min_size=1, max_size=320))
def test_any_text_means_something_or_nothing_and_is_never_an_error(text: str) -> None:
    found = meant(text, SOURCES, SECRET)
    assert all(text not in each for each in found.keys if len(text) > 8)


def test_a_domain_told_as_xn_is_looked_up_in_its_letters_too() -> None:
    found = meant("zoë@xn--bcher-kva.example", SOURCES, SECRET)

    assert key(IdentityKind.EMAIL, "zoë@bücher.example") in found.keys
