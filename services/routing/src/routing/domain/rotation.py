"""Whose turn it is in a pool: stride scheduling in exact arithmetic.

After C. Waldspurger, "Lottery and Stride Scheduling" (1995): each turn moves a rep's pass on by
1/weight, and the least pass comes next. Pure; choice.py asks, store.py keeps.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Annotated

from pydantic import Field, PlainSerializer, PlainValidator

from contracts.body import Part

Turns = Annotated[Fraction, PlainValidator(Fraction), PlainSerializer(str, return_type=str)]
"""Turns taken by weight, exact: ``7/2``."""


class Seat(Part):
    """One rep's place in one pool."""

    passed: Turns
    last_no: int
    """The number of the assignment that was the rep's last here."""
    taken: int
    """How many leads the rep got here."""


class PoolTurns(Part):
    """The turns of one pool."""

    floor: Turns = Fraction(0)
    """The pass of whoever came last, before that turn: nobody who was there throughout is below."""
    seats: dict[str, Seat] = Field(default_factory=dict)
    """By rep; who left keeps the seat."""

    def turn_of(self, rep: str) -> Fraction:
        """Return where a rep stands. Who is new or was away comes back level, not far behind."""
        seat = self.seats.get(rep)
        return self.floor if seat is None else max(seat.passed, self.floor)

    def last_no(self, rep: str) -> int:
        """Return the number of the rep's last assignment here; 0 for none."""
        seat = self.seats.get(rep)
        return 0 if seat is None else seat.last_no

    def order(self, reps: Iterable[str]) -> tuple[str, ...]:
        """Return reps as their turns come: least pass, then longest without a lead, then id."""
        return tuple(sorted(reps, key=self._place))

    def first(self, reps: Iterable[str]) -> str | None:
        """Return whose turn comes first; None of nobody."""
        return min(reps, key=self._place, default=None)

    def _place(self, rep: str) -> tuple[Fraction, int, str]:
        return self.turn_of(rep), self.last_no(rep), rep


class Rotation(Part):
    """The turns of all pools, and how many assignments there were in the organisation."""

    decision_no: int = 0
    pools: dict[str, PoolTurns] = Field(default_factory=dict)

    def pool(self, name: str) -> PoolTurns:
        """Return a pool's turns."""
        return self.pools.get(name) or PoolTurns()

    def take(self, pool: str, rep: str, weights: Mapping[str, int]) -> "Rotation":
        """Return the rotation after a rep's turn in a pool; only that one seat has moved."""
        turns, number = self.pool(pool), self.decision_no + 1
        turn, seat = turns.turn_of(rep), turns.seats.get(rep)
        moved = Seat(
            passed=turn + Fraction(1, weights[rep]),
            last_no=number,
            taken=1 if seat is None else seat.taken + 1,
        )
        after = PoolTurns(floor=turn, seats={**turns.seats, rep: moved})
        return Rotation(decision_no=number, pools={**self.pools, pool: after})
