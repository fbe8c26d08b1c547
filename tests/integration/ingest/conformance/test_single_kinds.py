"""What single kinds need of the door: handshakes, ways of sending, events that are no leads."""

import json

import httpx
import pytest

from contracts.events.kinds import TouchKind
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.asking import (
    TOUCH_ID,
    address,
    recorded,
    send,
)
from tests.integration.ingest.conformance.events import BEARER, binary, structured
from tests.integration.ingest.conformance.senders import BY_KIND
from tests.integration.ingest.conformance.wire import UNKNOWN, Wire, json_of

EVENTS = BY_KIND["cloudevents"]
PLACE = "/v1/sources/of-cloudevents"
PASSED_OVER = {
    "typeform": {"event_type": "form_response_partial", "form_response": {"token": "t"}},
    "calendly": {"event": "invitee_no_show.created", "payload": {"uri": "u"}},
    "webflow": {"triggerType": "site_publish", "payload": {}},
    "tiktok": {"event": "video.publish.completed", "content": "{}"},
    "cloudevents": {"specversion": "1.0", "id": "1", "source": "/s", "type": "order.paid"},
}


async def test_an_event_in_headers_is_read_like_one_in_the_body(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    email = address()
    answer = await send(client, EVENTS, binary(email))

    (message,) = await recorded(told, answer.headers[TOUCH_ID])
    assert message.person.email == email
    assert UNKNOWN[1] in message.person.custom.values()
    assert message.person.custom["ce.source"] == "/forms/größe 1"


async def test_a_batch_is_a_touch_each(told: IngestSettings, client: httpx.AsyncClient) -> None:
    events = [json.loads(structured(address()).body) for _ in range(3)]
    batch = Wire(json_of(events), {"content-type": "application/cloudevents-batch+json", **BEARER})
    answer = await send(client, EVENTS, batch)
    alone = [
        await send(client, EVENTS, Wire(json_of(each), structured("").headers)) for each in events
    ]

    assert answer.status_code == 200
    ids = [each.headers[TOUCH_ID] for each in alone]
    assert ids[0] == answer.headers[TOUCH_ID], "an event is the same, alone or among others"
    for touch in ids:
        assert len({each.event.id for each in await recorded(told, touch)}) == 1


@pytest.mark.parametrize(
    ("origin", "granted"),
    [
        ("events.example.com", ("events.example.com", "600")),
        ("evil.example", (None, None)),
        (None, (None, None)),
    ],
)
async def test_who_may_deliver_is_told_in_headers(
    client: httpx.AsyncClient, origin: str | None, granted: tuple[str | None, str | None]
) -> None:
    asked = {"webhook-request-rate": "120"}
    headers = asked if origin is None else {**asked, "webhook-request-origin": origin}
    answer = await client.options(PLACE, headers=headers)

    assert answer.is_success
    assert "POST" in answer.headers["allow"]
    said = (
        answer.headers.get("webhook-allowed-origin"),
        answer.headers.get("webhook-allowed-rate"),
    )
    assert said == granted


async def test_events_of_another_format_are_told_so(client: httpx.AsyncClient) -> None:
    avro = Wire(b"x", {"content-type": "application/cloudevents+avro", **BEARER})

    assert (await send(client, EVENTS, avro)).status_code == 415


@pytest.mark.parametrize("kind", sorted(PASSED_OVER))
async def test_what_is_no_lead_is_passed_over_with_success(
    client: httpx.AsyncClient, kind: str
) -> None:
    sender = BY_KIND[kind]
    body = json_of(PASSED_OVER[kind])
    answer = await send(client, sender, sender.proved(sender.right(address()), body))

    assert (answer.status_code, answer.content) == (200, b"{}")
    assert TOUCH_ID not in answer.headers


async def test_a_meeting_that_is_moved_asks_for_nobody_anew(
    told: IngestSettings, client: httpx.AsyncClient
) -> None:
    sender, email = BY_KIND["calendly"], address()
    booked = sender.right(email)
    body = json.loads(sender.right(email).body)
    old = json.loads(booked.body)["payload"]["uri"]
    body["payload"] |= {"old_invitee": old}
    cancelled = {**json.loads(booked.body), "event": "invitee.canceled"}
    cancelled["payload"] = cancelled["payload"] | {"rescheduled": True}
    first = await send(client, sender, booked)
    gone = await send(client, sender, sender.proved(booked, json_of(cancelled)))
    moved = await send(client, sender, sender.proved(booked, json_of(body)))

    assert TOUCH_ID not in gone.headers
    (before,) = await recorded(told, first.headers[TOUCH_ID])
    (after,) = await recorded(told, moved.headers[TOUCH_ID])
    assert before.event.body.identity == after.event.body.identity
    assert before.event.body.kind is after.event.body.kind is TouchKind.BOOKING
    assert (before.event.body.is_request, after.event.body.is_request) == (True, False)
