"""/v1/timelines: a lead's events, the walk of one touch, and events live as they come."""

from collections.abc import Mapping, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query

from chassis.database import Database, Tx
from chassis.http.access import needs
from chassis.http.cursors import LONGEST, Cursor, Cursors, Limit
from chassis.http.masking import seen_by
from chassis.http.principal import Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.http.routes import Router
from chassis.settings import Settings
from contracts.person import Person
from insights.api.following import Follower
from insights.api.views import (
    NewsItem,
    NewsView,
    TimelineView,
    WalkView,
    hop_views,
    standing_view,
    step_fields,
    step_views,
)
from insights.domain.last_word import BESIDE, WORDS, stands
from insights.domain.recorded import Recorded
from insights.domain.walk import Step, hops, steps, walk_of
from insights.store import reading

BEGIN = "begin"
"""As ``after``: from the first event that there is."""
MOST_OF_A_WALK = 500
MOST_WORDS = 200
"""Last events of a lead that are asked where it stands."""

_NEWS = "news"
_TIMELINE = "timeline"
_FIRST_LANE = -1
Reader = Annotated[Principal, needs(Scope.READ)]
After = Annotated[str | None, Query(max_length=LONGEST, description="`next` of the answer before.")]
Wait = Annotated[float, Query(ge=0, le=20, description="Seconds to wait for news.")]


def router(database: Database, settings: Settings, follower: Follower) -> APIRouter:
    """Return the routes."""
    routes = Router(prefix="/v1", tags=["timelines"])
    cursors = Cursors(settings.secret)

    @routes.get("/timelines")
    async def timelines(
        who: Reader,
        touch: UUID | None = None,
        after: After = None,
        wait: Wait = 20,
        limit: Limit = 200,
    ) -> WalkView | NewsView:
        """The walk of one touch; or events live, from ``after`` on, waiting for the first.

        Without either: no event, and the place to follow from.
        """
        if touch is not None:
            return await _walk(database, touch, who)
        if after is None:
            async with database.transaction() as tx:
                return _news([], await reading.places(tx), {}, who, cursors)
        seen = _places(after, cursors)

        async def look() -> list[Recorded]:
            async with database.transaction() as tx:
                return await reading.news(tx, seen, limit)

        found = await follower.first(look, wait)
        async with database.transaction() as tx:
            stepped = await _stepped(tx, found)
            persons = await reading.persons(tx, _leads(found))
        return _news(stepped, _moved(seen, found), persons, who, cursors)

    _lead_route(routes, database, cursors)
    return routes


def _lead_route(routes: APIRouter, database: Database, cursors: Cursors) -> None:
    @routes.get("/timelines/{lead}")
    async def timeline(
        who: Reader, lead: UUID, cursor: Cursor = None, limit: Limit = 200
    ) -> TimelineView:
        """A lead's events with causes and times, and where it stands now.

        LEAD is a lead id, or the id of its touch.
        """
        after = 0 if cursor is None else cursors.decode(_TIMELINE, cursor, tuple[int])[0]
        async with database.transaction() as tx:
            found = await reading.timeline(tx, lead, after, limit + 1)
            if not found and cursor is None:
                lead = await reading.lead_of(tx, lead) or lead
                found = await reading.timeline(tx, lead, after, limit + 1)
            if not found and cursor is None:
                raise Problem(ProblemKind.NOT_FOUND, "No lead or touch of this id was heard of.")
            page = found[:limit]
            stepped = await _stepped(tx, page)
            persons = await reading.persons(tx, [lead])
            words = await reading.last_words(tx, lead, WORDS, BESIDE, MOST_WORDS)
        more = cursors.encode(_TIMELINE, (page[-1].no,)) if len(found) > limit else None
        return TimelineView(
            lead_id=lead,
            person=_seen(persons.get(lead), who),
            standing=standing_view(stands(words)),
            steps=step_views(stepped),
            next=more,
        )


async def walk_in(tx: Tx, touch: UUID) -> tuple[UUID, list[Step], Person | None] | None:
    """Return lead, steps and person of a touch's walk; None for one that was not heard of."""
    lead = await reading.lead_of(tx, touch)
    if lead is None:
        return None
    events = await reading.walk(tx, lead, touch, MOST_OF_A_WALK)
    persons = await reading.persons(tx, [lead])
    return lead, walk_of(events, touch), persons.get(lead)


async def _walk(database: Database, touch: UUID, who: Principal) -> WalkView:
    async with database.transaction() as tx:
        found = await walk_in(tx, touch)
    if found is None:
        raise Problem(
            ProblemKind.NOT_FOUND,
            "No touch of this id was heard of yet.",
            way_out="A touch just sent is here within a second; check the id otherwise.",
        )
    lead, walk, person = found
    return WalkView(
        lead_id=lead,
        touch_id=touch,
        person=_seen(person, who),
        hops=hop_views(hops(walk)),
        steps=step_views(walk),
    )


async def _stepped(tx: Tx, page: Sequence[Recorded]) -> list[Step]:
    """Return the page's events as steps; causes beyond the page are looked up for their times."""
    if not page:
        return []
    wanted = {each.event_id for each in page}
    known = await reading.causes(tx, list(wanted))
    return [step for step in steps(known) if step.event.event_id in wanted]


def _news(
    stepped: Sequence[Step],
    places: Mapping[int, int],
    persons: Mapping[UUID, Person],
    who: Principal,
    cursors: Cursors,
) -> NewsView:
    items = []
    for step in stepped:
        lead = step.event.lead_id
        person = persons.get(lead) if lead is not None else None
        items.append(NewsItem(**step_fields(step), person=_seen(person, who)))
    return NewsView(items=items, next=cursors.encode(_NEWS, _vector(places)))


def _places(after: str, cursors: Cursors) -> dict[int, int]:
    if after == BEGIN:
        return {}
    vector = cursors.decode(_NEWS, after, tuple[int, ...])
    return {lane: last for lane, last in enumerate(vector, _FIRST_LANE) if last}


def _vector(places: Mapping[int, int]) -> tuple[int, ...]:
    """Return the places as a list by lane; a lane that nothing came from yet has 0."""
    last = max(places, default=_FIRST_LANE - 1)
    return tuple(places.get(lane, 0) for lane in range(_FIRST_LANE, last + 1))


def _moved(seen: Mapping[int, int], found: Sequence[Recorded]) -> dict[int, int]:
    places = dict(seen)
    for each in found:
        places[each.lane] = max(places.get(each.lane, 0), each.no)
    return places


def _leads(events: Sequence[Recorded]) -> list[UUID]:
    return sorted({each.lead_id for each in events if each.lead_id is not None})


def _seen(person: Person | None, who: Principal) -> Person | None:
    return None if person is None else seen_by(who, person)
