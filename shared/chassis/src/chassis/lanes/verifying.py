"""Verification: every recorded decision derived again, in the background, off the hot path.

The runtime's side of ``baton verify``. Reads history in the order of decisions, page by page.
"""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

import orjson

from chassis.database import Database
from chassis.http.operations import Difference as Shown
from chassis.http.operations import Verification, VerifyState
from chassis.lanes.history import HistoryRow
from chassis.lanes.rows import HISTORY
from chassis.lanes.step import Step
from chassis.policies.versions import PolicyBook
from chassis.replay import Difference, replay
from contracts.body import Part
from contracts.decision import TimerDue
from contracts.events import TYPES

_PAGE = 500
_SHOWN = 100
_COLUMNS = (
    "step, part, decision_no, key, cause, cause_type, event::text AS event, policy, now, "
    "before::text AS before, says::text AS says, after_digest, digest"
)


class Verifier:
    """Runs at most one verification of one service at a time; keeps the last ones' results."""

    def __init__(
        self, database: Database, book: PolicyBook, steps: Sequence[Step[Any, Any]]
    ) -> None:
        """Verify the steps that keep a history."""
        self._database = database
        self._book = book
        self._steps = {step.name: step for step in steps if step.keeps_history}
        self._jobs: dict[UUID, Verification] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> Verification:
        """Start, or return the one that runs."""
        running = [job for job in self._jobs.values() if job.state is VerifyState.RUNNING]
        if running:
            return running[0]
        job = Verification(uuid4(), VerifyState.RUNNING, datetime.now(UTC), None, 0, None, (), 0)
        self._jobs[job.id] = job
        self._task = asyncio.create_task(self._run(job.id))
        return job

    def found(self, job: UUID) -> Verification:
        """Return how far a job is. Raises LookupError."""
        if job not in self._jobs:
            raise LookupError(f"no verification {job} is known to this instance")
        return self._jobs[job]

    def cancel(self, job: UUID) -> Verification:
        """Stop a job; one that has ended stays as it is. Raises LookupError."""
        known = self.found(job)
        if known.state is VerifyState.RUNNING and self._task is not None:
            self._task.cancel()
            self._change(job, state=VerifyState.CANCELLED, ended_at=datetime.now(UTC))
        return self.found(job)

    def _change(self, job: UUID, **fields: Any) -> None:  # noqa: ANN401 - a dataclass's fields
        known = self._jobs[job]
        values = {name: getattr(known, name) for name in known.__dataclass_fields__}
        self._jobs[job] = Verification(**{**values, **fields})

    async def _run(self, job: UUID) -> None:
        try:
            await self._verify(job)
        except Exception as error:  # noqa: BLE001 - a job's failure is its result
            self._change(
                job,
                state=VerifyState.FAILED,
                ended_at=datetime.now(UTC),
                error=type(error).__name__,
            )
            return
        ended = VerifyState.DIFFERENT if self._jobs[job].different else VerifyState.EQUAL
        self._change(job, state=ended, ended_at=datetime.now(UTC))

    async def _verify(self, job: UUID) -> None:
        async with self._database.transaction() as tx:
            counted = await tx.fetch_one("SELECT count(*) AS n FROM history")
            policies = await tx.fetch_one("SELECT count(*) AS n FROM policy_version")
            assert counted is not None  # noqa: S101 - count gives a row
            assert policies is not None  # noqa: S101 - count gives a row
            await self._book.refresh(tx, policies["n"])
            numbers = await tx.fetch(
                "SELECT step, part, next_seq - 1 AS last FROM sequence WHERE target = $1", HISTORY
            )
        self._change(job, total=counted["n"])
        run = Numbering({(row["step"], row["part"]): row["last"] for row in numbers})
        after = ("", -1, -1)
        while page := await self._page(after):
            last = page[-1]
            after = (last.step, last.part, last.decision_no)
            for row in page:
                for gap in run.before(row):
                    self._note(job, gap)
                self._take(job, row)
                await asyncio.sleep(0)
            self._change(job, done=self._jobs[job].done + len(page))
        for gap in run.missing_at_the_end():
            self._note(job, gap)

    async def _page(self, after: tuple[str, int, int]) -> list[HistoryRow]:
        async with self._database.transaction() as tx:
            rows = await tx.fetch(
                f"SELECT {_COLUMNS} FROM history "  # noqa: S608 - a constant
                "WHERE (step, part, decision_no) > ($1, $2, $3) "
                "ORDER BY step, part, decision_no LIMIT $4",
                *after,
                _PAGE,
            )
        return [HistoryRow(**dict(row)) for row in rows]

    def _take(self, job: UUID, row: HistoryRow) -> None:
        step = self._steps.get(row.step)
        if step is None:
            return
        need = step.policy
        types = types_of_step(step)
        for difference in replay(
            [row], step, lambda each: self._book.need_by_hash(need, each.policy), types
        ):
            if difference is not None:
                self._note(job, _shown(difference))

    def _note(self, job: UUID, difference: Shown) -> None:
        known = self._jobs[job]
        shown = known.differences
        if len(shown) < _SHOWN:
            shown = (*shown, difference)
        self._change(job, different=known.different + 1, differences=shown)


class Numbering:
    """Finds decisions that are no longer there: their numbers have no gap. Pure."""

    def __init__(self, last: Mapping[tuple[str, int], int]) -> None:
        """Expect each step's lane to reach at least these numbers."""
        self._last = last
        self._seen: dict[tuple[str, int], int] = {}

    def before(self, row: HistoryRow) -> Iterator[Shown]:
        """Yield the gap before a row, if there is one; rows come in order."""
        place = (row.step, row.part)
        expected = self._seen.get(place, 0) + 1
        self._seen[place] = row.decision_no
        if row.decision_no != expected:
            yield _missing(place, expected, row.decision_no - 1)

    def missing_at_the_end(self) -> Iterator[Shown]:
        """Yield each lane's decisions that were counted and never came."""
        for place, last in sorted(self._last.items()):
            seen = self._seen.get(place, 0)
            if seen < last:
                yield _missing(place, seen + 1, last)


def _missing(place: tuple[str, int], first: int, last: int) -> Shown:
    why = {"why": f"decisions {first} to {last} are not there"}
    return Shown(f"{place[0]}:{place[1]}:{first}", "", why, None)


def types_of_step(step: Step[Any, Any]) -> Mapping[str, type[Part]]:
    """Return every type whose name history may give as a cause of this step's decisions."""
    own: Iterator[tuple[str, type[Part]]] = ((each.__name__, each) for each in step.handlers)
    return dict(chain(own, TYPES.items(), [(TimerDue.__name__, TimerDue)]))


def _shown(difference: Difference) -> Shown:
    row = difference.row
    return Shown(
        decision=f"{row.step}:{row.part}:{row.decision_no}",
        key=row.key,
        recorded={"says": _json(row.says), "why": difference.why},
        derived=None if difference.derived is None else {"says": _json(difference.derived)},
    )


def _json(text: str) -> Any:  # noqa: ANN401 - JSON's values
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text
