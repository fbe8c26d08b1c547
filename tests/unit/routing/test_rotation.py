"""Turns: fair at every prefix, exact, and never reset by an edit."""

from collections import Counter
from fractions import Fraction

import hypothesis.strategies as st
from hypothesis import given

from routing.domain.rotation import PoolTurns, Rotation, Seat

REPS = ("ana", "jonas", "mia", "priya", "tom")
weights = st.dictionaries(st.sampled_from(REPS), st.integers(1, 100), min_size=1)
absences = st.lists(st.frozensets(st.sampled_from(REPS), max_size=4), max_size=60)


def turn(rotation: Rotation, members: dict[str, int], free: set[str]) -> tuple[str, Rotation]:
    first = rotation.pool("p").order(free)[0]
    return first, rotation.take("p", first, members)


@given(weights, st.integers(1, 100))
def test_members_who_are_always_there_stay_within_one_turn_of_their_due(
    members: dict[str, int], count: int
) -> None:
    rotation, got = Rotation(), Counter[str]()
    for _ in range(count):
        rep, rotation = turn(rotation, members, set(members))
        got[rep] += 1
        for one, one_weight in members.items():
            for other, other_weight in members.items():
                apart = abs(Fraction(got[one], one_weight) - Fraction(got[other], other_weight))
                assert apart <= max(Fraction(1, one_weight), Fraction(1, other_weight))


@given(weights, absences)
def test_the_bound_holds_for_those_always_there_whoever_comes_and_goes(
    members: dict[str, int], away: list[frozenset[str]]
) -> None:
    always = set(members).difference(*away)
    rotation, got = Rotation(), Counter[str]()
    for absent in away:
        free = set(members) - absent
        if not free:
            continue
        rep, rotation = turn(rotation, members, free)
        got[rep] += 1
    for one in always:
        for other in always:
            apart = abs(Fraction(got[one], members[one]) - Fraction(got[other], members[other]))
            assert apart <= max(Fraction(1, members[one]), Fraction(1, members[other]))


@given(weights, absences)
def test_who_was_away_comes_back_level_and_is_not_flooded(
    members: dict[str, int], away: list[frozenset[str]]
) -> None:
    rotation = Rotation()
    for absent in away:
        free = set(members) - absent
        if free:
            _, rotation = turn(rotation, members, free)
    turns = rotation.pool("p")
    low = min(turns.turn_of(rep) for rep in members)
    for rep, weight in members.items():
        assert low <= turns.turn_of(rep) <= turns.floor + Fraction(1, weight)


@given(weights, weights, st.integers(0, 40))
def test_an_edit_of_weights_or_members_resets_nobody(
    before: dict[str, int], after: dict[str, int], count: int
) -> None:
    rotation = Rotation()
    for _ in range(count):
        _, rotation = turn(rotation, before, set(before))
    kept = rotation.pool("p").seats
    for _ in range(count):
        rep, later = turn(rotation, after, set(after))
        seats = later.pool("p").seats
        others = {name: seat for name, seat in seats.items() if name != rep}
        assert others == {
            name: seat for name, seat in rotation.pool("p").seats.items() if name != rep
        }
        assert seats[rep].taken == (kept[rep].taken if rep in kept else 0) + 1
        rotation, kept = later, seats


def test_equal_turns_go_to_whoever_waited_longest_then_by_id() -> None:
    seat = {
        "ana": Seat(passed=Fraction(1), last_no=9, taken=2),
        "jonas": Seat(passed=Fraction(1), last_no=4, taken=2),
    }
    turns = PoolTurns(seats=seat)
    assert turns.order(["ana", "jonas"]) == ("jonas", "ana")
    assert PoolTurns().order(["mia", "jonas", "ana"]) == ("ana", "jonas", "mia")


def test_a_rotation_survives_its_text_exactly() -> None:
    members = {"ana": 3, "jonas": 7}
    rotation = Rotation()
    for _ in range(11):
        _, rotation = turn(rotation, members, set(members))
    again = Rotation.model_validate_json(rotation.model_dump_json())
    assert again == rotation
    assert isinstance(again.pool("p").seats["ana"].passed, Fraction)


def test_two_of_weight_two_and_one_of_one_take_turns_as_they_should() -> None:
    members, rotation, order = {"ana": 2, "jonas": 2, "mia": 1}, Rotation(), []
    for _ in range(10):
        rep, rotation = turn(rotation, members, set(members))
        order.append(rep)
    assert Counter(order) == {"ana": 4, "jonas": 4, "mia": 2}
    assert order[:3] == ["ana", "jonas", "mia"]
