"""POST /v1/leads/{lead}/activities: what a rep or a sales tool did with a lead.

The report is a command on the lead's lane: any instance decides it, its owner publishes.
"""

from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Body, Request, Response

from chassis.database import Tx
from chassis.http.audit import record
from chassis.http.idempotency import Attempt, Reply, attempt_of
from chassis.http.principal import Principal
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.http.routes import Router
from chassis.lanes.commands import Answer, Command, Done, NotThere
from chassis.lanes.step import Step
from chassis.telemetry.tracing import injected
from contracts.decision import Refused
from contracts.events.kinds import ActorKind
from contracts.events.parts import Actor
from routing.api.lookup import Writer, lead_named, unknown_lead
from routing.domain.rulebook import Rulebook
from routing.domain.state import Case
from routing.domain.told import Report, Told
from routing.domain.when import BEFORE_THE_LEAD, IN_THE_FUTURE

if TYPE_CHECKING:
    from chassis.runtime import Runtime

_TRACE = "traceparent"
_INVALID = 422
_EXPECTED = {
    IN_THE_FUTURE: "expected an instant that has passed",
    BEFORE_THE_LEAD: "expected an instant after the lead came to sales; without one, now is taken",
}


def activities_router(runtime: "Runtime", step: Step[Case, Rulebook]) -> APIRouter:
    """Return the routes."""
    router = Router(prefix="/v1/leads", tags=["leads"])

    @router.post("/{lead}/activities", name="report an activity", status_code=201)
    async def report(
        request: Request, who: Writer, lead: UUID, told: Annotated[Told, Body()]
    ) -> Response:
        """Report one activity; the first contact stops the lead's first_contact clock."""
        attempt = await attempt_of(request, who)
        try:
            reply = await _done(runtime, step, lead, _Telling(told, who, attempt))
        except NotThere:
            named = (await lead_named(runtime, lead)).lead.lead_id  # a touch's id, perhaps
            if named == lead:
                raise unknown_lead() from None
            reply = await _done(runtime, step, named, _Telling(told, who, attempt))
        return reply.response()

    return router


class _Telling:
    """One report on its way to the desk."""

    def __init__(self, told: Told, who: Principal, attempt: Attempt) -> None:
        self.report = Report(what=told, by=_actor(who))
        self.occurred_at = told.occurred_at
        self.who = who
        self.attempt = attempt


async def _done(
    runtime: "Runtime", step: Step[Case, Rulebook], lead: UUID, telling: _Telling
) -> Reply:
    command = Command(
        body=telling.report,
        key=str(lead),
        occurred_at=telling.occurred_at,
        attempt=telling.attempt,
        trace=next((raw.decode() for name, raw in injected() if name == _TRACE), None),
    )
    try:
        return await runtime.desk.run(step, command, _answer(lead, telling))
    except Refused as refused:
        raise _problem(refused) from None


def _answer(lead: UUID, telling: _Telling) -> Answer:
    async def answer(tx: Tx, done: Done) -> Reply:
        case = done.states[str(lead)]
        assert isinstance(case, Case)  # noqa: S101 - the step's own state
        events = [{"id": event.id, "type": event.body.TYPE} for event in done.events]
        first = done.events[0]
        after = {"stage": case.lead.stage, "events": [each["type"] for each in events]}
        action = f"activity.{telling.report.what.kind}"
        await record(tx, telling.who, action, str(lead), None, after)
        shown: dict[str, Any] = {
            "lead_id": lead,
            "activity_id": getattr(first.body, "activity_id", None),
            "stage": case.lead.stage,
            "occurred_at": first.occurred_at,
            "recorded_at": first.recorded_at,
            "events": events,
        }
        return Reply(201, shown)

    return answer


def _actor(who: Principal) -> Actor:
    if who.rep is not None:
        return Actor(kind=ActorKind.REP, id=who.rep)
    return Actor(kind=ActorKind.PERSON, id=who.name)


def _problem(refused: Refused) -> Problem:
    if refused.status == _INVALID:
        errors = [FieldError("occurred_at", _EXPECTED[refused.reason])]
        return Problem(ProblemKind.INVALID, refused.detail, errors=errors)
    return Problem(ProblemKind.CONFLICT, refused.detail)
