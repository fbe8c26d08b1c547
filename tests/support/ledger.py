"""The outside ledger: what was sent and what came out, judged without a line of chassis.

Fault tests hand it the inputs that were acknowledged and the raw records of the output topics; it
drops repeats as a reader would and tells what was lost, doubled, reordered, missing in the numbers
or different in bytes. It knows no toy and no service: hops and counts are named by the caller.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Stream(NamedTuple):
    """One writer's numbers: a producer's lane to one partition."""

    producer: str
    lane: str
    target: str


@dataclass(frozen=True, slots=True)
class Seen:
    """One raw record of an output topic, in the order of its partition."""

    topic: str
    partition: int
    offset: int
    key: str
    value: bytes
    headers: Mapping[str, bytes]

    def header(self, name: str) -> str:
        """A header's text, empty where it is not there."""
        return self.headers.get(name, b"").decode()

    @property
    def id(self) -> str:
        return self.header("ce_id")

    @property
    def cause(self) -> str:
        return self.header("ce_causationid")

    @property
    def type(self) -> str:
        return self.header("ce_type")

    @property
    def stream(self) -> Stream | None:
        """None for a record without sequence headers."""
        if "ce_seq" not in self.headers:
            return None
        target = f"{self.topic}:{self.partition}"
        return Stream(self.header("ce_producer"), self.header("ce_lane"), target)


@dataclass(slots=True)
class Sifted:
    """Raw records after a reader's own filter."""

    taken: list[Seen] = field(default_factory=list)
    raw_doubles: int = 0
    gaps: list[str] = field(default_factory=list)
    """Numbers that a stream jumped over when a later one first appeared."""
    different: list[str] = field(default_factory=list)
    """Two records of one stream and number with other bytes or headers."""


def sift(seen: Iterable[Seen]) -> Sifted:
    """Drop what came before by stream and number; note jumps and pairs that differ."""
    out = Sifted()
    marks: dict[Stream, int] = {}
    bodies: dict[tuple[Stream, int], tuple[str, bytes, Mapping[str, bytes]]] = {}
    for each in seen:
        stream = each.stream
        if stream is None:
            out.taken.append(each)
            continue
        seq, content = int(each.header("ce_seq")), (each.key, each.value, each.headers)
        place = f"{stream.producer} lane {stream.lane} to {stream.target}, number {seq}"
        if bodies.setdefault((stream, seq), content) != content:
            out.different.append(place)
        mark = marks.get(stream, 0)
        if seq <= mark:
            out.raw_doubles += 1
            continue
        if seq != mark + 1:
            out.gaps.append(f"{place} after {mark}")
        marks[stream] = seq
        out.taken.append(each)
    return out


class Asked(NamedTuple):
    """Something that was sent or said, and must have one answer."""

    id: str
    key: str


class Answer(NamedTuple):
    """What came of it, in the order of the log; ``to`` is the id of what was asked."""

    to: str
    key: str


@dataclass(slots=True)
class Verdict:
    """Everything that is wrong; nothing, where ``clean``."""

    asked: int = 0
    """Over all hops."""
    answers: int = 0
    raw_doubles: int = 0
    lost: list[str] = field(default_factory=list)
    doubled: list[str] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    reordered: list[str] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)
    different: list[str] = field(default_factory=list)
    miscounted: list[str] = field(default_factory=list)

    @property
    def wrong(self) -> Mapping[str, Sequence[str]]:
        """What is wrong, by kind."""
        kinds = "lost doubled unasked reordered gaps different miscounted".split()  # noqa: SIM905
        return {kind: getattr(self, kind) for kind in kinds if getattr(self, kind)}

    @property
    def clean(self) -> bool:
        return not self.wrong

    def __str__(self) -> str:
        """The figures on one line, then the first of each kind that is wrong."""
        figures = (
            f"{self.asked} asked, {self.answers} answers, {self.raw_doubles} raw doubles; "
            f"after filtering {len(self.lost)} lost, {len(self.doubled)} doubled, "
            f"{len(self.reordered)} reordered, {len(self.gaps)} gaps, "
            f"{len(self.different)} pairs of different bytes, {len(self.miscounted)} miscounted"
        )
        return "\n".join([figures, *(f"{kind}: {all_[:3]}" for kind, all_ in self.wrong.items())])

    def take(self, sifted: Sifted) -> None:
        """Add what the streams showed."""
        self.raw_doubles += sifted.raw_doubles
        self.gaps += sifted.gaps
        self.different += sifted.different

    def hop(
        self, asked: Sequence[Asked], answers: Sequence[Answer], maybe: frozenset[str] = frozenset()
    ) -> None:
        """Judge one hop: one answer each, for each key in the order asked.

        ``maybe`` are ids whose sending was never acknowledged: they may have an answer.
        """
        self.asked += len(asked)
        self.answers += len(answers)
        times: dict[str, int] = {}
        for answer in answers:
            times[answer.to] = times.get(answer.to, 0) + 1
        known = {each.id for each in asked}
        self.lost += [each.id for each in asked if each.id not in times and each.id not in maybe]
        self.doubled += [to for to, count in times.items() if count > 1]
        self.unasked += [to for to in times if to not in known and to not in maybe]
        self.reordered += _out_of_order(asked, answers)

    def counts(self, numbers: Mapping[str, Sequence[int]], what: str) -> None:
        """Judge running counts: for each key 1, 2, 3 and so on, in the order of the log."""
        self.miscounted += [
            f"{what} of {key}: {list(told)}"
            for key, told in numbers.items()
            if list(told) != list(range(1, len(told) + 1))
        ]


def _out_of_order(asked: Sequence[Asked], answers: Sequence[Answer]) -> list[str]:
    place = {each.id: at for at, each in enumerate(asked)}
    last: dict[str, int] = {}
    wrong = []
    for answer in answers:
        at = place.get(answer.to)
        if at is None:
            continue
        if at < last.get(answer.key, -1):
            wrong.append(answer.to)
        last[answer.key] = max(at, last.get(answer.key, -1))
    return wrong
