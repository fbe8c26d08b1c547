"""One batch decided in memory: from what was heard and the states to all that is to be written.

Pure: the batch hands in states, policy and now, and carries out what stands in ``Decided``.
"""

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from chassis.lanes.history import (
    HistoryRow,
    event_text,
    said_fields,
    says_text,
    short_digest,
    state_text,
    type_name,
)
from chassis.lanes.step import Received, Step, is_timer
from contracts.body import Body, Part
from contracts.decision import Decision, Refused, Say, Timer, TimerDue
from contracts.event import Event, Malformed
from contracts.ids import from_cause
from contracts.person import Person

_ROOM_FOR_THE_REST = 65_536
"""Bytes of a record that its person and the envelope may take."""


class TooLarge(Malformed):
    """A decision says more than its topic takes."""


@dataclass(frozen=True, slots=True)
class Said:
    """One event that a decision said, before it has a number."""

    event: Event[Body]
    trace: str | None
    fields: Mapping[str, Any]
    """The body as JSON takes it, made once: for the size, for history and for Kafka."""

    @classmethod
    def of(cls, event: Event[Body], trace: str | None) -> "Said":
        """Make the fields, too."""
        return cls(event, trace, event.body.model_dump(mode="json"))


@dataclass(frozen=True, slots=True)
class SetTimer:
    """A timer to be set or taken back."""

    key: str
    timer: Timer
    cause: UUID
    mode: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be decided."""

    received: Received
    error: Exception


@dataclass(slots=True)
class Decided:
    """All that a batch brought about."""

    states: dict[str, Any] = field(default_factory=dict)
    """The new states by key; only those that a decision touched."""
    heard: list[Received] = field(default_factory=list)
    said: list[Said] = field(default_factory=list)
    timers: dict[tuple[str, str], SetTimer] = field(default_factory=dict)
    fired: list[tuple[str, str]] = field(default_factory=list)
    history: list[HistoryRow] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    persons: Mapping[str, Person] = field(default_factory=dict)
    """Persons by key, as far as the batch wrote them down itself."""


@dataclass(frozen=True, slots=True)
class Ground:
    """What all decisions of a batch stand on."""

    part: int
    policy: Any
    policy_hash: str
    now: datetime


def decide_all(
    step: Step[Any, Any],
    received: Sequence[Received],
    states: MutableMapping[str, Any],
    ground: Ground,
) -> Decided:
    """Decide on each in turn; what fails is set aside and leaves no trace in the states.

    Refused is raised: only a command can be refused, and a command stands alone.
    """
    done = Decided()
    for each in received:
        if is_timer(each) and _is_overtaken(each, done):
            continue
        try:
            decision = _decide_one(step, each, states, ground)
            if decision is not None:
                _take_in(step, each, decision, states, ground, done)
        except Refused:
            raise
        except Exception as error:  # noqa: BLE001 - a bug in one decision parks one message
            done.failures.append(Failure(each, error))
            continue
        done.heard.append(each)
        if isinstance(each.event.body, TimerDue):
            done.fired.append((each.key, each.event.body.name))
    return done


def _decide_one(
    step: Step[Any, Any], each: Received, states: MutableMapping[str, Any], ground: Ground
) -> Decision[Any] | None:
    if not step.decides_on(type(each.event.body)) or each.key not in states:
        return None
    return step.decide(states[each.key], each.event, ground.policy, ground.now)


def _is_overtaken(each: Received, done: Decided) -> bool:
    """Tell whether an earlier decision of this batch replaced the timer or took it back."""
    body = each.event.body
    return isinstance(body, TimerDue) and (each.key, body.name) in done.timers


def _take_in(
    step: Step[Any, Any],
    each: Received,
    decision: Decision[Any],
    states: MutableMapping[str, Any],
    ground: Ground,
    done: Decided,
) -> None:
    said = list(_said(each, decision, ground.now))
    before = states[each.key]
    if step.keeps_history:
        done.history.append(_history_row(step, each, before, decision, said, ground))
    done.said.extend(said)
    for timer in decision.timers:
        mode = each.event.mode.value
        done.timers[each.key, timer.name] = SetTimer(each.key, timer, each.event.id, mode)
    states[each.key] = decision.state
    done.states[each.key] = decision.state


def _said(each: Received, decision: Decision[Any], now: datetime) -> Iterator[Said]:
    counts: dict[str, int] = {}
    for what in decision.says:
        say = what if isinstance(what, Say) else Say(what)
        kind = say.body.TYPE
        index = counts.get(kind, 0)
        counts[kind] = index + 1
        event = Event(
            id=from_cause(each.event.id, kind, index),
            body=say.body,
            occurred_at=say.occurred_at or now,
            recorded_at=now,
            mode=say.mode or each.event.mode,
            cause=_told_cause(each.event),
            version=0,
        )
        said = Said.of(event, each.trace)
        if len(orjson.dumps(said.fields)) > say.body.TOPIC.max_bytes - _ROOM_FOR_THE_REST:
            raise TooLarge(f"{say.body.TYPE} is larger than {say.body.TOPIC.name} takes")
        yield said


def _told_cause(event: Event[Part]) -> UUID | None:
    """Return the cause that readers are told: a timer never travels, what set it did."""
    return event.cause if isinstance(event.body, TimerDue) else event.id


def _history_row(
    step: Step[Any, Any],
    each: Received,
    before: Any,  # noqa: ANN401 - any step's state
    decision: Decision[Any],
    said: Sequence[Said],
    ground: Ground,
) -> HistoryRow:
    says = says_text([said_fields(one.event, one.fields) for one in said])
    return HistoryRow(
        step=step.name,
        part=ground.part,
        decision_no=0,
        key=each.key,
        cause=each.event.id,
        cause_type=type_name(each.event.body),
        event=event_text(each.event),
        policy=ground.policy_hash,
        now=ground.now,
        before=state_text(before),
        says=says,
        after_digest=short_digest(state_text(decision.state)),
    )
