"""From a submission to the touch that is recorded: person and facts told apart, keys, ids.

Doors call ``record``. Everything in it follows from its arguments, so that a sender's retry gives
the same touch again.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from contracts.event import Event, Mode
from contracts.events.kinds import ConsentState, IdentityKind, Purpose
from contracts.events.parts import Consent, IdentityKey, Utm
from contracts.events.touches import TouchRecorded
from contracts.facts import Facts
from contracts.identity import identity_key, keyed
from contracts.ids import from_words
from contracts.person import Person
from ingest.domain.campaigns import Campaign, campaign_name
from ingest.domain.channel import channel_of
from ingest.domain.consent import consents
from ingest.domain.known import Known, known_of
from ingest.domain.source import Source
from ingest.domain.sources import ChannelRule
from ingest.domain.spam import is_spam, signs, without_clock
from ingest.domain.submission import Submission

_SORTED = json.JSONEncoder(sort_keys=True, default=str)


@dataclass(frozen=True, slots=True)
class Door:
    """Through which source a touch came in, and when."""

    source_id: str
    source: Source
    channels: tuple[ChannelRule, ...]
    secret: bytes
    """The installation's."""
    received_at: datetime
    idempotency_key: str | None = None
    campaigns: Mapping[str, Campaign] = field(default_factory=dict)
    """The policy's list, by id."""
    campaign_names: Mapping[str, str] = field(default_factory=dict)
    """Names that rows of spend told, by id."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A touch that is to be made durable."""

    event: Event[TouchRecorded]
    person: Person

    @property
    def touch_id(self) -> UUID:
        """The touch's id."""
        return self.event.body.touch_id


def record(told: Submission, door: Door) -> Taken:
    """Return the touch."""
    known = known_of(without_clock(told), door.source.fields, country=door.source.country)
    if told.facts:
        known = replace(known, facts=known.facts.changed(told.facts))
    occurred_at = min(told.submitted_at or door.received_at, door.received_at)
    states = _states(told, door)
    content_hash = _content_hash(told, door.secret)
    touch_id = _touch_id(told, door, content_hash)
    keys = _keys(told, known, door, touch_id)
    facts = _facts(told, known, door)
    body = TouchRecorded(
        identity=keys[0].key,
        identity_keys=keys,
        touch_id=touch_id,
        source=door.source_id,
        source_kind=door.source.kind,
        kind=told.kind,
        form=told.form,
        channel=facts.text("touch.channel"),
        campaign_id=told.campaign,
        utm=_utm(told),
        facts=facts,
        consent=_consents(states, door, occurred_at),
        is_request=_is_request(told, door),
        content_hash=content_hash,
        received_at=door.received_at,
    )
    event = Event(
        id=from_words("touch recorded", str(touch_id), content_hash),
        body=body,
        occurred_at=occurred_at,
        recorded_at=door.received_at,
        mode=_mode(told),
        cause=None,
        version=0,
    )
    return Taken(event, known.person)


def _is_request(told: Submission, door: Door) -> bool:
    return door.source.is_request and not told.is_passive


def _mode(told: Submission) -> Mode:
    if told.is_test:
        return Mode.TEST
    return Mode.HISTORICAL if told.is_historical else Mode.LIVE


def _touch_id(told: Submission, door: Door, content_hash: str) -> UUID:
    """Name the touch by the sender's id, an idempotency key, or what it says on which day."""
    words = ["touch", door.source_id]
    if told.sender_id is not None:
        words += ["id", told.sender_id]
    elif door.idempotency_key is not None:
        words += ["key", door.idempotency_key]
    elif told.is_historical:
        # Imported again on another day it is the same: its content has its own instant.
        words += ["content", content_hash]
    else:
        words += ["content", content_hash, door.received_at.astimezone(UTC).date().isoformat()]
    if told.is_test:
        # Senders' test data is the same each time, and each test is to walk to the end.
        words.append(door.received_at.isoformat())
    return from_words(*words)


def _keys(told: Submission, known: Known, door: Door, touch_id: UUID) -> tuple[IdentityKey, ...]:
    """Return what tells the person from others, strongest first.

    Keys of a test are its own, so that no test touches the lead of a real person.
    """
    apart = f"test {touch_id} " if told.is_test else ""
    found = [(IdentityKind.EMAIL, each) for each in known.addresses]
    found += [(IdentityKind.PHONE, each) for each in known.numbers]
    if told.person_id is not None:
        found.append((IdentityKind.SENDER, f"{door.source_id} {told.person_id}"))
    if told.anonymous_id is not None:
        found.append((IdentityKind.ANONYMOUS, told.anonymous_id))
    if not found:
        found = [(IdentityKind.SENDER, f"{door.source_id} {told.sender_id or touch_id}")]
    if apart:
        return tuple(
            IdentityKey(kind=kind, key=keyed(door.secret, kind.value, apart + value))
            for kind, value in found
        )
    return tuple(identity_key(door.secret, kind, value) for kind, value in found)


def _states(told: Submission, door: Door) -> Mapping[Purpose, ConsentState]:
    states = {}
    for purpose, (said, where) in door.source.consent.says.items():
        state, asked = (ConsentState.UNKNOWN, None) if told.is_passive else (said, where)
        answer = None if asked is None else consents(told.fields, asked)
        if answer is not None:
            state = ConsentState.GRANTED if answer else ConsentState.DENIED
        elif state is not ConsentState.ASKED:
            # Who asks to be called has said so last; else what the visitor said goes before rules.
            state = told.consents.get(purpose, state)
        if state is not ConsentState.UNKNOWN or asked is not None:
            states[purpose] = state
    return states


def _consents(
    states: Mapping[Purpose, ConsentState], door: Door, at: datetime
) -> Mapping[Purpose, Consent]:
    wording = door.source.consent.wording
    return {
        purpose: Consent(state=state, wording=wording, source=door.source_id, at=at)
        for purpose, state in states.items()
    }


def _utm(told: Submission) -> Utm:
    return Utm(**{name.removeprefix("utm_"): value for name, value in told.utm.items()})


def _facts(told: Submission, known: Known, door: Door) -> Facts:
    touch: dict[str, Any] = {
        "touch.kind": told.kind.value,
        "touch.form": told.form,
        "touch.source": door.source_id,
        "touch.source_kind": door.source.kind,
        "touch.campaign": told.campaign or told.utm.get("utm_campaign"),
        "touch.campaign_name": campaign_name(
            told.campaign, told.utm, door.campaigns, door.campaign_names
        ),
        "touch.is_request": _is_request(told, door),
        "touch.utm_source": told.utm.get("utm_source"),
        "touch.utm_medium": told.utm.get("utm_medium"),
        "touch.utm_campaign": told.utm.get("utm_campaign"),
    }
    found = signs(told, known, door.source.spam, door.received_at)
    touch["touch.is_spam"] = is_spam(found, door.source.spam)
    touch["touch.spam_signs"] = tuple(sign.value for sign in found) or None
    facts = known.facts.changed(_sayable(touch))
    listed = door.campaigns.get(told.campaign or told.utm.get("utm_campaign", ""))
    channel = channel_of(door.source.channel, door.channels, facts, listed)
    return facts if channel is None else facts.changed({"touch.channel": channel})


def _sayable(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is absent, and texts that hold an address: no fact may."""
    return {
        name: value
        for name, value in values.items()
        if value is not None and not (isinstance(value, str) and "@" in value)
    }


def _content_hash(told: Submission, secret: bytes) -> str:
    """Return the HMAC of what the sender said; nothing that ingest, a list or a policy makes of it.

    So a retry is the same however late: no release that reads a field better, and no policy that
    was changed meanwhile, turns it into a correction.
    """
    bare = without_clock(told)
    said = {each.name: getattr(bare, each.name) for each in fields(bare)}
    if told.is_reckoned:
        del said["submitted_at"]
    said["slots"] = {slot.name: text for slot, text in bare.slots.items()}
    # What is empty is left out, so that a field which a later release knows changes no hash.
    full = {name: value for name, value in said.items() if value}
    return keyed(secret, "content", _SORTED.encode(full))
