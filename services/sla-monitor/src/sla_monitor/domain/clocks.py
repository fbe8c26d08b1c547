"""One clock's life as pure steps: start, warn, breach, meet, end. Called by `decide`.

Each step returns the clock after it and what is to be said; a breach is said once a clock.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from contracts.body import Body
from contracts.decision import Say, Timer
from contracts.event import Event, Mode
from contracts.events.breaches import SlaBreached
from contracts.events.clocks import (
    Clock,
    ClockCorrected,
    ClockMet,
    ClockStarted,
    ClockWarned,
    WarningStep,
)
from contracts.events.kinds import ClockTime
from contracts.events.sql import LeadRouted
from contracts.ids import from_words
from contracts.reasons import ClockReason
from sla_monitor.domain.policy import Promises, StartsFrom, Target, WhichCalendar
from sla_monitor.domain.state import Heard, Running


class Moved(NamedTuple):
    """A clock after a step and what the step says."""

    running: Running
    says: tuple[Say, ...] = ()


def start(
    event: Event[LeadRouted],
    policy_id: str,
    named: tuple[str, Target],
    promises: Promises,
    rep_calendar: str | None,
) -> Moved:
    """Start the clock of one target for a lead that was handed over.

    Where the rep's calendar is not known (yet) the pool's counts; where neither names hours that
    are published, the clock runs on wall time and says so.
    """
    body, (name, target) = event.body, named
    begins = body.qualified_at if target.starts is StartsFrom.MQL else body.assigned_at
    calendar = _calendar(target, body.calendar, rep_calendar, promises)
    clock = Clock(
        clock_id=from_words("clock", str(body.lead_id), str(body.cycle), name, event.mode.value),
        lead_id=body.lead_id,
        cycle=body.cycle,
        target=name,
        policy_id=policy_id,
        assignment_id=body.assignment_id,
        owner=body.owner,
        assigned_at=body.assigned_at,
        pool=body.pool,
        calendar=calendar,
        time=ClockTime.WALL if calendar is None else ClockTime.WORKING,
        starts_at=begins,
        deadline=promises.after(calendar, begins, target.within.span),
        facts=body.facts.only("lead.", "company."),
    )
    return _started(clock, target, promises, event.mode)


def warn(running: Running, step: str, now: datetime) -> Moved:
    """Say a warning; one that comes after the deadline is left out."""
    due = [each for each in running.warnings if each.step == step]
    useless = now >= running.clock.deadline or running.breached or not running.is_open
    if useless or not due or step in running.warned:
        return Moved(running)
    warned = ClockWarned(**dict(running.clock), step=step, warned_at=now)
    after = running.model_copy(update={"warned": (*running.warned, step)})
    return Moved(after, (_say(running, warned, due[0].at),))


def breach(running: Running, now: datetime) -> Moved:
    """Say that the deadline passed unmet, once a clock."""
    if not running.is_open or running.breached_at is not None:
        return Moved(running)
    clock = running.clock
    late = max(now - clock.deadline, timedelta(0))
    said = SlaBreached(
        **dict(clock),
        breached_at=max(now, clock.deadline),
        lateness_seconds=late.total_seconds(),
        policies=running.policies,
    )
    after = running.model_copy(update={"breached_at": said.breached_at})
    return Moved(after, (_say(running, said, clock.deadline),))


def meet(running: Running, contact: Heard, promises: Promises, now: datetime) -> Moved:
    """Take a contact of the clock's cycle in.

    Also one before the clock's start counts: the lead was reached. One that happened in time but
    is heard after the breach takes the breach back.
    """
    in_time = contact.at <= running.clock.deadline
    if in_time and running.breached:
        after = running.model_copy(update={"withdrawn": True})
        correction = _corrected(running, ClockReason.CONTACT_CAME_LATE, now, withdraws=True)
        return _join(Moved(after, (correction,)), _met(after, contact, promises))
    if not running.is_open:
        return Moved(running)
    judged = Moved(running) if in_time else breach(running, now)
    return _join(judged, _met(judged.running, contact, promises))


def end(running: Running, ended: Heard, now: datetime) -> Moved:
    """End a clock that nobody met: the lead left its cycle.

    A lead that left in time has broken no promise: a breach told meanwhile is taken back.
    """
    if not running.is_open:
        return Moved(running)
    in_time = ended.at <= running.clock.deadline
    judged = Moved(running) if in_time else breach(running, now)
    reason = ended.reason or ClockReason.CYCLE_ENDED
    withdraws = in_time and running.breached
    changes: dict[str, object] = {"ended_at": ended.at, "ended_by": reason}
    if withdraws:
        changes["withdrawn"] = True
    after = judged.running.model_copy(update=changes)
    return _join(judged, Moved(after, (_corrected(after, reason, now, withdraws=withdraws),)))


def hand_on(running: Running, changes: dict[str, object], now: datetime) -> Moved:
    """Let the clock go on under another owner, its deadline as it was."""
    clock = running.clock.model_copy(update=changes)
    after = running.model_copy(update={"clock": clock})
    if not running.is_open:
        return Moved(after)
    return Moved(after, (_corrected(after, ClockReason.REASSIGNED, now),))


def timers(running: Running) -> tuple[Timer, ...]:
    """Return the timers of a clock as they should stand: set while it runs, else taken back."""
    return tuple(_timers(running))


def _timers(running: Running) -> Iterator[Timer]:
    clock = running.clock
    runs = running.is_open and running.breached_at is None
    payload = {"cycle": clock.cycle, "target": clock.target}
    name = f"{clock.cycle}:{clock.target}"
    for each in running.warnings:
        at = each.at if runs and each.step not in running.warned else None
        yield Timer(f"warn:{name}:{each.step}", at, {**payload, "step": each.step})
    yield Timer(f"breach:{name}", clock.deadline if runs else None, payload)


def _calendar(
    target: Target, pools: str | None, reps: str | None, promises: Promises
) -> str | None:
    """Return the name of the hours that a clock counts; none for wall time."""
    if target.time is ClockTime.WALL:
        return None
    wanted = [reps, pools] if target.calendar is WhichCalendar.REP else [pools]
    return next((name for name in wanted if promises.calendar(name) is not None), None)


def _started(clock: Clock, target: Target, promises: Promises, mode: Mode) -> Moved:
    begins = clock.starts_at
    steps = [
        WarningStep(
            step=str(mark), at=promises.after(clock.calendar, begins, target.runs_for(mark))
        )
        for mark in target.warn
    ]
    warnings = tuple(sorted(steps, key=lambda step: (step.at, step.step)))
    running = Running(clock=clock, mode=mode, policies=promises.hashes, warnings=warnings)
    said = ClockStarted(
        **dict(clock),
        allowed_seconds=target.within.span.total_seconds(),
        warnings=warnings,
        policies=promises.hashes,
    )
    return Moved(running, (_say(running, said, begins),))


def _met(running: Running, contact: Heard, promises: Promises) -> Moved:
    clock = running.clock
    used = promises.between(clock.calendar, clock.starts_at, contact.at)
    said = ClockMet(
        **dict(clock),
        met_at=contact.at,
        met_by=contact.event_id,
        in_time=contact.at <= clock.deadline,
        used_seconds=used.total_seconds(),
    )
    met = {"met_at": contact.at, "met_by": contact.event_id, "ended_at": None, "ended_by": None}
    return Moved(running.model_copy(update=met), (_say(running, said, contact.at),))


def _corrected(
    running: Running, reason: ClockReason, now: datetime, *, withdraws: bool = False
) -> Say:
    clock = running.clock
    said = ClockCorrected(
        **dict(clock),
        reason=reason,
        corrected_at=now,
        previous_deadline=clock.deadline,
        withdraws_breach=withdraws,
        open=reason is ClockReason.REASSIGNED,
    )
    return _say(running, said, None)


def _say(running: Running, body: Body, at: datetime | None) -> Say:
    return Say(body, at, running.mode)


def _join(first: Moved, then: Moved) -> Moved:
    return Moved(then.running, (*first.says, *then.says))
