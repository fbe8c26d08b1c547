"""What is special of platforms that sign: which events are leads, and what their parts say."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.events.kinds import TouchKind
from ingest.domain.kinds import KINDS
from ingest.domain.kinds.kind import Credentials, Heard, Refused
from ingest.domain.sent import Malformed, Sent
from ingest.domain.submission import Slot
from tests.integration.ingest.conformance.signing import calendly, tiktok, typeform, webflow
from tests.integration.ingest.conformance.wire import KEY, Wire, json_of
from tests.unit.ingest.hearing import NOW, heard, source, told

HELD = Credentials((b"old", KEY.encode()))


def test_webflow_without_a_signature_proves_itself_by_its_address() -> None:
    kind = KINDS["webflow"]
    plain = source("webflow", signed=False)
    body = json_of(
        {"triggerType": "form_submission", "payload": {"data": {"Email": "m@b.example"}}}
    )

    def why(query: str, told: Any = plain) -> Refused | None:  # noqa: ANN401 - a model
        pairs = (("key", query),) if query else ()
        refusal = kind.verify(Sent(pairs, {}, body, NOW), told, HELD)
        return None if refusal is None else refusal.why

    assert why(KEY) is None
    assert why("another") is Refused.WRONG_PROOF
    assert why("") is Refused.NO_PROOF
    assert why(KEY, source("webflow")) is Refused.NO_PROOF, "a key does not replace the signature"


def test_webflow_reads_labels_numbers_and_the_page() -> None:
    submission = told(
        "webflow",
        {
            "triggerType": "form_submission",
            "payload": {
                "id": "1",
                "name": "Contact",
                "formId": "f",
                "data": {
                    "First Name": "Maya",
                    "Phone": 2079460000,
                    "Newsletter": False,
                    "Empty": "",
                },
                "schema": [{"fieldName": "x"}],
                "publishedPath": "/contact",
                "siteId": "s",
            },
        },
    )

    assert submission.slots == {
        Slot.FIRST_NAME: "Maya",
        Slot.PHONE: "2079460000",
        Slot.PAGE: "/contact",
    }
    assert submission.form == "Contact"
    assert submission.unknown["Newsletter"] == "false"
    assert submission.unknown["formId"] == "f"
    assert heard("webflow", {"triggerType": "site_publish"}) == Heard(passed_over=1)


@pytest.mark.parametrize(
    "content",
    [
        {"lead_id": "7", "email": "m@b.example", "full_name": "M", "colour": "red"},
        {"lead": {"lead_id": "7", "email": "m@b.example", "full_name": "M"}, "colour": "red"},
        {
            "lead_id": "7",
            "fields": [
                {"name": "email", "value": "m@b.example"},
                {"field": "full_name", "values": ["M"]},
                {"question": "colour", "answer": "red"},
            ],
        },
    ],
)
@pytest.mark.parametrize("in_a_text", [True, False])
def test_a_lead_of_tiktok_is_read_by_names_wherever_they_stand(
    content: dict[str, Any], *, in_a_text: bool
) -> None:
    raw = json.dumps(content) if in_a_text else content
    submission = told("tiktok", {"event": "lead", "create_time": 1793611147, "content": raw})

    assert submission.kind is TouchKind.AD_LEAD
    assert submission.sender_id == "7"
    assert submission.slots == {Slot.EMAIL: "m@b.example", Slot.FULL_NAME: "M"}
    assert "red" in submission.unknown.values()
    assert submission.submitted_at == NOW


def test_what_tiktok_tells_beside_leads_is_passed_over_and_garbled_content_is_not() -> None:
    assert heard("tiktok", {"event": "video.publish.completed", "content": "{}"}).passed_over == 1
    with pytest.raises(Malformed, match="content"):
        heard("tiktok", {"event": "lead", "content": '{"a": '})


@pytest.mark.parametrize(
    ("kind", "sign"),
    [("typeform", typeform), ("calendly", calendly), ("webflow", webflow), ("tiktok", tiktok)],
)
def test_a_signature_is_over_the_bytes_that_came(kind: str, sign: Any) -> None:  # noqa: ANN401 - one of four
    wire = sign(Wire(b"", {}), b'{"name": "M\\u00e9ry"}')
    now = datetime.now(UTC)

    def why(body: bytes, now: datetime) -> Refused | None:
        refusal = KINDS[kind].verify(Sent((), wire.headers, body, now), source(kind), HELD)
        return None if refusal is None else refusal.why

    assert why(wire.body, now) is None
    assert why('{"name": "Méry"}'.encode(), now) is Refused.WRONG_PROOF
    if kind != "typeform":
        assert why(wire.body, now + timedelta(minutes=6)) is Refused.STALE
        assert why(wire.body, now - timedelta(minutes=6)) is Refused.STALE
