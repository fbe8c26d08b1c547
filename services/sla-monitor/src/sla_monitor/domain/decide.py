"""What sla-monitor decides on each event of a lead. Called by chassis through consumer.

What comes before its other half (a contact before the handover: another topic) waits in the
state, so that any interleaving of the topics ends in the same state.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from contracts.decision import Decision, Say, Timer, TimerDue
from contracts.event import Event, Mode
from contracts.events.activity import Activity, LeadContacted
from contracts.events.merges import LeadMerged, LeadUnmerged
from contracts.events.sql import LeadReassigned, LeadRouted
from contracts.reasons import ClockReason
from sla_monitor.domain import clocks
from sla_monitor.domain.clocks import Moved
from sla_monitor.domain.policy import FIRST_CONTACT, Promises
from sla_monitor.domain.state import Cycle, Desk, Heard, Running

_Step = Callable[[Running], Moved]


def on_routed(
    desk: Desk, event: Event[LeadRouted], promises: Promises, now: datetime
) -> Decision[Desk]:
    """Start the clocks of the policy that holds, once a cycle, and take in what came early.

    A lead that was only tried out in this cycle and now is real gets clocks of its own.
    """
    body = event.body
    cycle = desk.cycle(body.cycle)
    was_test = event.mode is Mode.LIVE and all(each.mode is Mode.TEST for each in cycle.clocks)
    if event.mode is Mode.HISTORICAL or (cycle.clocks and not was_test):
        return Decision(desk)
    over = Heard(event_id=event.id, at=event.occurred_at, reason=ClockReason.CYCLE_ENDED)
    tried = [clocks.end(each, over, now) for each in cycle.clocks]
    policy = promises.holding(body.facts)
    rep_calendar = desk.calendars.get(body.owner.rep_id)
    moved = [
        clocks.start(event, policy.id, named, promises, rep_calendar)
        for named in policy.targets.named
    ]
    early = [*cycle.early, *([desk.merged] if desk.merged is not None else [])]
    for heard in early:
        hear = partial(_hear, heard=heard, promises=promises, now=now)
        moved = [_then(each, hear) for each in moved]
    kept = tuple(each.running for each in (*tried, *moved))
    started = Cycle(number=body.cycle, clocks=kept)
    timers = [
        timer for each in moved for timer in clocks.timers(each.running) if timer.due_at is not None
    ]
    says = [say for each in (*tried, *moved) for say in each.says]
    return Decision(desk.with_cycle(started), tuple(says), tuple(timers))


def on_reassigned(
    desk: Desk, event: Event[LeadReassigned], _promises: Promises, now: datetime
) -> Decision[Desk]:
    """Let the clocks go on under the new owner; deadlines stay."""
    body = event.body
    changes: dict[str, object] = {
        "assignment_id": body.assignment_id,
        "owner": body.owner,
        "assigned_at": body.assigned_at,
        "pool": body.pool,
    }
    return _move(desk, [body.cycle], lambda it: clocks.hand_on(it, changes, now))


def on_contacted(
    desk: Desk, event: Event[LeadContacted], promises: Promises, now: datetime
) -> Decision[Desk]:
    """Stop the first_contact clock of the cycle; a machine's contact is none."""
    if event.body.automatic or event.mode is Mode.HISTORICAL:
        return Decision(desk)
    contact = Heard(event_id=event.id, at=event.occurred_at)
    return _take_in(desk, event.body.cycle, contact, promises, now)


def on_ended(
    desk: Desk, event: Event[Activity], promises: Promises, now: datetime
) -> Decision[Desk]:
    """End the clocks of a cycle that the lead left."""
    if event.mode is Mode.HISTORICAL:
        return Decision(desk)
    ended = Heard(event_id=event.id, at=event.occurred_at, reason=ClockReason.CYCLE_ENDED)
    return _take_in(desk, event.body.cycle, ended, promises, now)


def on_merged(
    desk: Desk, event: Event[LeadMerged], _promises: Promises, now: datetime
) -> Decision[Desk]:
    """End all clocks of a lead that goes on as another one."""
    if event.body.survives:
        return Decision(desk)
    merged = Heard(event_id=event.id, at=event.occurred_at, reason=ClockReason.MERGED)
    gone = desk.model_copy(update={"merged": merged})
    every = [each.number for each in desk.cycles]
    return _move(gone, every, lambda it: clocks.end(it, merged, now))


def on_unmerged(
    desk: Desk, _event: Event[LeadUnmerged], _promises: Promises, _now: datetime
) -> Decision[Desk]:
    """Let later handovers of the lead start clocks again."""
    return Decision(desk.model_copy(update={"merged": None}))


def on_timer(
    desk: Desk, event: Event[TimerDue], _promises: Promises, now: datetime
) -> Decision[Desk]:
    """Warn or say the breach, if the clock still runs."""
    what = event.body.payload
    step = what.get("step")

    def move(running: Running) -> Moved:
        if running.clock.target != what["target"]:
            return Moved(running)
        return clocks.breach(running, now) if step is None else clocks.warn(running, step, now)

    return _move(desk, [what["cycle"]], move)


def _take_in(
    desk: Desk, number: int, heard: Heard, promises: Promises, now: datetime
) -> Decision[Desk]:
    cycle = desk.cycle(number)
    if not cycle.clocks:
        return Decision(desk.with_cycle(cycle.waiting(heard)))
    return _move(desk, [number], lambda it: _hear(it, heard, promises, now))


def _hear(running: Running, heard: Heard, promises: Promises, now: datetime) -> Moved:
    if heard.reason is not None:
        return clocks.end(running, heard, now)
    if running.clock.target != FIRST_CONTACT:
        return Moved(running)
    return clocks.meet(running, heard, promises, now)


def _move(desk: Desk, numbers: list[int], step: _Step) -> Decision[Desk]:
    """Move every clock of these cycles and set or take back its timers where it changed."""
    says: list[Say] = []
    timers: list[Timer] = []
    for number in numbers:
        cycle = desk.cycle(number)
        if not cycle.clocks:
            continue
        moved = [step(each) for each in cycle.clocks]
        for before, after in zip(cycle.clocks, moved, strict=True):
            says += after.says
            if _runs(before) and not _runs(after.running):
                timers += clocks.timers(after.running)
        changed = tuple(each.running for each in moved)
        desk = desk.with_cycle(cycle.model_copy(update={"clocks": changed}))
    return Decision(desk, tuple(says), tuple(timers))


def _runs(running: Running) -> bool:
    return running.is_open and running.breached_at is None


def _then(moved: Moved, step: _Step) -> Moved:
    after = step(moved.running)
    return Moved(after.running, (*moved.says, *after.says))
