"""Which rate to try next: doubling until one does not hold, then halving the distance. Pure."""

from dataclasses import dataclass

FIRST = 200.0
MOST = 6_400.0
LEAST = 12.5
CLOSE = 1.12
"""The search ends when the rate that fails is no further above the one that holds."""


@dataclass(frozen=True, slots=True)
class Search:
    """The highest rate that held, the lowest that did not; leads a second."""

    held: float | None = None
    failed: float | None = None

    def next_rate(self) -> float | None:
        """Return the rate to try; None when the search is over."""
        if self.failed is None:
            rate = FIRST if self.held is None else self.held * 2
            return rate if rate <= MOST else None
        if self.held is None:
            return self.failed / 2 if self.failed > LEAST else None
        if self.failed / self.held <= CLOSE:
            return None
        return round((self.held + self.failed) / 2, 1)

    def told(self, rate: float, *, held: bool) -> "Search":
        """Return what is known after a step."""
        return Search(rate, self.failed) if held else Search(self.held, rate)
