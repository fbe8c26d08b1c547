"""What no sender may do to us: repeat, mangle, and put its secret where it is kept or shown."""

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.runtime import Runtime
from ingest.domain.scrubbing import GONE
from ingest.settings import IngestSettings
from tests.integration.ingest.conformance.asking import (
    TOUCH_ID,
    address,
    every,
    name,
    recorded,
    send,
)
from tests.integration.ingest.conformance.mangling import is_mangled, mangled
from tests.integration.ingest.conformance.wire import Sender, saying


def secret_of(sender: Sender) -> str:
    """Return the secret of its source."""
    (secret,) = sender.policy["secrets"]
    return str(secret).removeprefix("demo:")


@every
async def test_a_lead_that_is_sent_again_later_is_no_second_one(
    told: IngestSettings, client: httpx.AsyncClient, sender: Sender
) -> None:
    if sender.points:
        return
    wire = sender.right(address())
    old = sender.proved(wire, wire.body, sender.within / 2)
    first = await send(client, sender, old)
    again = await send(client, sender, old)
    anew = await send(client, sender, sender.proved(wire, wire.body))

    assert first.status_code == again.status_code == anew.status_code == sender.success
    ids = {each.headers[TOUCH_ID] for each in (first, again, anew)}
    assert len(ids) == 1
    events = {each.event.id for each in await recorded(told, ids.pop())}
    assert len(events) == 1, "the content is another one: it would count as a correction"


@every
async def test_a_secret_in_what_is_sent_is_kept_and_shown_nowhere(
    told: IngestSettings,
    client: httpx.AsyncClient,
    sender: Sender,
    capfd: pytest.CaptureFixture[str],
) -> None:
    if sender.points or not sender.policy.get("secrets"):
        return
    secret = secret_of(sender)
    email = address()
    wire = sender.right(email)
    body = saying(wire.body, f"see https://a.example/?key={secret}&b=1")
    answer = await send(client, sender, sender.proved(wire, body))

    assert answer.status_code == sender.success, answer.text
    (message,) = await recorded(told, answer.headers[TOUCH_ID])
    assert any(GONE in text for text in message.person.custom.values())
    assert secret not in message.person.model_dump_json() + message.event.body.model_dump_json()
    shown = capfd.readouterr()
    measured = (await client.get("/metrics")).text
    told_of_it = shown.out + shown.err + measured + str(answer.headers) + answer.text
    assert secret not in told_of_it
    assert email not in told_of_it


@every
async def test_what_is_told_of_a_body_that_was_put_aside_holds_no_secret(
    runtime: Runtime, client: httpx.AsyncClient, sender: Sender
) -> None:
    if sender.unreadable is None:
        return
    answer = await send(client, sender, sender.unreadable())

    async with runtime.database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT reason, detail, headers::text AS headers FROM parked WHERE topic = $1",
            f"sources/{name(sender)}",
        )
    assert rows
    for row in rows:
        assert secret_of(sender) not in f"{row['reason']} {row['detail']} {row['headers']}"
    assert secret_of(sender) not in answer.text


@every
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
async def test_whatever_is_wrong_in_a_signed_body_no_kind_fails(
    client: httpx.AsyncClient, sender: Sender, data: st.DataObject
) -> None:
    wire = sender.right("maya@brightwell.example")
    if not is_mangled(wire):
        return
    body = data.draw(mangled(wire))
    answer = await send(client, sender, sender.proved(wire, body))

    assert answer.status_code < 500, answer.text
    assert answer.status_code not in {404, 410}
    # Where the secret stands in the body, it may be what was mangled.
    assert answer.status_code not in {401, 403} or sender.kind == "google_ads"
