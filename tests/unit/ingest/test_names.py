"""A person's name in whole and parts, in ordinary case, and nothing of it lost."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nameparser import HumanName

from ingest.domain.person_name import PersonName, ordinary, read_name

plain_words = st.from_regex(r"[A-Z][a-z]{3,9}", fullmatch=True)


@pytest.mark.parametrize(
    ("full", "first", "last", "shown", "salutation"),
    [
        ("Maya Okafor", "Maya", "Okafor", "Maya Okafor", None),
        ("MAYA OKAFOR", "Maya", "Okafor", "Maya Okafor", None),
        ("Okafor, Maya", "Maya", "Okafor", "Maya Okafor", None),
        ("mcdonald, ronald", "Ronald", "McDonald", "Ronald McDonald", None),
        ("ludwig van der rohe", "Ludwig", "van der Rohe", "Ludwig van der Rohe", None),
        ("Mr. Patrick O'Neil", "Patrick", "O'Neil", "Patrick O'Neil", "Mr."),
        ("PATRICK O’NEIL", "Patrick", "O’Neil", "Patrick O’Neil", None),
        ("Herr Dr. Hans von Berg", "Hans", "von Berg", "Hans von Berg", "Herr Dr."),
        ("Prof. Dr. Müller", None, "Müller", "Müller", "Prof. Dr."),
        ("JOSÉ DA SILVA", "José", "da Silva", "José da Silva", None),
        ("JEAN-PAUL SARTRE", "Jean-Paul", "Sartre", "Jean-Paul Sartre", None),
        ("CONOR MCGUINNESS III", "Conor", "McGuinness", "Conor McGuinness III", None),
        ("Maya", "Maya", None, "Maya", None),
        ("AJ", "AJ", None, "AJ", None),
        # No ordinary case is known here: Python's small i is not Turkish, and Han has no case.
        ("İBRAHİM ÇELİK", "İBRAHİM", "ÇELİK", "İBRAHİM ÇELİK", None),
        ("李 小龙", "小龙", "李", "李 小龙", None),
        # No name of a person; kept as it is and never taken apart.
        ("R2-D2 42", None, None, "R2-D2 42", None),
        ("see http://x.example", None, None, "see http://x.example", None),
        ("Ms", None, None, "Ms", None),
    ],
)
def test_a_whole_name_is_told_in_parts(
    full: str, first: str | None, last: str | None, shown: str, salutation: str | None
) -> None:
    found = read_name(None, None, full)

    assert (found.first, found.last, found.full, found.salutation) == (
        first,
        last,
        shown,
        salutation,
    )
    assert found.as_sent == ({} if shown == full else {"full_name": full})


def test_parts_make_the_whole_and_a_part_that_was_told_is_never_guessed() -> None:
    assert read_name("Maya", "Okafor", None).full == "Maya Okafor"
    assert read_name("MAYA", "OKAFOR", None) == PersonName(
        "Maya", "Okafor", "Maya Okafor", None, {"first_name": "MAYA", "last_name": "OKAFOR"}
    )
    assert read_name(None, "VAN DER BERG", None).last == "van der Berg"
    assert read_name("Mary Ann", None, "Mary Ann Jones").first == "Mary Ann"
    assert read_name("Mary Ann", None, "Mary Ann Jones").last == "Jones"
    assert read_name(None, None, None) == PersonName()


@pytest.mark.parametrize(
    "name", ["DeShawn", "van Gogh", "MacLeod", "bell Hooks", "JD", "მაია", "e.e. Cummings"]
)
def test_a_name_that_somebody_wrote_with_care_is_left_as_it_is(name: str) -> None:
    assert ordinary(name) == name


@settings(deadline=None)
@given(plain_words, plain_words)
def test_two_plain_words_are_told_apart_as_the_library_tells_them(one: str, two: str) -> None:
    parsed, found = HumanName(f"{one} {two}"), read_name(None, None, f"{one} {two}")

    assert (found.first or "", found.last or "") == (parsed.first, parsed.last)


@settings(deadline=None)
@given(st.text(max_size=150), st.none() | st.text(min_size=1, max_size=50))
def test_whatever_is_sent_as_a_name_is_there_afterwards(full: str, first: str | None) -> None:
    found = read_name(first, None, full or None)
    kept = {found.full, found.first, *found.as_sent.values()}

    assert not full or full in kept
    assert first is None or first in kept
