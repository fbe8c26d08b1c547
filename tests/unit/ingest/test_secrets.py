"""What a secret is worth, how one is made, and that a sealed one opens only in its own place."""

import string
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.domain.secrets import (
    BITS,
    NONCE_BYTES,
    RANDOM_BYTES,
    CannotOpen,
    Sealer,
    bits_of,
    place_of,
    spelled,
)

SEALER = Sealer(b"i" * 40)
PLACE = place_of("google", UUID(int=1), None)
NONCE = bytes(NONCE_BYTES)


@pytest.mark.parametrize(
    "platform",
    [
        "0123456789abcdef0123456789abcdef",  # 32 hexadecimal digits, as an app secret of Meta's
        "6f0c1d2e-93b7-4a58-8c21-0e5d7f6a9b34",  # a UUID, as a client secret of HubSpot's
        "Zq7Xw2LpN9vB4tRk8YsD1m",  # 22 letters and digits
    ],
)
def test_what_platforms_make_by_chance_is_strong_enough(platform: str) -> None:
    assert bits_of(platform) >= BITS


@pytest.mark.parametrize(
    "typed",
    ["", "hunter2", "correct-horse", "a" * 200, "abab" * 50, "1234567890123456789012345678901"],
)
def test_what_people_type_is_not(typed: str) -> None:
    assert bits_of(typed) < BITS


def test_a_prefix_that_everybody_knows_is_worth_nothing() -> None:
    assert bits_of("whsec_abcdefgh12345678", "whsec_") == bits_of("abcdefgh12345678")


@given(st.binary(min_size=RANDOM_BYTES, max_size=RANDOM_BYTES))
def test_a_made_secret_can_be_typed_and_stands_in_an_address_as_it_is(random: bytes) -> None:
    made = spelled("bsk_", random)
    assert set(made) <= set(string.ascii_letters + string.digits + "-_")
    assert len(made) <= 50  # Google's field takes no more


@given(st.binary(max_size=200), st.binary(min_size=NONCE_BYTES, max_size=NONCE_BYTES))
def test_what_is_sealed_opens_in_its_place_and_nowhere_else(value: bytes, nonce: bytes) -> None:
    sealed = SEALER.seal(value, nonce, PLACE)
    assert SEALER.opened(sealed, PLACE) == value
    for place in (
        place_of("other", UUID(int=1), None),
        place_of("google", UUID(int=2), None),
        place_of("google", UUID(int=1), "x"),
    ):
        with pytest.raises(CannotOpen):
            SEALER.opened(sealed, place)


@given(st.binary(min_size=1, max_size=80), st.data())
def test_a_changed_byte_or_another_installation_opens_nothing(
    value: bytes, data: st.DataObject
) -> None:
    sealed = bytearray(SEALER.seal(value, NONCE, PLACE))
    with pytest.raises(CannotOpen):
        Sealer(b"j" * 40).opened(bytes(sealed), PLACE)
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= 1
    with pytest.raises(CannotOpen):
        SEALER.opened(bytes(sealed), PLACE)
    with pytest.raises(CannotOpen):
        SEALER.opened(b"", PLACE)


def test_a_fingerprint_is_another_one_in_another_installation() -> None:
    assert SEALER.fingerprint(b"s") == SEALER.fingerprint(b"s")
    assert SEALER.fingerprint(b"s") != Sealer(b"j" * 40).fingerprint(b"s")
