"""Second toy: counts what it hears of a lead, reminds of it once by a timer, can be pressed.

Its input carries sequence headers (the sorter's); its effects are not idempotent: what marks, fence
and idempotency keys protect shows in the numbers it says. It bears the name of routing.
"""

import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from starlette.responses import Response

from chassis.database import Tx
from chassis.entry import main
from chassis.http.access import needs
from chassis.http.idempotency import Reply, attempt_of
from chassis.http.principal import Principal, Scope
from chassis.http.routes import Router
from chassis.lanes.commands import Command, Done
from chassis.lanes.step import Step
from chassis.serving import Service
from contracts.body import Part
from contracts.decision import Decision, Refused, Timer, TimerDue
from contracts.event import Event
from contracts.events.kinds import ActorKind
from contracts.events.parts import Actor
from contracts.events.privacy import ErasureAsked, PersonErased
from contracts.events.resolved import FactsResolved
from contracts.ids import from_cause
from contracts.topics import LEADS_TOUCHES
from tests.support.toys.mutants import go_wrong
from tests.support.toys.tallies import MIGRATIONS, Tallies

if TYPE_CHECKING:
    from chassis.runtime import Runtime

REMIND_AFTER = timedelta(seconds=1)
REMIND = "remind"
HEARD, PRESSED = "heard", "pressed"
"""The ``service`` of the events said, by which a reader tells the two counts apart."""
BUG, LARGE, LATER = "bug", "large", "later"
"""Sources of facts that make a decision fail, say too much, or set the timer anew."""
UNWANTED = UUID(int=13)
"""A lead that the table refuses."""


class Press(Part):
    """A command: count one more."""

    lead_id: UUID
    times: int = 1


class Case(Part):
    """What is known of a lead."""

    heard: int = 0
    pressed: int = 0
    reminded: int = 0


def on_facts(
    state: Case, event: Event[FactsResolved], _policy: None, now: datetime
) -> Decision[Case]:
    """Count, say the count and, the first time, set the timer."""
    body = event.body
    if body.source == BUG:
        raise ArithmeticError(body.source)
    heard = state.heard + 1
    said = _said(event, body.lead_id, HEARD, heard, now)
    timers: tuple[Timer, ...] = ()
    if heard == 1 or body.source == LATER:
        timers = (Timer(REMIND, now + REMIND_AFTER, {"lead": str(body.lead_id)}),)
    if body.source == LARGE:
        return Decision(state, (said, _asked(event, body.lead_id, now, 30_000)), timers)
    return Decision(state.model_copy(update={"heard": heard}), (said,), timers)


def on_due(state: Case, event: Event[TimerDue], _policy: None, now: datetime) -> Decision[Case]:
    """Say so."""
    lead = UUID(event.body.payload["lead"])
    reminded = state.reminded + 1
    said = _asked(event, lead, now, reminded)
    return Decision(state.model_copy(update={"reminded": reminded}), (said,))


def on_press(state: Case, event: Event[Press], _policy: None, now: datetime) -> Decision[Case]:
    """Count and say so. Raises Refused for nothing to do."""
    if event.body.times < 1:
        raise Refused("nothing-to-do", "Press at least once.", status=422)
    pressed = state.pressed + 1
    said = _said(event, event.body.lead_id, PRESSED, pressed, now)
    return Decision(state.model_copy(update={"pressed": pressed}), (said,) * event.body.times)


def _said(event: Event[Part], lead: UUID, what: str, count: int, now: datetime) -> PersonErased:
    return PersonErased(
        erasure_id=from_cause(event.id, what),
        lead_id=lead,
        service=what,
        rows=count,
        erased_at=now,
    )


def _asked(event: Event[Part], lead: UUID, now: datetime, touches: int) -> ErasureAsked:
    return ErasureAsked(
        erasure_id=from_cause(event.id, REMIND),
        lead_id=lead,
        touch_ids=tuple(from_cause(event.id, REMIND, i) for i in range(touches)),
        asked_at=now,
        by=Actor(kind=ActorKind.SYSTEM, id="toy"),
    )


STORE = Tallies("count", Case)
STEP: Step[Case, None] = Step(
    name="count",
    topics=(LEADS_TOUCHES,),
    state=Case,
    handlers={FactsResolved: on_facts, TimerDue: on_due, Press: on_press},
    load=STORE.load,
    save=STORE.save,
)


async def answer(_tx: Tx, done: Done) -> Reply:
    """Tell which event was said and how often the lead was pressed."""
    (state,) = done.states.values()
    return Reply(200, {"event": str(done.events[0].id), "pressed": state.pressed})


def routers(runtime: "Runtime") -> Sequence[APIRouter]:
    """Return the one door for people."""
    router = Router(prefix="/v1/presses", tags=["presses"])

    @router.post("/{lead}")
    async def press(
        who: Annotated[Principal, needs(Scope.WRITE)], lead: UUID, request: Request
    ) -> Response:
        """Press a lead once."""
        attempt = await attempt_of(request, who)
        command = Command(Press(lead_id=lead), str(lead), attempt=attempt)
        return (await runtime.desk.run(STEP, command, answer)).response()

    return [router]


SERVICE = Service(
    name="routing",
    title="Counter",
    steps=(STEP,),
    migrations=MIGRATIONS,
    routers=routers,
    idle_in_transaction_s=1.0,
)

if __name__ == "__main__":
    go_wrong()
    sys.exit(main(SERVICE))
