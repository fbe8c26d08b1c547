"""REST commands: decided by any instance under the lane row, published by the lane's owner.

Doors call ``CommandDesk``; each call is one transaction. Nothing is sent from here: the owner is
told by NOTIFY and looks once a second besides.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from chassis.database import Database, Tx, Unavailable
from chassis.http.idempotency import Attempt, Reply, once
from chassis.kafka.lane_of import lane_of
from chassis.lanes import rows
from chassis.lanes.batch import Lane, decide_in, settle_in
from chassis.lanes.deciding import Decided, Said
from chassis.lanes.step import Received, Step
from chassis.lanes.writing import Signature
from chassis.policies.versions import PolicyBook
from chassis.settings import Settings
from contracts.body import Body, Part
from contracts.event import Event, Mode
from contracts.ids import from_cause, from_words

_IN_TIME_S = 10.0


class NotThere(LookupError):  # noqa: N818 - says what is so
    """There is nothing under the key of a command."""


@dataclass(frozen=True, slots=True)
class Command:
    """What a person or a tool asks of one key."""

    body: Part
    key: str
    mode: Mode = Mode.LIVE
    occurred_at: datetime | None = None
    """None: now."""
    attempt: Attempt | None = None
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Done:
    """What a command brought about, before its reply is made."""

    now: datetime
    events: Sequence[Event[Body]]
    states: dict[str, Any] = field(default_factory=dict)


Answer = Callable[[Tx, Done], Awaitable[Reply]]


class CommandDesk:
    """Runs the commands of one service's steps."""

    def __init__(
        self,
        database: Database,
        book: PolicyBook,
        settings: Settings,
        incarnation: Callable[[], str],
        service: str,
    ) -> None:
        """Keep what every command needs."""
        self._database = database
        self._book = book
        self._settings = settings
        self._incarnation = incarnation
        self._service = service

    async def run(self, step: Step[Any, Any], command: Command, answer: Answer) -> Reply:
        """Decide a command and return its reply, or the stored one of the same request.

        Raises NotThere for a key without state, Refused as the decision does, Problem 409 for a
        key used for another request, Unavailable where PostgreSQL does not answer.
        """
        part = lane_of(command.key, self._settings.lanes)
        command_id = _id_of(command)

        async def work(tx: Tx) -> Reply:
            held = await self._locked(tx, step, part)

            async def do() -> Reply:
                received = _received(command, command_id, held.now)
                await self._book.refresh(tx, held.policies)
                decided, now = await decide_in(tx, step, part, self._book, [received], held.now)
                for failure in decided.failures:
                    raise failure.error
                if command.key not in decided.states:
                    raise NotThere(command.key)
                return await self._settled(tx, step, part, decided, now, answer)

            # Also without a key of the caller's: where the answer of COMMIT is lost, the work is
            # done again from the start, and must find that it was done.
            attempt = command.attempt or Attempt(None, b"")
            return await once(tx, attempt.key or str(command_id), attempt.request_hash, do)

        async with asyncio.timeout(_IN_TIME_S):
            return await self._database.run(work)

    async def hold(self, tx: Tx, step: Step[Any, Any], part: int = 0) -> None:
        """Lock a lane row for the rest of the caller's transaction."""
        await self._locked(tx, step, part)

    async def say(
        self,
        tx: Tx,
        step: Step[Any, Any],
        bodies: Sequence[Body],
        *,
        cause: UUID,
        part: int = 0,
    ) -> Done:
        """Say what concerns no lead, as the lane ``part``, in the caller's transaction.

        ``cause`` names the ids, so the same cause says the same events.
        """
        held = await self._locked(tx, step, part)
        said = [
            Event(from_cause(cause, body.TYPE, index), body, held.now, held.now, Mode.LIVE, None, 0)
            for index, body in enumerate(bodies)
        ]
        decided = Decided(said=[Said.of(event, None) for event in said])
        lane = Lane(step, part, 0, self._signature(step, part))
        await settle_in(tx, lane, decided, marks={}, gone={})
        await self._notify(tx, step, part)
        return Done(held.now, said)

    async def _settled(
        self,
        tx: Tx,
        step: Step[Any, Any],
        part: int,
        decided: Decided,
        now: datetime,
        answer: Answer,
    ) -> Reply:
        lane = Lane(step, part, 0, self._signature(step, part))
        await settle_in(tx, lane, decided, marks={}, gone={})
        await self._notify(tx, step, part)
        return await answer(tx, Done(now, [each.event for each in decided.said], decided.states))

    async def _locked(self, tx: Tx, step: Step[Any, Any], part: int) -> rows.Fenced:
        held = await rows.lock_for_command(tx, step.name, part)
        if held is None:
            await tx.execute(
                "INSERT INTO lane (step, part) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                step.name,
                part,
            )
            held = await rows.lock_for_command(tx, step.name, part)
        assert held is not None  # noqa: S101 - inserted above
        return held

    async def _notify(self, tx: Tx, step: Step[Any, Any], part: int) -> None:
        await tx.execute(
            "SELECT pg_notify($1, $2)",
            channel_of(self._settings.postgres_schema),
            f"{step.name}:{part}",
        )

    def _signature(self, step: Step[Any, Any], part: int) -> Signature:
        incarnation = self._incarnation()
        if not incarnation:
            # A web side listens before PostgreSQL was asked who this installation is. What would
            # be said without that word is a stranger's to every reader.
            raise Unavailable("the installation was not read yet")
        return Signature(
            self._service,
            f"{self._service}.{step.name}@{incarnation}",
            part,
            self._settings.lanes,
            step.counts_versions,
        )


def channel_of(schema: str) -> str:
    """Return the channel on which a schema's lanes are told to look."""
    return f"baton_lanes_{schema}"


def _id_of(command: Command) -> UUID:
    attempt = command.attempt
    if attempt is None or attempt.key is None:
        return uuid4()
    return from_words("command", attempt.key)


def _received(command: Command, command_id: UUID, now: datetime) -> Received:
    event = Event(
        id=command_id,
        body=command.body,
        occurred_at=command.occurred_at or now,
        recorded_at=now,
        mode=command.mode,
        cause=None,
        version=0,
    )
    return Received(event, command.key, trace=command.trace)


@dataclass(frozen=True, slots=True)
class LaneOutlet:
    """Says what concerns no lead by a step's lane 0."""

    desk: CommandDesk
    step: Step[Any, Any]

    async def hold(self, tx: Tx) -> None:
        """Keep every other instance from saying until the transaction ends."""
        await self.desk.hold(tx, self.step)

    async def say(self, tx: Tx, bodies: Sequence[Body], cause: UUID) -> None:
        """Number the bodies and put them into the outbox."""
        await self.desk.say(tx, self.step, bodies, cause=cause)
