from hypothesis import given
from hypothesis import strategies as st

from chassis.http.masking import mask, seen_by
from chassis.http.principal import Principal, Scope
from contracts.person import Person

_ANA = Person(
    email="ana.weber@firm.example",
    phone="+4930123456",
    first_name="Ana",
    last_name="Weber",
    full_name="Ana Weber",
    street_address="Long Street 1",
    city="Berlin",
    postal_code="10115",
    request_text="Call me at home",
    sender_ids={"gclid": "abc"},
    anonymous_id="anon-1",
    custom={"shoe": "42"},
)


def test_a_masked_person_can_be_told_apart_but_not_written_to() -> None:
    masked = mask(_ANA)
    assert masked.email == "a***@firm.example"
    assert masked.phone == "***56"
    assert masked.full_name == "A*** W***"
    assert masked.sender_ids == {"gclid": "***"}
    hidden = (masked.city, masked.postal_code, masked.street_address, masked.request_text)
    assert set(hidden) == {"***"}


def test_what_is_missing_stays_missing() -> None:
    assert mask(Person()) == Person()


def test_only_the_scope_person_sees_a_person() -> None:
    assert seen_by(Principal("a", frozenset({Scope.PERSON})), _ANA) == _ANA
    assert seen_by(Principal("a", frozenset({Scope.ADMIN, Scope.READ})), _ANA) == mask(_ANA)


_WORDS = st.text(st.characters(categories=["L", "N"]), min_size=4)


@given(_WORDS, _WORDS, _WORDS)
def test_no_field_survives_a_mask(first: str, text: str, custom: str) -> None:
    person = Person(
        email=f"{first}@firm.example", first_name=first, request_text=text, custom={"x": custom}
    )
    masked = mask(person)
    assert masked.first_name != first
    assert masked.request_text == "***"
    assert masked.custom == {"x": "***"}
    assert masked.email != person.email
    assert mask(masked) == masked
