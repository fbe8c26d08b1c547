"""One import from its file's first row, or from where it stopped, to its last.

Called by the command. After each batch that ingest has taken the place is written down; what is
sent again after a crash is the same touches and facts by their ids.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import orjson

from baton.importing.mapping import Mapped, as_words
from baton.importing.place import Place, Rejects, digest_of, keep_place
from baton.importing.reading import Line, Rows
from baton.importing.rows import Rule, Wrong, row_of
from baton.importing.sending import MOST_BYTES, MOST_ROWS, Sender

MOST_LINES = 5_000
"""Lines of one step, those that are refused here among them: the place is not further behind."""


class Follower(Protocol):
    """Whoever watches an import."""

    def came(self, place: Place, rows: Rows) -> None:
        """Hear how far it has come."""
        ...


@dataclass
class Batch:
    """Rows that are sent in one call, and the lines of the file that it covers."""

    lines: int = 0
    size: int = 0
    sent: list[tuple[Line, bytes, bool]] = field(default_factory=list)
    """A row's line, the row as JSON, and whether it is history."""
    wrong: list[tuple[Line, str]] = field(default_factory=list)

    @property
    def is_full(self) -> bool:
        """Whether it is time to send it."""
        is_large = len(self.sent) >= MOST_ROWS or self.size >= MOST_BYTES
        return is_large or self.lines >= MOST_LINES

    def add(self, line: Line, rule: Rule) -> None:
        """Take one more line in."""
        self.lines += 1
        try:
            row = row_of(line, rule)
            raw = orjson.dumps(row)
        except Wrong as wrong:
            self.wrong.append((line, str(wrong)))
        except TypeError:
            self.wrong.append((line, "holds a character or a number that JSON has not"))
        else:
            self.sent.append((line, raw, bool(row["historical"])))
            self.size += len(raw)


def digest(path: Path, rule: Rule) -> str:
    """Return what tells one import from another: the file and how it is read. Raises Trouble."""
    mapped: Mapped = rule.mapped
    told = {
        "what": mapped.fields.what.value,
        "mapping": as_words(mapped),
        "source": rule.source,
        "live_since": rule.live_since.isoformat() if rule.live_since else None,
    }
    return digest_of(path, told)


def batches(rows: Rows, rule: Rule, skip: int) -> Iterator[Batch]:
    """Yield the rows of a file in batches, without the first ones. Raises Trouble."""
    batch = Batch()
    for number, line in enumerate(rows.lines):
        if number < skip:
            continue
        batch.add(line, rule)
        if batch.is_full:
            yield batch
            batch = Batch()
    if batch.lines:
        yield batch


@dataclass
class Import:
    """An import that is under way."""

    rule: Rule
    sender: Sender
    rejects: Rejects
    file: Path
    """Where its place is written down."""
    follower: Follower

    def run(self, rows: Rows, place: Place) -> Place:
        """Send all that is left; return how it ended. Raises Trouble, the place written down."""
        keep_place(self.file, place)  # where that cannot be, nothing is sent
        for batch in batches(rows, self.rule, place.rows):
            place = self._taken(batch, place)
            self.follower.came(place, rows)
        place = replace(place, done=True)
        keep_place(self.file, place)
        return place

    def _taken(self, batch: Batch, place: Place) -> Place:
        refused = self.sender.send([raw for _, raw, _ in batch.sent], place.rows)
        wrong = batch.wrong + [(batch.sent[at][0], why) for at, why in refused.items()]
        for line, why in sorted(wrong, key=lambda each: each[0].number):
            row = line.cells if line.original is None else line.original
            self.rejects.add(line.number, why, row)
        taken = [old for at, (_, _, old) in enumerate(batch.sent) if at not in refused]
        history = sum(taken)
        after = place.after(rows=batch.lines, historical=history, live=len(taken) - history)
        after = replace(after, rejects_bytes=self.rejects.flushed())
        keep_place(self.file, after)
        return after
