"""What holds for every kind of sender, on the running service."""

from datetime import UTC, datetime, timedelta

import httpx
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.runtime import Runtime
from contracts.event import Mode
from contracts.topics import MARKETING_TOUCHES
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Credentials
from ingest.domain.sample_mark import HEADER, mark_of
from ingest.domain.sources import ONE
from ingest.settings import IngestSettings
from ingest.settings.secrets import read_secret
from tests.integration.ingest.conformance.asking import (
    TOUCH_ID,
    address,
    every,
    name,
    nothing_due,
    of_person,
    recorded,
    send,
)
from tests.integration.ingest.conformance.senders import BY_KIND
from tests.integration.ingest.conformance.wire import KEY, UNKNOWN, Sender, Wire
from tests.integration.ingest.house import read_all
from tests.support.awaiting import until

MINUTE = timedelta(minutes=1)


def test_every_kind_that_ingest_knows_is_tested_here() -> None:
    assert set(BY_KIND) == set(KINDS)


@every
async def test_a_right_lead_is_answered_as_its_sender_needs_and_no_field_of_it_is_lost(
    told: IngestSettings, client: httpx.AsyncClient, sender: Sender
) -> None:
    email = address()
    answer = await send(client, sender, sender.right(email))

    assert answer.status_code == sender.success, answer.text
    if sender.answer is not None:
        assert answer.content == sender.answer
        assert answer.headers["content-type"] == "application/json"
    if sender.points:
        (message,) = await until(lambda: of_person(told, email), "the lead to be fetched")
    else:
        (message,) = await recorded(told, answer.headers[TOUCH_ID])
    assert message.event.body.source_kind == sender.kind
    assert message.person.email == email
    assert UNKNOWN[1] in message.person.custom.values()


@every
async def test_a_request_sent_again_is_the_same_touch(
    told: IngestSettings, runtime: Runtime, client: httpx.AsyncClient, sender: Sender
) -> None:
    email = address()
    wire = sender.right(email)
    first, again = await send(client, sender, wire), await send(client, sender, wire)
    if sender.points:
        assert again.status_code == first.status_code == sender.success
        await until(lambda: of_person(told, email), "the lead to be fetched")
        await until(lambda: nothing_due(runtime), "nothing left to be fetched")
        assert len(await of_person(told, email)) == 1
        return
    other = await send(client, sender, sender.right(address()))

    assert again.status_code == first.status_code == sender.success
    assert again.headers[TOUCH_ID] == first.headers[TOUCH_ID] != other.headers[TOUCH_ID]


@every
async def test_whoever_cannot_prove_it_is_refused_and_leaves_nothing(
    told: IngestSettings, client: httpx.AsyncClient, sender: Sender
) -> None:
    if sender.wrong is None or sender.unproved is None:
        assert not KINDS[sender.kind].model.NEEDS_SECRET
        return
    before = len(await read_all(told, MARKETING_TOUCHES))
    email = address()
    wrong = await send(client, sender, sender.wrong(sender.right(email)))
    unproved = await send(client, sender, sender.unproved(sender.right(email)))

    assert wrong.status_code == 403
    assert unproved.status_code == 401
    assert email not in wrong.text + unproved.text
    assert "way_out" in wrong.json()
    assert len(await read_all(told, MARKETING_TOUCHES)) == before


@every
async def test_what_was_signed_too_long_ago_or_ahead_is_refused(
    client: httpx.AsyncClient, sender: Sender
) -> None:
    if sender.aged is None:
        return
    for ago in (sender.within + MINUTE, -sender.within - MINUTE):
        answer = await send(client, sender, sender.aged(address(), ago))
        assert answer.status_code == 403
        assert "minutes from now" in answer.json()["detail"]
    assert (await send(client, sender, sender.aged(address(), sender.within - MINUTE))).is_success


@every
async def test_garbled_bytes_are_told_where_and_leave_nothing(
    told: IngestSettings, client: httpx.AsyncClient, sender: Sender
) -> None:
    before = len(await read_all(told, MARKETING_TOUCHES))
    answer = await send(client, sender, sender.garbled)

    assert 400 <= answer.status_code < 500
    assert answer.status_code not in {404, 410}, "some senders switch the webhook off for good"
    assert answer.json()["detail"]
    assert len(await read_all(told, MARKETING_TOUCHES)) == before


@every
async def test_a_body_that_cannot_be_read_is_kept_whole_if_its_sender_has_proved_itself(
    runtime: Runtime, client: httpx.AsyncClient, sender: Sender
) -> None:
    if sender.unreadable is None:
        assert not KINDS[sender.kind].model.NEEDS_SECRET
        return
    wire = sender.unreadable()
    first, again = await send(client, sender, wire), await send(client, sender, wire)

    malformed = KINDS[sender.kind].malformed
    assert first.status_code == again.status_code
    assert first.status_code == malformed or (malformed is None and 400 <= first.status_code < 500)
    async with runtime.database.transaction() as tx:
        rows = await tx.fetch(
            "SELECT value, reason, detail FROM parked WHERE topic = $1", f"sources/{name(sender)}"
        )
    # Whole but for the source's own secret, which some senders put into the body.
    kept = wire.body.replace(KEY.encode(), b"(secret)")
    (row,) = [each for each in rows if each["value"] == kept]
    assert row["reason"] == "malformed"
    assert row["detail"]


@every
async def test_a_sample_is_taken_and_walks_as_a_test(
    told: IngestSettings, runtime: Runtime, client: httpx.AsyncClient, sender: Sender
) -> None:
    kind = KINDS[sender.kind]
    source = ONE.validate_python(sender.policy)
    held = Credentials(tuple(read_secret(each, production=False) for each in source.secrets))
    path = f"/v1/sources/{name(sender)}"
    sample = kind.sample(source, held, f"{told.public_url}{path}", datetime.now(UTC))
    mark = mark_of(told.secret.get_secret_value().encode(), name(sender), sample.body)
    answer = await client.post(
        f"{path}?{sample.query}" if sample.query else path,
        content=sample.body,
        headers={**sample.headers, HEADER: mark},
    )

    assert answer.status_code == sender.success, answer.text
    if sender.points:
        # It points at a lead that nobody sent in: the platform says so, and that is all.
        await until(lambda: nothing_due(runtime), "the sample to be looked up")
        return
    (message,) = await recorded(told, answer.headers[TOUCH_ID])
    assert message.event.mode is Mode.TEST
    assert message.person.email == "test@example.com"


@every
async def test_a_slash_at_the_end_is_no_redirect(client: httpx.AsyncClient, sender: Sender) -> None:
    answer = await send(client, sender, sender.right(address()), end="/")

    assert answer.status_code == sender.success


@every
@settings(
    max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    body=st.binary(max_size=300),
    media=st.sampled_from(
        [
            None,
            "application/json",
            "a/b; c=",
            "multipart/form-data; boundary=x",
            "application/x-www-form-urlencoded",
        ]
    ),
)
async def test_whatever_bytes_come_no_kind_fails(
    client: httpx.AsyncClient, sender: Sender, body: bytes, media: str | None
) -> None:
    headers = dict(sender.right(address()).headers) | ({"content-type": media} if media else {})
    answer = await send(client, sender, Wire(body, headers))

    assert answer.status_code < 500
