"""TikTok: a signed envelope whose content is JSON in a text; only 200 counts.

https://developers.tiktok.com/doc/webhooks-verification. The envelope is documented, the lead in it
is not: fields are read by names that are known, and everything else is kept with the person. TikTok
sends the same again for 72 hours; a lead without an id is known by its content and day alone.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import flattened
from ingest.domain.instants import instant_of
from ingest.domain.json_text import NotJson, parse
from ingest.domain.kinds.kind import Credentials, Heard, Kind, Refusal, Sample, as_json
from ingest.domain.kinds.proofs import require_timed, timed
from ingest.domain.kinds.shapes import LONGEST_ID, Open, Said, checked
from ingest.domain.kinds.unpacking import answers
from ingest.domain.mapping import moment
from ingest.domain.naming import is_known, read_named
from ingest.domain.sent import NoJson, Sent
from ingest.domain.source import Source
from ingest.domain.submission import Submission
from ingest.domain.text import one_line

SIGNATURE, _VERSION = "tiktok-signature", "s"
_WITHIN = timedelta(minutes=5)
_NO_LEAD = ("video.", "post.", "authorization.", "portability.")
"""What documented events that are no leads begin with."""
_IDS = ("lead_id", "leadId", "leadid")
_AT = ("create_time", "created_time", "submit_time")


class TikTok(Source):
    """The webhook of an app that may read an advertiser's leads."""

    SECRET_DICTATED: ClassVar[bool] = True

    kind: Literal["tiktok"]


class Body(Open):
    """The envelope."""

    event: Said = ""
    create_time: int | str | None = None
    content: Any = None


def _verify(sent: Sent, _source: TikTok, held: Credentials) -> Refusal | None:
    return require_timed(sent, held, SIGNATURE, _VERSION, _WITHIN)


def _parse(sent: Sent, _source: TikTok) -> Heard:
    body = checked(Body, sent.object)
    if body.event.startswith(_NO_LEAD):
        return Heard(passed_over=1)
    return Heard((submission_of(body),))


def submission_of(body: Body) -> Submission:
    """Return what the body tells. Raises Malformed."""
    content = _content(body.content)
    pairs = list(_pairs(body, content))
    first = dict(reversed(pairs))
    sender_id = next((first[name] for name in _IDS if first.get(name)), "")
    at = next((first[name] for name in _AT if first.get(name)), None)
    return replace(
        read_named(pairs, TouchKind.AD_LEAD, own=frozenset(_IDS)),
        sender_id=one_line(sender_id, LONGEST_ID),
        submitted_at=moment(at) or instant_of(body.create_time, 1),
    )


def _content(raw: Any) -> Any:  # noqa: ANN401 - JSON's values
    """Return what stands in the text, or what stands there instead of one. Raises NoJson."""
    if not isinstance(raw, str) or not raw.strip():
        return raw
    try:
        return parse(raw.encode("utf-8", "replace"))
    except NotJson as error:
        raise NoJson(f"In `content`, {error}.") from None


def _pairs(body: Body, content: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - JSON's values
    for name, text in answers(content):
        # What a lead's parts are grouped under is not known: a field is known by its last name.
        last = name.rsplit(".", 1)[-1]
        yield (last if is_known(last) or last in _IDS else name), text
    extra = body.model_extra or {}
    yield from flattened({k: v for k, v in extra.items() if k not in _AT})
    yield "event", body.event


def _sample(_source: TikTok, held: Credentials, _url: str, now: datetime) -> Sample:
    lead: Mapping[str, Any] = {
        "lead_id": f"test {now.isoformat()}",
        "email": "test@example.com",
        "name": "Test Lead",
    }
    body = as_json(
        {
            "client_key": "test",
            "event": "lead",
            "create_time": int(now.timestamp()),
            "user_openid": "test",
            "content": as_json(lead).decode(),
        }
    )
    signature = timed(held.keys[0], _VERSION, now, body)
    return Sample(body, {"content-type": "application/json", SIGNATURE: signature})


KIND = Kind("tiktok", TikTok, _verify, _parse, _sample, malformed=200)
