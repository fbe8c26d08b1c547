"""Kinds whose senders choose the shape: mappings, forms of both encodings, signatures, secrets."""

import hashlib
import hmac
import json
from base64 import b64encode
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from contracts.events.kinds import TouchKind
from ingest.domain.flattening import flattened
from ingest.domain.form_body import pairs_of
from ingest.domain.kinds import generic, standard_webhooks
from ingest.domain.kinds.generic import Generic
from ingest.domain.kinds.kind import Credentials, Refused
from ingest.domain.mapping import Mapped, moment, read_mapped
from ingest.domain.naming import read_named
from ingest.domain.scrubbing import scrubbed
from ingest.domain.sent import Malformed, Sent, TooMuch
from ingest.domain.submission import Slot, Submission

NOW = datetime(2026, 11, 2, 9, 19, 7, tzinfo=UTC)
HELD = Credentials((b"old-key", b"new-key"))


def sent(body: bytes, query: str = "", **headers: str) -> Sent:
    pairs = tuple(tuple(each.split("=", 1)) for each in query.split("&") if each)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Sent(pairs, named, body, NOW)  # type: ignore[arg-type] # pairs of two


def source(**more: Any) -> Generic:  # noqa: ANN401 - the policy's fields
    return Generic.model_validate({"kind": "generic", "channel": "web", **more})


def read(data: object, **mapped: Any) -> Submission:  # noqa: ANN401 - the policy's fields
    (told,) = generic.KIND.parse(sent(json.dumps(data).encode()), source(map=mapped)).submissions
    return told


def test_without_a_mapping_fields_are_known_by_their_names() -> None:
    told = read({"E-Mail Address": "a@b.example", "Job title": "Head of IT", "tea": {"milk": True}})

    assert told.slots == {Slot.EMAIL: "a@b.example", Slot.TITLE: "Head of IT"}
    assert told.unknown == {"tea.milk": "true"}


def test_an_expression_goes_before_a_name_and_neither_value_is_lost() -> None:
    told = read(
        {"email": "desk@b.example", "who": [{"mail": "maya@b.example"}]},
        to={"email": "who[0].mail", "id": "missing", "company": "length(email)"},
    )

    assert told.slots[Slot.EMAIL] == "maya@b.example"
    assert told.unknown["email"] == "desk@b.example"
    assert told.slots[Slot.COMPANY] == "14"
    assert told.sender_id is None


def test_a_list_in_the_body_is_a_touch_each() -> None:
    body = json.dumps({"rows": [{"email": "a@b.example", "n": 2**63}, {"email": "c@b.example"}]})
    mapped = {"each": "rows", "to": {"id": "n"}}
    first, second = generic.KIND.parse(
        sent(body.encode()), source(map=mapped, touch="event")
    ).submissions

    assert first.kind is TouchKind.EVENT
    assert first.sender_id == str(2**63)
    assert second.sender_id is None


@pytest.mark.parametrize("body", [b"[]", b'"x"', b"[1]", b"{}", b'{"a": null}', b"[{}]"])
def test_a_body_without_any_field_says_so_or_is_nothing(body: bytes) -> None:
    if body == b"[]":
        assert generic.KIND.parse(sent(body), source()).submissions == ()
        return
    with pytest.raises(Malformed):
        generic.KIND.parse(sent(body), source())


@pytest.mark.parametrize(
    ("mapped", "said"),
    [
        ({"to": {"emial": "a"}}, "did you mean email?"),
        ({"to": {"email": "a["}}, "no JMESPath expression"),
        ({"each": ""}, "at least 1 character"),
    ],
)
def test_a_mapping_that_cannot_work_is_refused(mapped: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said.replace("?", r"\?")):
        Mapped.model_validate(mapped)


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-02T10:19:07+01:00", NOW),
        ("1793611147", NOW),
        ("1793611147000", NOW),
        ("tomorrow", None),
        (None, None),
        ("9" * 40, None),
    ],
)
def test_instants_come_as_texts_seconds_and_milliseconds(
    text: str | None, at: datetime | None
) -> None:
    assert moment(text) == at


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"authorization": "Bearer new-key"}, ""),
        ({"authorization": "Basic " + b64encode(b"zap:old-key").decode()}, ""),
        ({"authorization": "Basic " + b64encode(b"old-key:").decode()}, ""),
        ({"x_api_key": "old-key"}, ""),
        ({}, "key=new-key"),
    ],
)
def test_a_key_may_stand_where_a_sender_can_put_it(headers: dict[str, str], query: str) -> None:
    assert generic.KIND.verify(sent(b"{}", query, **headers), source(), HELD) is None


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        ({}, Refused.NO_PROOF),
        ({"authorization": "Bearer"}, Refused.NO_PROOF),
        ({"authorization": "Basic ä"}, Refused.NO_PROOF),
        ({"authorization": "Bearer new-kez"}, Refused.WRONG_PROOF),
        ({"x_api_key": "ключ"}, Refused.WRONG_PROOF),
    ],
)
def test_a_key_that_is_none_is_refused(headers: dict[str, str], why: Refused) -> None:
    refusal = generic.KIND.verify(sent(b"{}", "", **headers), source(), HELD)

    assert refusal is not None
    assert refusal.why is why
    assert "kez" not in refusal.detail


@pytest.mark.parametrize("encoding", ["hex", "base64"])
def test_a_signature_is_over_the_bytes_that_came(encoding: str) -> None:
    body = b'{"name": "M\\u00e9ry"}'
    digest = hmac.new(b"new-key", body, hashlib.sha256)
    text = digest.hexdigest() if encoding == "hex" else b64encode(digest.digest()).decode()
    how = {"header": "x-signature", "encoding": encoding, "prefix": "sha256="}
    told = source(signed=how)

    right = sent(body, "", x_signature=f"sha256={text}")
    assert generic.KIND.verify(right, told, HELD) is None
    for other in (sent(body + b" ", "", x_signature=f"sha256={text}"), sent(body, "key=new-key")):
        assert generic.KIND.verify(other, told, HELD) is not None


def test_the_published_vector_of_standard_webhooks_is_right() -> None:
    headers = {
        "webhook_id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook_timestamp": "1614265330",
        "webhook_signature": "v2,x v1,bm9uZQ== v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }
    request = Sent(
        (),
        {name.replace("_", "-"): value for name, value in headers.items()},
        b'{"test": 2432232314}',
        datetime.fromtimestamp(1614265330, UTC),
    )
    model = standard_webhooks.StandardWebhooks.model_validate(
        {"kind": "standard_webhooks", "channel": "web"}
    )
    held = Credentials((b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",))

    assert standard_webhooks.KIND.verify(request, model, held) is None
    other = Credentials((b"whsec_bm90IHRoZSByaWdodCBzZWNyZXQ=",))
    assert standard_webhooks.KIND.verify(request, model, other) is not None


def multipart(fields: list[tuple[str, Any]]) -> Sent:
    """A form as an HTTP client writes it."""
    request = httpx.Request("POST", "http://localhost", files=fields)
    return sent(request.read(), "", content_type=request.headers["content-type"])


def test_a_multipart_form_gives_its_fields_and_the_names_of_its_files() -> None:
    form = multipart(
        [
            ("email", (None, "a@b.example")),
            ('say "hi"', (None, "grüß\r\nGott")),
            ("cv", ("me.pdf", b"%PDF-1.7 \x00\xff")),
            ("topics", (None, "a")),
            ("topics", (None, "b")),
        ]
    )

    assert pairs_of(form) == [
        ("email", "a@b.example"),
        ('say "hi"', "grüß\r\nGott"),
        ("cv", "me.pdf"),
        ("topics", "a"),
        ("topics", "b"),
    ]


@pytest.mark.parametrize("cut", [3, 20, 60])
def test_a_multipart_form_that_breaks_off_is_refused(cut: int) -> None:
    whole = multipart([("email", (None, "a@b.example"))])
    with pytest.raises(Malformed):
        pairs_of(Sent((), whole.headers, whole.body[:-cut], NOW))


def test_more_fields_than_are_read_are_refused_and_not_left_out() -> None:
    with pytest.raises(TooMuch):
        pairs_of(multipart([(f"f{number}", (None, "x")) for number in range(501)]))
    with pytest.raises(TooMuch):
        read_named([(f"f{number}", "x" * 1_000) for number in range(101)])


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=12,
)


def _leaves(data: Any) -> int:  # noqa: ANN401 - JSON's values
    if isinstance(data, dict | list):
        return sum(_leaves(each) for each in (data.values() if isinstance(data, dict) else data))
    return int(data is not None and data != "")


@given(_JSON)
def test_flattening_keeps_every_value(data: Any) -> None:  # noqa: ANN401 - JSON's values
    assert sum(1 for _ in flattened(data)) == _leaves(data)


@given(st.dictionaries(st.text(min_size=1, max_size=20), st.text(max_size=40), max_size=8))
def test_whatever_fields_come_each_with_a_text_is_in_a_slot_or_kept(fields: dict[str, str]) -> None:
    told = read_mapped(fields, Mapped(), TouchKind.FORM)
    kept = {*told.slots.values(), *told.unknown.values(), *told.click_ids.values()}

    assert set(told.fields.values()) <= kept | {part for text in kept for part in text.split(", ")}


def test_a_secret_that_a_sender_repeats_is_taken_out() -> None:
    told = read({"email": "a@b.example", "webhookURL": "https://b.example/?key=new-key&x=1"})
    clean = scrubbed(told, HELD.keys)

    assert clean.unknown == {"webhookURL": "https://b.example/?key=(secret)&x=1"}
    assert "new-key" not in repr(clean)
    assert scrubbed(clean, HELD.keys) is clean


def test_a_secret_is_taken_out_as_addresses_spell_it_and_out_of_every_part() -> None:
    secret = "päss word/+"
    told = read(
        {
            "email": "a@b.example",
            "from": "https://b.example/?key=p%C3%A4ss+word%2F%2B",
            "to": "https://b.example/?key=p%C3%A4ss%20word%2F%2B",
            "form": f"form {secret}",
            "utm_source": secret,
        }
    )
    clean = scrubbed(told, [secret.encode()])

    assert clean.unknown == {
        "from": "https://b.example/?key=(secret)",
        "to": "https://b.example/?key=(secret)",
    }
    assert clean.form == "form (secret)"
    assert clean.utm == {"utm_source": "(secret)"}


def test_a_form_that_a_mapping_names_leaves_the_fields_of_that_name_as_they_are() -> None:
    told = read({"form_id": "7", "form_name": "Demo", "form": "x"}, to={"form": "form_name"})

    assert told.form == "Demo"
    assert told.unknown == {"form_id": "7", "form": "x"}


@pytest.mark.parametrize("name", ["jobTitle", "Job title", "JOB_TITLE", "job-title"])
def test_names_are_known_however_they_are_written(name: str) -> None:
    assert read({name: "Head of IT"}).slots == {Slot.TITLE: "Head of IT"}
