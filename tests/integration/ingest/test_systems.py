"""What systems tell with a token: rows in, events on Kafka, and refusals that name the place."""

import hashlib
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import TypeVar

import httpx
import pytest

from chassis.runtime import Runtime
from contracts.body import Body
from contracts.event import Message, Mode
from contracts.events.spend import SpendReported
from contracts.events.touches import ConsentRecorded, FactsRecorded, TouchRecorded
from contracts.topics import MARKETING_SPEND, MARKETING_TOUCHES, Topic
from ingest.settings import IngestSettings
from tests.integration.ingest.house import NOBODY, cut_off, prepared, read_all, running, spooled
from tests.support.awaiting import until
from tests.support.google_lead import google_lead
from tests.support.servers import Servers

B = TypeVar("B", bound=Body)
TOKEN = "baton_made_up_for_this_test"
READER = "baton_made_up_to_read"
BEARER = {"authorization": f"Bearer {TOKEN}"}
CSV = {**BEARER, "content-type": "text/csv"}


@pytest.fixture(scope="module")
async def settings(
    servers: Servers, prefix: str, tmp_path_factory: pytest.TempPathFactory
) -> IngestSettings:
    access = tmp_path_factory.mktemp("access") / "access.yaml"
    writer, reader = (hashlib.sha256(each.encode()).hexdigest() for each in (TOKEN, READER))
    access.write_text(
        "tokens:\n"
        f"  - {{name: crm, sha256: {writer}, scopes: [write], expires: null}}\n"
        f"  - {{name: eye, sha256: {reader}, scopes: [read], expires: null}}\n"
    )
    access.chmod(0o600)
    return (await prepared(servers, prefix)).model_copy(update={"access": access})


@pytest.fixture(scope="module")
async def house(settings: IngestSettings) -> AsyncIterator[tuple[Runtime, httpx.AsyncClient]]:
    async with running(settings) as both:
        yield both


@pytest.fixture
def client(house: tuple[Runtime, httpx.AsyncClient]) -> httpx.AsyncClient:
    return house[1]


async def said(
    settings: IngestSettings, topic: Topic, kind: type[B], ids: Sequence[str]
) -> list[tuple[B, Message]]:
    """The events of these record ids."""
    found = await read_all(settings, topic)
    return [
        (body, each)
        for each in found
        if isinstance(body := each.event.body, kind) and str(getattr(body, "record_id", "")) in ids
    ]


def somebody() -> str:
    return f"{uuid.uuid4().hex[:10]}@brightwell.example"


async def test_facts_of_one_or_many_lie_on_kafka_with_the_person_beside_them(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    address = somebody()
    one = {"email": address, "facts": {"company.employees": 180}, "as_of": "2026-01-02T09:00:00Z"}
    many = [one | {"source": "clearbit"}, {"account": "x.example", "facts": {"custom.tier": 2}}]
    first = await client.post("/v1/facts", json=one, headers=BEARER)
    second = await client.post("/v1/facts", json=many, headers=BEARER)

    assert (first.status_code, first.json()["accepted"]) == (200, 1)
    assert (second.status_code, second.json()["accepted"]) == (200, 2)
    ids = first.json()["record_ids"] + second.json()["record_ids"]
    found = await said(settings, MARKETING_TOUCHES, FactsRecorded, ids)
    assert sorted(body.source for body, _ in found) == ["clearbit", "crm", "crm"]
    assert {body.account for body, _ in found} == {None, "x.example"}
    persons = [each.person.email for _, each in found if each.person is not None]
    assert sorted(persons, key=str) == sorted([address, address, None], key=str)
    assert all(each.event.mode is Mode.LIVE for _, each in found)


async def test_facts_and_consents_come_as_csv_too(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    address = somebody()
    facts = f"email,company.employees,custom.seats\n{address},51-200,12\n"
    told = await client.post("/v1/facts", content=facts, headers=CSV)
    consents = f"email;purpose;state;wording\n{address};contact;withdrawn;v2\n"
    denied = await client.post("/v1/consents", content=consents, headers=CSV)
    single = await client.post(
        "/v1/facts", content=f"email,fact,value\n{address},lead.country,Germany\n", headers=CSV
    )

    ids = told.json()["record_ids"] + single.json()["record_ids"]
    found = await said(settings, MARKETING_TOUCHES, FactsRecorded, ids)
    assert [body.facts.as_json() for body, _ in found] == [
        {"company.employees": 51, "custom.seats": 12},
        {"lead.country": "DE"},
    ]
    ((consent, _),) = await said(
        settings, MARKETING_TOUCHES, ConsentRecorded, denied.json()["record_ids"]
    )
    assert {each: told.state for each, told in consent.consent.items()} == {"contact": "withdrawn"}


async def test_spend_is_said_by_source_and_day(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    source = f"ads-{uuid.uuid4().hex[:6]}"
    rows = (
        "source,day,campaign_id,campaign_name,cost,currency,clicks\n"
        f"{source},2026-11-01,20817,Autumn,184.37,EUR,96\n"
        f"{source},2026-11-01,7,,12,EUR,\n"
        f"{source},2026-10-31,7,,9.5,EUR,\n"
    )
    answer = await client.post("/v1/spend", content=rows, headers=CSV)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)
    assert len(answer.json()["record_ids"]) == 2
    bodies = [each.event.body for each in await read_all(settings, MARKETING_SPEND)]
    found = {
        each.day.isoformat(): [str(spend.cost.amount) for spend in each.spends]
        for each in bodies
        if isinstance(each, SpendReported) and each.source == source
    }
    assert found == {"2026-11-01": ["184.37", "12"], "2026-10-31": ["9.5"]}


async def test_a_campaign_that_spend_has_named_is_named_in_the_touches_that_follow(
    client: httpx.AsyncClient, settings: IngestSettings
) -> None:
    campaign = uuid.uuid4().hex
    row = {"source": "ads", "day": "2026-11-01", "cost": 1, "currency": "EUR"}
    named = row | {"campaign_id": campaign, "campaign_name": "Autumn, DE"}
    assert (await client.post("/v1/spend", json=named, headers=BEARER)).status_code == 200
    lead = google_lead("demo-google-key") | {"campaign_id": campaign}
    answer = await client.post("/v1/sources/google-demo", json=lead)

    bodies = [each.event.body for each in await read_all(settings, MARKETING_TOUCHES)]
    (touch,) = [
        each
        for each in bodies
        if isinstance(each, TouchRecorded)
        and str(each.touch_id) == answer.headers["x-baton-touch-id"]
    ]
    assert touch.facts.text("touch.campaign_name") == "Autumn, DE"


@pytest.mark.parametrize(
    ("path", "body", "field", "says"),
    [
        ("/v1/facts", {"email": "a@b.example", "facts": {"x.y": 1}}, "facts.x.y", "known:"),
        (
            "/v1/facts",
            [{"email": "a@b.example", "facts": {"company.employes": 1}}],
            "0.facts.company.employes",
            "did you mean company.employees?",
        ),
        ("/v1/consents", {"email": "a@b.example", "state": "granted"}, "purpose", "is missing"),
        ("/v1/consents", {"purpose": "contact", "state": "granted"}, "body", "say whose it is"),
        ("/v1/spend", [{"day": "2026-11-01"}], "0.source", "is missing"),
        ("/v1/spend", [], "body", "at least one row"),
    ],
)
async def test_a_row_of_json_that_is_wrong_is_told_by_its_field(
    client: httpx.AsyncClient, path: str, body: object, field: str, says: str
) -> None:
    answer = await client.post(path, json=body, headers=BEARER)
    assert answer.status_code == 422
    told = {each["field"]: each["message"] for each in answer.json()["errors"]}
    assert says in told[field], told


@pytest.mark.parametrize(
    ("path", "text", "field", "says"),
    [
        ("/v1/spend", "source,day,cost,colour\n", "line 1, column 4", "no column here"),
        (
            "/v1/spend",
            "source,day,cost,currency\na,2026-11-01,1,EUR\na,2026-11-02,x,EUR\n",
            "line 3, column cost",
            "expected an amount",
        ),
        (
            "/v1/spend",
            "source,day,cost,currency\na,2026-11-01,1,EUR\na,2026-11-01,2,EUR\n",
            "line 3",
            "says again",
        ),
        (
            "/v1/facts",
            "email,fact,value\na@b.example,company.employes,3\n",
            "line 2, column company.employes",
            "did you mean company.employees?",
        ),
        ("/v1/facts", "email,company.employees\nnobody,3\n", "line 2, column email", "address"),
        ("/v1/facts", "email,company.employees\n", "line 2", "at least one row"),
        ("/v1/consents", "email,purpose,state\na@b.example,contact,maybe\n", "column state", ""),
    ],
)
async def test_a_row_of_csv_that_is_wrong_is_told_by_line_and_column_and_nothing_is_taken(
    client: httpx.AsyncClient, path: str, text: str, field: str, says: str
) -> None:
    answer = await client.post(path, content=text, headers=CSV)
    assert answer.status_code == 422
    told = [each for each in answer.json()["errors"] if field in each["field"]]
    assert told, answer.text
    assert says in told[0]["message"], told
    assert "Nothing of the call was taken" in answer.json()["detail"]


async def test_only_a_token_that_may_write_tells_anything(client: httpx.AsyncClient) -> None:
    row = {"email": "a@b.example", "facts": {"custom.x": 1}}
    assert (await client.post("/v1/facts", json=row)).status_code == 401
    reader = {"authorization": f"Bearer {READER}"}
    assert (await client.post("/v1/facts", json=row, headers=reader)).status_code == 403
    xml = {**BEARER, "content-type": "application/xml"}
    assert (await client.post("/v1/facts", content=b"<a/>", headers=xml)).status_code == 415
    broken = {**BEARER, "content-type": "application/json"}
    assert (await client.post("/v1/facts", content=b'{"a', headers=broken)).status_code == 400


async def test_a_call_that_is_sent_twice_gets_its_stored_reply_and_another_body_409(
    house: tuple[Runtime, httpx.AsyncClient], settings: IngestSettings
) -> None:
    runtime, client = house
    headers = BEARER | {"Idempotency-Key": uuid.uuid4().hex}
    row = {"email": somebody(), "purpose": "contact", "state": "granted"}
    first = await client.post("/v1/consents", json=row, headers=headers)
    again = await client.post("/v1/consents", json=row, headers=headers)
    other = await client.post("/v1/consents", json=row | {"state": "denied"}, headers=headers)

    assert first.json() == again.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert other.status_code == 409
    ids = first.json()["record_ids"]
    assert len(await said(settings, MARKETING_TOUCHES, ConsentRecorded, ids)) == 1
    async with runtime.database.transaction() as tx:
        rows = await tx.fetch("SELECT who, action, after FROM audit WHERE subject = $1", ids[0])
    assert [(each["who"], each["action"], each["after"]) for each in rows] == [
        ("crm", "consents.tell", '{"accepted":1}')
    ]


async def test_without_postgres_rows_are_taken_and_a_repeat_says_the_same_ids(
    servers: Servers, prefix: str, house: tuple[Runtime, httpx.AsyncClient]
) -> None:
    runtime, client = house
    headers = BEARER | {"Idempotency-Key": uuid.uuid4().hex}
    row = {"email": somebody(), "facts": {"custom.tier": 1}}
    async with cut_off(servers, prefix, runtime):
        first = await client.post("/v1/facts", json=row, headers=headers)
        again = await client.post("/v1/facts", json=row, headers=headers)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


async def test_without_kafka_many_rows_go_to_the_spool_and_are_swept_by_whoever_has_it(
    house: tuple[Runtime, httpx.AsyncClient], settings: IngestSettings
) -> None:
    rows = [{"email": somebody(), "facts": {"custom.tier": each}} for each in range(30)]
    away = settings.model_copy(update={"kafka_bootstrap": NOBODY, "kafka_first_s": 0.0})
    async with running(away) as (_, client):
        answer = await client.post("/v1/facts", json=rows, headers=BEARER)
        assert answer.status_code == 200

    async def swept() -> bool:
        return await spooled(house[0]) == 0

    await until(swept, "the sweep")
    ids = answer.json()["record_ids"]
    found = await said(settings, MARKETING_TOUCHES, FactsRecorded, ids)
    assert sorted(str(body.record_id) for body, _ in found) == sorted(ids)
