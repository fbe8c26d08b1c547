"""JSON is read as json.loads reads it, within limits, and no number is ever rounded."""

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.domain.json_text import DEEPEST, LONGEST_NUMBER, MOST_VALUES, NotJson, parse

words = st.text(st.characters(), max_size=12)  # halves of characters and NUL among them
numbers = st.integers(-(10**38), 10**38) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    st.none() | st.booleans() | numbers | words,
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(words, inner, max_size=5),
    max_leaves=30,
)
nearly_json = st.lists(
    st.sampled_from(
        [
            *(rb"[", rb"]", rb"{", rb"}", rb",", rb":", rb'"', rb"\"", rb"\\", rb'"a"', rb'"a":'),
            *(
                rb"1",
                rb"-",
                rb"1e5",
                rb"0.1",
                rb" ",
                rb"\n",
                rb"null",
                rb"true",
                rb"NaN",
                rb"\ud800",
            ),
            *(rb'"\ud83d\ude00"', rb"12345678901234567890123", b"\xc3\xa4", b"\xff", b"\x00"),
        ]
    ),
    max_size=14,
).map(b"".join)
too_long = re.compile(rb"[-+.0-9eE]{%d}" % (LONGEST_NUMBER + 1))


def exact(text: str) -> Any:  # noqa: ANN401 - JSON's values
    """What json.loads reads, with texts for the numbers that it would round."""

    def whole(digits: str) -> int | str:
        return int(digits) if -(2**63) <= int(digits) < 2**64 else digits

    def fraction(digits: str) -> float | str:
        rounded = float(digits)
        if rounded in {float("inf"), float("-inf")}:
            raise ValueError(digits)
        return rounded if len(digits) < 17 or Decimal(digits) == Decimal(str(rounded)) else digits

    def refuse(word: str) -> None:
        raise ValueError(word)

    return json.loads(text, parse_int=whole, parse_float=fraction, parse_constant=refuse)


def depth(value: object) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return (1 + max(map(depth, inner), default=0)) if isinstance(value, dict | list) else 0


@settings(deadline=None)
@given(value=values, escaped=st.booleans(), indent=st.sampled_from([None, 2]))
def test_what_json_writes_is_read_as_json_reads_it(
    value: object, *, escaped: bool, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=escaped, indent=indent)
    body = text.encode("utf-8", "surrogatepass")
    if depth(value) > DEEPEST or (not escaped and body != text.encode("utf-8", "replace")):
        with pytest.raises(NotJson):
            parse(body)
    else:
        assert parse(body) == exact(text)
        assert parse(b"\xef\xbb\xbf" + body) == exact(text)


@settings(deadline=None, max_examples=300)
@given(nearly_json.filter(lambda body: not too_long.search(body)))
@example(b"--12345678901234567890123")
def test_what_json_refuses_is_refused_and_nothing_else(body: bytes) -> None:
    try:
        expected = exact(body.decode())
    except ValueError:
        with pytest.raises(NotJson):
            parse(body)
    else:
        assert parse(body) == expected


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_bytes_of_any_kind_are_data_or_told_to_be_none(body: bytes) -> None:
    try:
        said = json.dumps(parse(body))
    except NotJson as refused:
        said = str(refused)
    assert said


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("9007199254740993", 9007199254740993),
        ("18446744073709551615", 2**64 - 1),
        ("18446744073709551616", "18446744073709551616"),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", "-9223372036854775809"),
        ("1234567890123456789.0", "1234567890123456789.0"),
        ("0.30000000000000004", 0.30000000000000004),
        ("1.000000000000000000000", 1.0),
        ("9" * LONGEST_NUMBER, "9" * LONGEST_NUMBER),
        ("1e-400", 0.0),
    ],
)
def test_an_id_keeps_every_digit(text: str, kept: object) -> None:
    assert parse(f'{{"id": {text}, "other": [{text}]}}'.encode()) == {"id": kept, "other": [kept]}


def test_halves_of_characters_and_long_ids_may_come_together() -> None:
    body = b'{"name": "\\ud800x", "id": 99999999999999999999999}'

    assert parse(body) == {"name": "\ud800x", "id": "99999999999999999999999"}


def test_of_a_key_that_stands_twice_the_last_one_counts() -> None:
    assert parse(b'{"a": 1, "b": 2, "a": 3}') == {"a": 3, "b": 2}


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
@pytest.mark.parametrize("beside", [b"", b', "b": "\\ud800"', b', "b": 123456789012345678901'])
def test_words_that_json_has_not_are_refused(word: bytes, beside: bytes) -> None:
    with pytest.raises(NotJson):
        parse(b'{"a": ' + word + beside + b"}")


@pytest.mark.parametrize(
    ("fits", "is_more"),
    [
        (b"[" * DEEPEST + b"]" * DEEPEST, b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1)),
        (
            b'{"a":' * DEEPEST + b"1" + b"}" * DEEPEST,
            b'{"a":' * DEEPEST + b"[]" + b"}" * DEEPEST,
        ),
        (b"[" + b"0," * (MOST_VALUES - 1) + b"0]", b"[" + b"0," * MOST_VALUES + b"0]"),
        (b"[" + b"[]," * (MOST_VALUES - 1) + b"{}]", b"[" + b"[]," * MOST_VALUES + b"{}]"),
        (
            b'{"a": [' + b'{"k":"v"},' * (MOST_VALUES // 2 - 1) + b"3]}",
            b'{"a": [' + b'{"k":"v"},' * (MOST_VALUES // 2) + b"3]}",
        ),
        (b"[" + b"9" * LONGEST_NUMBER + b"]", b"[" + b"9" * (LONGEST_NUMBER + 1) + b"]"),
        (b'["' + b"[{," * 9_000 + b'"]', b'["", ' + b"[" * DEEPEST + b"]" * DEEPEST + b"]"),
        (b'["' + rb"\"[" * 900 + rb'\\", 1]', b'["' + rb"\\" + b'",' + b"[" * 30 + b"]" * 31),
    ],
)
def test_a_limit_holds_at_its_very_edge(fits: bytes, is_more: bytes) -> None:
    assert parse(fits) == json.loads(fits, parse_int=exact)
    with pytest.raises(NotJson):
        parse(is_more)


def test_a_door_that_takes_many_may_allow_more_values() -> None:
    body = b"[" + b"0," * 5_000 + b"0]"

    assert len(parse(body, most_values=10_000)) == 5_001


@pytest.mark.parametrize(
    "body",
    [
        *(b'"\\' * 200_000, b'"' * 400_000, b"[]," * 130_000, b'{"a":' * 80_000, b"9" * 400_000),
        *(b"-" * 400_000, b'\\"[' * 130_000, b" " * 400_000, b"[[],[" * 80_000, b"1e" * 200_000),
    ],
)
def test_a_body_made_to_cost_time_is_refused(body: bytes) -> None:
    with pytest.raises(NotJson):
        parse(body)  # what it costs, `make bench-ingest` says
