"""What a reader has had of each writer: new, seen before, or something in between lost. Pure.

Loss is judged by the writers' sequence numbers, never by Kafka's offsets, which have holes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """What to do with a record."""

    NEW = "new"
    SEEN = "seen"
    LOST = "lost"


@dataclass(frozen=True, slots=True)
class Writer:
    """One stream of sequence numbers: a producer's lane writing to one topic and partition."""

    producer: str
    """Service, step and incarnation: ``scoring.score@5f2c``."""
    lane: int
    target: str
    """Topic and partition: ``leads.mql:3``."""


def judge(mark: int | None, seq: int, *, log_was_truncated: bool) -> Verdict:
    """Judge the record numbered ``seq``, where ``mark`` is the last one taken of its writer.

    A writer never seen before begins at 1, or later only where this reader began to read a log
    whose beginning had been deleted already. A mark below zero says that a person accepted a gap
    after it: what was taken stays taken, and the next number may be any.
    """
    if mark is None:
        return Verdict.NEW if seq == 1 or log_was_truncated else Verdict.LOST
    if seq <= abs(mark):
        return Verdict.SEEN
    return Verdict.NEW if mark < 0 or seq == mark + 1 else Verdict.LOST


class Marks:
    """The marks of one lane while its owner holds it; only the owner moves them."""

    def __init__(self, marks: Mapping[Writer, int]) -> None:
        """Begin with what the database holds."""
        self._kept = dict(marks)
        self._new: dict[Writer, int] = {}
        self._incarnations: dict[str, set[str]] = {}
        for writer in marks:
            self._meet(writer)

    def judge(self, writer: Writer, seq: int, *, log_was_truncated: bool) -> Verdict:
        """Judge a record and, where it is new, take note of it."""
        mark = self._new.get(writer, self._kept.get(writer))
        verdict = judge(mark, seq, log_was_truncated=log_was_truncated)
        if verdict is Verdict.NEW:
            self._new[writer] = seq
            if mark is None:
                self._meet(writer)
        return verdict

    def _meet(self, writer: Writer) -> None:
        step = writer.producer.partition("@")[0]
        self._incarnations.setdefault(step, set()).add(writer.producer)

    def may_retell(self, producer: str) -> bool:
        """Tell whether a writer is known by another incarnation too: one of them was restored.

        Marks cannot tell what it says again, for ever after; the ids of events can.
        """
        known = self._incarnations.get(producer.partition("@")[0], set())
        return bool(known - {producer})

    def moved(self) -> Mapping[Writer, int]:
        """Return the marks to be stored with the batch."""
        return dict(self._new)

    def mark_of(self, writer: Writer) -> int | None:
        """Return the last number taken of a writer."""
        mark = self._new.get(writer, self._kept.get(writer))
        return None if mark is None else abs(mark)

    def forget(self) -> None:
        """The batch was rolled back and is done again."""
        self._new.clear()

    def keep(self) -> None:
        """The batch is committed."""
        self._kept.update(self._new)
        self._new.clear()
