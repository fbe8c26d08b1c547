"""LinkedIn lead sync: a challenge every two hours, signed notices, leads fetched afterwards.

https://learn.microsoft.com/linkedin/shared/api-guide/webhook-validation. Challenges and notices are
signed with one key, so that whoever could have any text signed could forge notices: only a UUID is.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal, Self
from uuid import UUID

from pydantic import StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from contracts.events.kinds import TouchKind
from ingest.domain.fetching import FetchRule, Pointer
from ingest.domain.flattening import text_of
from ingest.domain.instants import instant_of
from ingest.domain.kinds.kind import (
    Answer,
    Credentials,
    Heard,
    Kind,
    Refusal,
    Refused,
    Sample,
    as_json,
)
from ingest.domain.kinds.proofs import hex_hmac, require_signature
from ingest.domain.platforms.linkedin_leads import FETCHING
from ingest.domain.sent import Malformed, Sent
from ingest.domain.source import Source
from ingest.domain.submission import Submission
from ingest.domain.text import one_line

SIGNATURE = "x-li-signature"
_SIGNED = b"hmacsha256="
_RESPONSE = re.compile(r"(?:urn:li:leadGenFormResponse:)?([0-9A-Za-z_-]{1,100})")
_CREATED, _DELETED = "CREATED", "DELETED"
_LONGEST = 200
_CHALLENGE_VERSION = 4

Owner = Annotated[
    str, StringConstraints(pattern=r"^urn:li:(sponsoredAccount|organization):[0-9]{1,30}$")
]


class LinkedIn(Source):
    """Lead forms at LinkedIn; a secret is the application's client secret."""

    SECRET_DICTATED: ClassVar[bool] = True

    kind: Literal["linkedin"]
    fetch: FetchRule
    """How leads are fetched; the token is the member's who may read them."""
    owner: Owner | None = None
    """The account or page whose leads ``backfill`` asks for."""
    lead_type: Literal["SPONSORED", "COMPANY", "EVENT", "ORGANIZATION_PRODUCT"] = "SPONSORED"
    """Which of its leads."""

    @property
    def can_list(self) -> bool:
        """Whether it is said whose leads to ask for."""
        return self.owner is not None

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.fetch.backfill is not None and self.owner is None:
            raise PydanticCustomError(
                "owner",
                "backfill needs the source's `owner`, like urn:li:sponsoredAccount:123",
                {"path": ("fetch", "backfill")},
            )
        return self

    def references(self) -> Mapping[str, str]:
        """Return the references beside ``secrets``."""
        return {"fetch.token": self.fetch.token}


def _handshake(sent: Sent, _source: LinkedIn, held: Credentials) -> Answer | Refusal | None:
    """Sign the challenge. The newest secret does: LinkedIn knows one at a time."""
    if sent.method != "GET":
        return None
    code = sent.first("challengeCode")
    if code is None or not _is_challenge(code) or not held.keys:
        return Refusal(
            Refused.MALFORMED,
            "Expected challengeCode with a UUID, as LinkedIn asks.",
            "Enter this address at LinkedIn, under the webhooks of your application.",
        )
    answer = {"challengeCode": code, "challengeResponse": hex_hmac(held.keys[0], code.encode())}
    return Answer(as_json(answer))


def _is_challenge(text: str) -> bool:
    try:
        return str(UUID(text)) == text.lower() and UUID(text).version == _CHALLENGE_VERSION
    except ValueError:
        return False


def _verify(sent: Sent, _source: LinkedIn, held: Credentials) -> Refusal | None:
    given = sent.headers.get(SIGNATURE, "")
    return require_signature(
        [given], held, lambda key: [hex_hmac(key, _SIGNED + sent.body)], SIGNATURE
    )


def _parse(sent: Sent, _source: LinkedIn) -> Heard:
    body = sent.object
    if body.get("type") != "LEAD_ACTION":
        return Heard(passed_over=1)
    found = _RESPONSE.fullmatch(text_of(body.get("leadGenFormResponse")) or "")
    if found is None:
        place = "body.leadGenFormResponse"
        raise Malformed("The notice names no lead.", ((place, "expected a response's URN"),))
    action = body.get("leadAction")
    if action == _CREATED:
        return Heard(pointers=(Pointer(found[1], _about(body)),))
    if action == _DELETED:
        return Heard((_erasure(found[1], body),))
    return Heard(passed_over=1)


def _about(body: Mapping[str, Any]) -> dict[str, str]:
    form = one_line(text_of(body.get("leadGenForm")) or "", _LONGEST)
    return {} if form is None else {"form": form}


def _erasure(lead: str, body: Mapping[str, Any]) -> Submission:
    at = text_of(body.get("occurredAt")) or ""
    return Submission(
        TouchKind.ERASURE,
        {},
        sender_id=f"{lead} {_DELETED} {at[:_LONGEST]}".strip(),
        person_id=lead,
        submitted_at=instant_of(body.get("occurredAt"), 1_000),
    )


def _sample(_source: LinkedIn, held: Credentials, _url: str, now: datetime) -> Sample:
    """Return a notice of a lead that is not there: it shows signature and queue, not the fetch."""
    millis = int(now.timestamp() * 1000)
    body = as_json(
        {
            "type": "LEAD_ACTION",
            "leadGenFormResponse": f"urn:li:leadGenFormResponse:test-{millis}",
            "leadGenForm": "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:1,1)",
            "leadType": "SPONSORED",
            "leadAction": _CREATED,
            "occurredAt": millis,
        }
    )
    signature = hex_hmac(held.keys[0], _SIGNED + body)
    return Sample(body, {"content-type": "application/json", SIGNATURE: signature})


KIND = Kind(
    "linkedin",
    LinkedIn,
    _verify,
    _parse,
    _sample,
    handshake=_handshake,
    malformed=200,
    fetching=FETCHING,
)
