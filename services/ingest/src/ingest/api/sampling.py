"""A rightly signed sample, sent to a source by its own public address, as its platform would.

``admin`` calls ``tried``. It proves proxy, address, secret and mapping in one go; the lead is a
test and walks to the end as one. Sends to the configured public address and nowhere else.
"""

from dataclasses import dataclass
from time import perf_counter
from uuid import UUID

import httpx
from pydantic import BaseModel

from chassis.http.problem import Problem, ProblemKind
from ingest.api.admin_reading import url_of
from ingest.api.answers import TOUCH_ID, Desk
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Sample
from ingest.domain.page import on_this_machine
from ingest.domain.sample_mark import HEADER, mark_of
from ingest.domain.sent import Sent
from ingest.domain.source import Source
from ingest.store import fetches

_WITHIN_S = 10.0
_SHOWN = 500
_AGENT = "baton-sources-test"
_LOOK = "Look at BATON_PUBLIC_URL, the name's address, and the proxy in front."


class Tried(BaseModel):
    """What became of a sample."""

    url: str
    """Where it was sent."""
    status: int | None
    """What it was answered with; none where no answer came."""
    milliseconds: float
    touch_id: UUID | None
    answer: str
    """The beginning of the answer's body."""
    walk: str | None
    """Where the test lead's walk is shown, if it was taken."""
    next: str
    """What it means, and what to do."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back."""

    status: int | None
    touch_id: UUID | None
    beginning: str
    trouble: str | None


async def tried(desk: Desk, source_id: str) -> Tried:
    """Send a sample and return what came of it. Raises Problem 404, 409."""
    now = await desk.now()
    sources = await desk.sources_with(source_id, now)
    source = sources.get(source_id)
    assert source is not None  # noqa: S101 - sources_with has looked
    held = sources.credentials(source_id)
    if source.NEEDS_SECRET and not held.keys:
        raise Problem(
            ProblemKind.CONFLICT,
            "No secret of the source can be read here, so that nothing can be signed.",
            way_out="Set what the source's `secrets` point to, or add one.",
        )
    url = url_of(desk, source_id)
    sample = KINDS[source.kind].sample(source, held, url, now)
    mark = mark_of(desk.settings.secret.get_secret_value().encode(), source_id, sample.body)
    address = f"{url}?{sample.query}" if sample.query else url
    headers = {"user-agent": _AGENT, **sample.headers, HEADER: mark}
    began = perf_counter()
    answer = await _sent(address, headers, sample.body)
    return Tried(
        url=url,
        status=answer.status,
        milliseconds=round((perf_counter() - began) * 1000, 1),
        touch_id=answer.touch_id,
        answer=answer.beginning,
        walk=_walk(desk, answer.touch_id),
        next=answer.trouble or await _queued(desk, source_id, source, sample) or _meaning(answer),
    )


async def _queued(desk: Desk, source_id: str, source: Source, sample: Sample) -> str | None:
    """Return what it means where a sample only points at a lead and came through; else None."""
    kind = KINDS[source.kind]
    if kind.fetching is None:
        return None
    pointers = kind.parse(Sent((), sample.headers, sample.body, await desk.now()), source).pointers
    async with desk.database.transaction() as tx:
        if not await fetches.is_known(tx, source_id, [each.key for each in pointers]):
            return None
    return (
        "It was taken: the notice is in the queue. Its lead is made up, so that the platform gives "
        "none. Next, send a test lead from the platform, and look at `baton fetches list`."
    )


async def _sent(address: str, headers: dict[str, str], body: bytes) -> _Answer:
    local = on_this_machine(address)
    try:
        async with (
            httpx.AsyncClient(timeout=_WITHIN_S, trust_env=not local) as client,
            client.stream("POST", address, content=body, headers=headers) as answer,
        ):
            beginning = ""
            async for text in answer.aiter_text():
                beginning += text
                if len(beginning) >= _SHOWN:
                    break
            touch = _id(answer.headers.get(TOUCH_ID))
            return _Answer(answer.status_code, touch, beginning[:_SHOWN], None)
    except httpx.TimeoutException:
        return _Answer(None, None, "", f"No answer came within {_WITHIN_S:g} s. {_LOOK}")
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        trouble = (
            f"The public address cannot be reached from here ({type(error).__name__}). {_LOOK}"
        )
        return _Answer(None, None, "", trouble)


def _id(text: str | None) -> UUID | None:
    try:
        return None if text is None else UUID(text)
    except ValueError:
        return None


def _walk(desk: Desk, touch_id: UUID | None) -> str | None:
    insights = desk.settings.insights_public_url
    if touch_id is None or insights is None:
        return None
    return f"{insights.rstrip('/')}/walk?touch={touch_id}"


def _meaning(answer: _Answer) -> str:
    """Return what an answer means to who set the source up."""
    status = answer.status or 0
    if answer.touch_id is not None:
        return "It was taken: a test lead walks now. Next, have the platform send its own test."
    if httpx.codes.is_success(status):
        return "It was answered, but no touch was made: does this address lead to Baton?"
    if httpx.codes.is_redirect(status):
        return "Something in front redirects, and platforms follow no redirect: paste its target."
    if status == httpx.codes.NOT_FOUND:
        return "Something in front does not lead this path to ingest."
    if status == httpx.codes.SERVICE_UNAVAILABLE:
        return "The source takes nothing now: its answer says why. Senders would try again."
    return "It was refused: its answer says why; a proxy may have changed headers, body or address."
