"""Whose a touch is, and whether it is new, a retry or a correction."""

from uuid import UUID

from contracts.decision import Decision
from contracts.event import Event, Mode
from contracts.events.kinds import IdentityKind, TouchKind
from contracts.events.parts import IdentityKey
from contracts.events.touches import TouchRecorded
from contracts.identity import identity_key
from contracts.ids import from_words
from scoring.domain.resolve import TouchState, lead_for, new_lead_id, on_touch
from tests.unit.scoring.made import LEAD, NOW

OTHER = UUID("7f3f8a10-0000-4000-8000-000000000002")
SECRET = b"s" * 40
MAYA = identity_key(SECRET, IdentityKind.EMAIL, "maya@brightwell.example")
ROBIN = identity_key(SECRET, IdentityKind.EMAIL, "robin@brightwell.example")
PHONE = identity_key(SECRET, IdentityKind.PHONE, "+442071838750")


def recorded(content_hash: str, keys: tuple[IdentityKey, ...] = (MAYA,)) -> Event[TouchRecorded]:
    body = TouchRecorded(
        identity=keys[0].key,
        identity_keys=keys,
        touch_id=from_words("touch"),
        source="google-demo",
        source_kind="google_ads",
        kind=TouchKind.AD_LEAD,
        content_hash=content_hash,
        received_at=NOW,
    )
    return Event(from_words(content_hash), body, NOW, NOW, Mode.LIVE, None, 0)


def said(decision: Decision[TouchState]) -> list[tuple[bool, bool]]:
    return [(each.body.first, each.body.corrects) for each in decision.says]  # type: ignore[union-attr] # all are Say(TouchResolved)


def test_a_new_touch_is_told_a_retry_is_not_and_a_correction_is() -> None:
    state = TouchState(lead_id=LEAD, makes_lead=True)
    new = on_touch(state, recorded("a"), None, NOW)
    retry = on_touch(new.state, recorded("a"), None, NOW)
    correction = on_touch(retry.state, recorded("b"), None, NOW)

    assert said(new) == [(True, False)]
    assert said(retry) == []
    assert said(correction) == [(False, True)]
    assert (new.state.is_fresh, retry.state) == (True, new.state)


def test_a_lead_s_id_follows_from_its_first_touch() -> None:
    assert new_lead_id(from_words("touch")) == new_lead_id(from_words("touch"))


def test_nobody_known_makes_a_new_lead() -> None:
    assert lead_for((MAYA, PHONE), {}, {}) is None


def test_the_strongest_key_decides() -> None:
    owners = {MAYA.key: LEAD, PHONE.key: OTHER}
    kinds = {LEAD: frozenset({MAYA.kind}), OTHER: frozenset({PHONE.kind})}

    assert lead_for((MAYA, PHONE), owners, kinds) == LEAD
    assert lead_for((PHONE, MAYA), owners, kinds) == LEAD


def test_two_addresses_at_one_telephone_are_two_people() -> None:
    owners = {MAYA.key: LEAD, PHONE.key: LEAD}
    kinds = {LEAD: frozenset({MAYA.kind, PHONE.kind})}

    assert lead_for((ROBIN, PHONE), owners, kinds) is None


def test_a_caller_known_by_telephone_only_is_who_gives_an_address_now() -> None:
    assert lead_for((ROBIN, PHONE), {PHONE.key: LEAD}, {LEAD: frozenset({PHONE.kind})}) == LEAD


def test_a_telephone_alone_leads_to_whoever_has_it() -> None:
    kinds = {LEAD: frozenset({MAYA.kind, PHONE.kind})}

    assert lead_for((PHONE,), {PHONE.key: LEAD}, kinds) == LEAD
