"""What forms say, read as what it means."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.kinds import IdentityKind
from contracts.identity import identity_key, spelled_number
from ingest.domain.address import read_address
from ingest.domain.company_size import employees
from ingest.domain.consent import consents
from ingest.domain.country import country_code
from ingest.domain.json_text import NotJson, parse
from ingest.domain.page import path_of
from ingest.domain.phone import e164
from ingest.domain.text import LONGEST, exact, lines, one_line

SECRET = b"s" * 40


@pytest.mark.parametrize(
    ("text", "free", "role", "disposable", "company"),
    [
        ("maya.okafor@brightwell.example", False, False, False, "brightwell.example"),
        ("maya@mail.brightwell.example", False, False, False, "brightwell.example"),
        ("robin@gmail.com", True, False, False, None),
        ("info@firm.co.uk", False, True, False, "firm.co.uk"),
        ("Sales+web@Firm.example", False, True, False, "firm.example"),
        # It stands in the list of free providers too.
        ("x@mailinator.com", False, False, True, None),
    ],
)
def test_an_address_says_what_kind_of_mailbox_it_is(
    text: str, *, free: bool, role: bool, disposable: bool, company: str | None
) -> None:
    found = read_address(text)

    assert found is not None
    assert (found.is_free, found.is_role, found.is_disposable) == (free, role, disposable)
    assert found.company_domain == company


@pytest.mark.parametrize("text", ["", "nobody", "a@b", "a b@c.example", "x" * 400 + "@a.example"])
def test_what_is_no_address_is_none(text: str) -> None:
    assert read_address(text) is None


@pytest.mark.parametrize(
    ("text", "country", "number"),
    [
        ("020 7183 8750", "GB", "+442071838750"),
        ("+44 (0)20 7183 8750", None, "+442071838750"),
        ("0044 20 7183 8750", None, "+442071838750"),
        ("020 7183 8750", None, None),
        ("12", "GB", None),
        ("call me", "GB", None),
    ],
)
def test_a_number_is_read_in_its_country(
    text: str, country: str | None, number: str | None
) -> None:
    assert e164(text, country) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("51-200", 51),
        ("1,001-5,000", 1001),
        ("10.000+", 10_000),
        ("<50", 1),
        ("11 to 50 people", 11),
        ("just me", 1),
        ("9" * 30, None),
    ],
)
def test_a_band_of_employees_is_its_lower_end(text: str, number: int | None) -> None:
    assert employees(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("gb", "GB"),
        ("UK", "GB"),
        ("united  kingdom", "GB"),
        ("Deutschland", "DE"),
        ("USA", "US"),
        ("ÖSTERREICH", "AT"),
        ("Narnia", None),
        ("XX", None),
    ],
)
def test_a_country_is_known_by_code_and_name(text: str, code: str | None) -> None:
    assert country_code(text) == code


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=3_000))
def test_whatever_a_text_holds_it_can_be_stored_afterwards(text: str) -> None:
    for cleaned in (one_line(text), lines(text), exact(text)):
        assert cleaned is None or "\x00" not in cleaned
        assert (cleaned or "").encode() is not None
    assert len(one_line(text) or "") <= LONGEST
    assert "\n" not in (one_line(text) or "")


def test_a_click_id_keeps_its_case_and_a_request_its_lines() -> None:
    assert exact("EAIaIQ_b-C") == "EAIaIQ_b-C"
    assert lines("Hello,\r\n\r\nplease\x00 call ") == "Hello,\n\nplease  call"
    assert one_line("\ud800 x\ty ") == "x y"
    assert one_line(" \x00 ") is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"a": NaN}',
        b"\xff\xfe",
        b'{"a": "\\ud800", "b": NaN}',
        b'{"a": "\\ud800", "b": ' + b"9" * 400 + b"}",
        b"[" * 30 + b"]" * 30,
        b'{"\\ud800": ' + b"[" * 100_000,
        b"[" + b"0," * 3_000 + b"0]",
    ],
)
def test_json_that_is_none_or_too_much_is_told_without_what_was_sent(body: bytes) -> None:
    with pytest.raises(NotJson) as refused:
        parse(body)

    assert str(refused.value).startswith("the body ")


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'{"a": 1,\n "b": }', "the body is no JSON from line 2, column 7 on"),
        (b'{"\xc3\xa4": x}', "the body is no JSON from line 1, column 7 on"),
        (b"{", "the body ends before its JSON does, at line 1, column 2"),
        (b"", "the body ends before its JSON does, at line 1, column 1"),
        (b'{"a":\n' + b"9" * 5_000 + b"}", "a number of more than 40 digits, at line 2, column 1"),
        (b'{"a": 1e400}', "a number too large to be read, at line 1, column 7"),
        (b'{"a":\n "\xff"}', "the body is not UTF-8 text from line 2, byte 3 on"),
        (b"[" * 5_000, "the body is nested deeper than 20, at line 1, column "),
        (b'{"a": "\\ud800", "b": NaN}', "the body holds NaN, which JSON has not"),
        (b'{"a": "\\ud800",\n "b" 1}', "the body is no JSON from line 2, column 6 on"),
        (b'{"a": "\\ud800", "b": ' + b"9" * 41 + b"}", "a number of more than 40 digits"),
    ],
)
def test_what_is_wrong_with_json_is_told_with_line_and_column(body: bytes, told: str) -> None:
    with pytest.raises(NotJson) as refused:
        parse(body)

    assert told in str(refused.value)


def test_ids_beyond_what_a_float_holds_stay_exact() -> None:
    assert parse(b'{"id": 9223372036854775807}') == {"id": 9223372036854775807}
    assert parse(b'{"id": 18446744073709551615}') == {"id": 18446744073709551615}


def test_a_page_gives_its_path_and_a_field_its_consent() -> None:
    assert path_of("https://www.kestrel.example/pricing?x=1#y") == "/pricing"
    assert path_of("//[") is None
    assert consents({"ok": "yes"}, "ok") is True
    assert consents({"ok": "No"}, "ok") is False
    assert consents({}, "ok") is None


@settings(max_examples=40, deadline=None)
@given(st.emails())
def test_a_key_is_the_same_however_an_address_is_spelled(address: str) -> None:
    key = identity_key(SECRET, IdentityKind.EMAIL, address)

    assert identity_key(SECRET, IdentityKind.EMAIL, f" {address.upper()} ") == identity_key(
        SECRET, IdentityKind.EMAIL, address.upper()
    )
    assert identity_key(SECRET, IdentityKind.EMAIL, address.swapcase()) == key
    assert identity_key(b"t" * 40, IdentityKind.EMAIL, address) != key


def test_a_number_is_keyed_by_its_digits() -> None:
    assert spelled_number("+44 20 7183-8750") == "+442071838750"
