"""Meta Lead Ads: a signed notice that points at leads; each is fetched from the Graph afterwards.

https://developers.facebook.com/docs/marketing-api/guides/lead-ads/retrieving. Any answer but 200 is
tried again for 36 hours. In a notice ``adgroup_id`` is the id of an ad, not of an ad set.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, StringConstraints

from ingest.domain.fetching import FetchRule, Pointer
from ingest.domain.flattening import text_of
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
from ingest.domain.kinds.proofs import hex_hmac, require_key, require_signature
from ingest.domain.platforms.meta_graph import FETCHING
from ingest.domain.sent import Malformed, Sent
from ingest.domain.source import SecretRef, Source
from ingest.domain.text import one_line

SIGNATURE = "x-hub-signature-256"
_LEADGEN = "leadgen"
_LONGEST_ID = 100
_LONGEST_CHALLENGE = 200
_POINTED = {"page_id": "page_id", "form_id": "form_id", "ad_id": "ad_id", "adgroup_id": "ad_id"}
Digits = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,30}$")]


class MetaLeadAds(Source):
    """A page's lead forms at Meta; a secret is the app's secret."""

    SECRET_DICTATED: ClassVar[bool] = True

    kind: Literal["meta_lead_ads"]
    verify_token: SecretRef
    """The word that was typed in at Meta, which it says when it asks who we are."""
    fetch: FetchRule
    """How leads are fetched; the token is the page's."""
    pages: Annotated[tuple[Digits, ...], Field(max_length=100)] = ()
    """The pages whose leads ``backfill`` asks for; none: the one whose token it is."""

    def references(self) -> Mapping[str, str]:
        """Return the references beside ``secrets``."""
        return {"verify_token": self.verify_token, "fetch.token": self.fetch.token}


def _handshake(sent: Sent, _source: MetaLeadAds, held: Credentials) -> Answer | Refusal | None:
    """Give the challenge back, as bare text, to whoever knows the word."""
    if sent.method != "GET":
        return None
    token, challenge = sent.first("hub.verify_token"), sent.first("hub.challenge")
    if sent.first("hub.mode") != "subscribe" or not challenge:
        return Refusal(
            Refused.MALFORMED,
            "Expected hub.mode=subscribe, hub.verify_token and hub.challenge.",
            "Enter this address at Meta, under the webhooks of your app: Meta asks by itself.",
        )
    word = held.named.get("verify_token")
    refusal = require_key(token, Credentials((word,) if word else ()), "hub.verify_token")
    if refusal is not None:
        return refusal
    if not challenge.isalnum() or len(challenge) > _LONGEST_CHALLENGE:
        return Refusal(Refused.MALFORMED, "The challenge is not a word of letters and digits.")
    # Bare text: Meta compares it with what it sent, and a browser may run nothing of it.
    return Answer(challenge.encode(), media="text/plain; charset=utf-8")


def _verify(sent: Sent, _source: MetaLeadAds, held: Credentials) -> Refusal | None:
    given = sent.headers.get(SIGNATURE, "")
    return require_signature(
        [given], held, lambda key: [f"sha256={hex_hmac(key, sent.body)}"], SIGNATURE
    )


def _parse(sent: Sent, _source: MetaLeadAds) -> Heard:
    body = sent.object
    entries = body.get("entry")
    if not isinstance(entries, list):
        raise Malformed("The notice has no entries.", (("body.entry", "expected a list"),))
    pointers: list[Pointer] = []
    others = 0
    for change in _changes(entries):
        value = change.get("value")
        if change.get("field") != _LEADGEN or not isinstance(value, dict):
            others += 1
            continue
        pointers.append(_pointer(value))
    return Heard(pointers=tuple(pointers), passed_over=others)


def _changes(entries: list[Any]) -> Iterator[dict[str, Any]]:
    for number, entry in enumerate(entries):
        changes = entry.get("changes") if isinstance(entry, dict) else None
        if not isinstance(changes, list):
            place = f"body.entry.{number}.changes"
            raise Malformed("An entry has no changes.", ((place, "expected a list"),))
        yield from (each for each in changes if isinstance(each, dict))


def _pointer(value: dict[str, Any]) -> Pointer:
    lead = one_line(text_of(value.get("leadgen_id")) or "", _LONGEST_ID)
    if lead is None or not lead.isalnum():
        place = "body.entry.changes.value.leadgen_id"
        raise Malformed("A lead has no id.", ((place, "expected digits"),))
    about = {
        name: text
        for key, name in _POINTED.items()
        if (text := one_line(text_of(value.get(key)) or "", _LONGEST_ID)) and text != "0"
    }
    if (at := text_of(value.get("created_time"))) is not None:
        about["created_time"] = at[:_LONGEST_ID]
    return Pointer(lead, about)


def _sample(_source: MetaLeadAds, held: Credentials, _url: str, now: datetime) -> Sample:
    """Return a notice of a lead that is not there: it shows signature and queue, not the fetch."""
    value = {
        "leadgen_id": f"{int(now.timestamp() * 1000)}",
        "page_id": "1",
        "form_id": "1",
        "created_time": int(now.timestamp()),
    }
    entry = {
        "id": "1",
        "time": int(now.timestamp()),
        "changes": [{"field": _LEADGEN, "value": value}],
    }
    body = as_json({"object": "page", "entry": [entry]})
    signed = {SIGNATURE: f"sha256={hex_hmac(held.keys[0], body)}"}
    return Sample(body, {"content-type": "application/json", **signed})


KIND = Kind(
    "meta_lead_ads",
    MetaLeadAds,
    _verify,
    _parse,
    _sample,
    handshake=_handshake,
    malformed=200,
    fetching=FETCHING,
)
