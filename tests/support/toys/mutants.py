"""Toys that are wrong on purpose: each leaves out one thing that chassis does, to test the ledger.

A toy's process calls ``go_wrong`` at its start; TOY_MUTANT names what is left out, TOY_FREEZE a
file whose presence stops the process once between fetch and transaction, as SIGSTOP would. Only
here is anything of chassis replaced; chassis itself has no such switch.
"""

import os
import signal
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import chassis.kafka.sender
import chassis.lanes.batch
import chassis.lanes.commands
import chassis.lanes.marks
import chassis.lanes.rows
import chassis.lanes.working
import chassis.runtime
from chassis.database import Database, Tx
from chassis.kafka.sender import Outgoing
from chassis.lanes.batch import Lane, Outcome, Work
from chassis.lanes.commands import CommandDesk
from chassis.lanes.records import OutboxRow
from chassis.lanes.rows import Fenced, Move
from chassis.policies.versions import PolicyBook

MUTANT, FREEZE, DIE = "TOY_MUTANT", "TOY_FREEZE", "TOY_DIE"


def go_wrong() -> None:
    """Leave out what the environment names; raises KeyError for an unknown mutant."""
    if mutant := os.environ.get(MUTANT):
        MUTANTS[mutant]()
    if file := os.environ.get(FREEZE):
        _freeze_where(Path(file))


def _sprung(trap: Path, number: signal.Signals) -> None:
    """Take the file away, if it is there, and signal this process."""
    if trap.exists():
        trap.unlink()
        os.kill(os.getpid(), number)


def _replace(room: ModuleType, name: str, wrong: object) -> None:
    assert hasattr(room, name), f"{room.__name__} has no {name} any more: mend this mutant"
    setattr(room, name, wrong)


def _freeze_where(file: Path) -> None:
    right = chassis.lanes.batch.run_batch

    async def run_batch(database: Database, lane: Lane, book: PolicyBook, work: Work) -> Outcome:
        if work.heard:
            _sprung(file, signal.SIGSTOP)
        return await right(database, lane, book, work)

    _replace(chassis.lanes.working, "run_batch", run_batch)


def _without_marks() -> None:
    def judge(_mark: int | None, _seq: int, *, log_was_truncated: bool) -> Any:  # noqa: ANN401, ARG001
        return chassis.lanes.marks.Verdict.NEW

    _replace(chassis.lanes.marks, "judge", judge)


def _without_fence() -> None:
    async def fence(
        tx: Tx, step: str, part: int, _epoch: int, moves: Sequence[Move], _keys: Sequence[str]
    ) -> Fenced | None:
        held = await chassis.lanes.rows.lock_for_command(tx, step, part)
        for move in moves:
            await tx.execute(
                "UPDATE position SET next_off = greatest(next_off, $5) WHERE step = $1 "
                "AND part = $2 AND topic = $3 AND topic_part = $4",
                step,
                part,
                move.topic,
                move.partition,
                move.next,
            )
        return held

    _replace(chassis.lanes.rows, "fence", fence)


def _publishing_before_commit() -> None:
    """Send a batch before its transaction ends; die in between where TOY_DIE's file is there."""
    right = chassis.lanes.batch.settle_in

    async def settle_in(*arguments: Any, **named: Any) -> Sequence[OutboxRow]:  # noqa: ANN401
        outbox = await right(*arguments, **named)
        for future in [await SENDERS[0].send(_outgoing(row)) for row in outbox]:
            await future
        if outbox:
            _sprung(Path(os.environ[DIE]), signal.SIGKILL)
        return outbox

    _replace(chassis.lanes.batch, "settle_in", settle_in)
    _keep_sender()


def _publishing_own_commands() -> None:
    """Let whoever decided a command also send its events."""

    class Desk(CommandDesk):
        async def run(self, *arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - as the right one
            reply = await super().run(*arguments, **named)
            for row in SAID.pop(str(reply.body["event"]), ()):
                await (await SENDERS[0].send(_outgoing(row)))
            return reply

    right = chassis.lanes.batch.settle_in

    async def settle_in(*arguments: Any, **named: Any) -> Sequence[OutboxRow]:  # noqa: ANN401
        outbox = await right(*arguments, **named)
        for row in outbox:
            SAID.setdefault(str(row.event_id), []).append(row)
        return outbox

    _replace(chassis.lanes.commands, "settle_in", settle_in)
    _replace(chassis.runtime, "CommandDesk", Desk)
    _keep_sender()


SENDERS: list[Any] = []
SAID: dict[str, list[OutboxRow]] = {}


def _keep_sender() -> None:
    right = chassis.kafka.sender.Sender

    def sender(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401
        SENDERS.append(right(*arguments, **named))
        return SENDERS[-1]

    _replace(chassis.runtime, "Sender", sender)


def _outgoing(row: OutboxRow) -> Outgoing:
    return Outgoing(row.topic, row.partition, row.key.encode(), row.value, row.headers)


MUTANTS: Mapping[str, Callable[[], None]] = {
    "no-marks": _without_marks,
    "no-fence": _without_fence,
    "publish-before-commit": _publishing_before_commit,
    "publish-own-commands": _publishing_own_commands,
}
