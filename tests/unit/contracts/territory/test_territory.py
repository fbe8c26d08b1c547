"""The most exact row of the table gives a lead its territory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.facts import Facts
from contracts.lists import rows
from contracts.territory import (
    Overlap,
    Territory,
    TerritoryError,
    overlaps,
    parse_territories,
    territory_of,
)

HEADER = "country,region,postcode_prefix,employees_from,employees_to,territory\n"


def table(text: str) -> tuple[Territory, ...]:
    return parse_territories(rows(HEADER + text))


def test_the_most_exact_row_wins_wherever_it_stands() -> None:
    areas = table("DE,,,,,EMEA\nDE,,,1000,,DE-LARGE\nDE,,10,,,BERLIN\nDE,,101,,,MITTE\n")
    assert territory_of(Facts({"lead.country": "DE"}), areas) == "EMEA"
    assert (
        territory_of(Facts({"lead.country": "DE", "company.employees": 1000}), areas) == "DE-LARGE"
    )
    berlin = Facts({"lead.country": "DE", "lead.postcode_area": "104"})
    assert territory_of(berlin, areas) == "BERLIN"
    assert territory_of(berlin.changed({"lead.postcode_area": "101"}), areas) == "MITTE"


def test_a_lead_without_the_fact_lies_in_no_row_that_asks_for_it() -> None:
    assert territory_of(Facts(), table("DE,,,,,EMEA\n")) is None
    assert territory_of(Facts(), table("DE,,,,,EMEA\n,,,,,REST\n")) == "REST"
    assert territory_of(Facts({"lead.country": "DE"}), table(",,,1,10,SMALL\n")) is None


def test_rows_that_quarrel_are_found() -> None:
    areas = table("DE,,,,,A\nDE,,,,,B\nGB,,,1,10,C\nGB,,,10,20,D\nGB,,,21,,E\nGB,,,,,F\n")
    assert overlaps(areas) == (Overlap(0, 1), Overlap(2, 3))


_rows = st.builds(
    Territory,
    country=st.sampled_from(["", "DE", "GB"]),
    postcode_prefix=st.sampled_from(["", "1", "10"]),
    employees_from=st.sampled_from([None, 1, 50]),
    employees_to=st.sampled_from([None, 50, 99]),
    territory=st.sampled_from(["A", "B", "C"]),
)
_facts = st.fixed_dictionaries(
    {},
    optional={
        "lead.country": st.sampled_from(["DE", "GB"]),
        "lead.postcode_area": st.sampled_from(["100", "200"]),
        "company.employees": st.sampled_from([0, 50, 99, 100]),
    },
).map(Facts)


@given(st.lists(_rows, max_size=5).map(tuple), _facts)
def test_without_overlaps_the_order_of_rows_does_not_matter(
    areas: tuple[Territory, ...], facts: Facts
) -> None:
    if not overlaps(areas):
        assert territory_of(facts, areas) == territory_of(facts, areas[::-1])


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ("country,land,territory\n", 1, "unknown column 'land'"),
        ("country\nDE\n", 1, "territory is needed"),
        (HEADER + "DE,,,,EMEA\n", 2, "5 cells, the header has 6"),
        (HEADER + "Germany,,,,,EMEA\n", 2, "two capital letters"),
        (HEADER + "DE,,1011,,,EMEA\n", 2, "only 3 characters"),
        (HEADER + "DE,,,ten,,EMEA\n", 2, "whole number"),
        (HEADER + "DE,,,9,1,EMEA\n", 2, "is above"),
        (HEADER + "DE,,,,,E MEA\n", 2, "name has letters"),
    ],
)
def test_a_wrong_table_is_refused_with_its_line(text: str, line: int, says: str) -> None:
    with pytest.raises(TerritoryError, match=says) as caught:
        parse_territories(rows(text))
    assert caught.value.line == line
