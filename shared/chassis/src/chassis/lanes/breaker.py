"""When parking must end: too many refused in a row mean that the code is wrong, not the data.

Pure; a lane asks it after every message.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Breaker:
    """Counts the messages parked one after another for a bug."""

    limit: int = 20
    in_a_row: int = 0

    def parked(self) -> "Breaker":
        """Return the breaker after one more message was parked for a bug."""
        return replace(self, in_a_row=self.in_a_row + 1)

    def worked(self) -> "Breaker":
        """Return the breaker after a message was decided on."""
        return replace(self, in_a_row=0) if self.in_a_row else self

    @property
    def is_open(self) -> bool:
        """Whether the lane must stop and a person look."""
        return self.in_a_row >= self.limit
