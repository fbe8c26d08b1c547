"""The table of types agrees with topics, envelope and the rule on persons."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from contracts import events
from contracts.body import RESERVED, Body, cloud_type
from contracts.events import EVENTS, TYPES, LeadMerged, LeadRouted, MessageParked, types_of
from contracts.events.kinds import ActorKind
from contracts.events.parts import Actor
from contracts.readers import OUTSIDE_READERS, READERS, writers_of
from contracts.reasons import MergeReason
from contracts.topics import (
    LEADS_MQL,
    LEADS_SQL,
    MARKETING_TOUCHES,
    PARKED,
    SERVICES,
    SLA_BREACHES,
    TOPICS,
    Keyed,
    Topic,
)


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_no_body_uses_a_name_of_the_envelope(body: type[Body]) -> None:
    assert not RESERVED & set(body.model_fields)


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_person_travels_on_three_topics_only(body: type[Body]) -> None:
    carrying = {MARKETING_TOUCHES, LEADS_MQL, LEADS_SQL}
    assert (body.TOPIC in carrying) == body.CARRIES_PERSON


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_what_is_said_on_a_topic_of_leads_names_the_lead(body: type[Body]) -> None:
    others = {"commitment.at_risk", "commitment.missed", "commitment.met", "subscription.disabled"}
    if body.TOPIC.keyed is Keyed.LEAD and body.TYPE not in others:
        assert "lead_id" in body.model_fields


@pytest.mark.parametrize("body", EVENTS, ids=cloud_type)
def test_every_event_says_itself_in_a_sentence(body: type[Body]) -> None:
    assert body.__doc__
    assert body.__doc__ != Body.__doc__


def test_every_event_stands_once_in_the_table_and_is_exported() -> None:
    assert len(TYPES) == len(EVENTS) == len(set(EVENTS))
    names = {each.__name__ for each in EVENTS}
    assert names <= set(events.__all__)
    assert names == {
        name
        for name in events.__all__
        if isinstance(found := getattr(events, name), type) and issubclass(found, Body)
    }


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.name)
def test_every_topic_has_events_writers_and_readers(topic: Topic) -> None:
    assert types_of(topic)
    assert set(writers_of(topic)) <= set(SERVICES)
    assert READERS[topic]
    assert set(READERS[topic]) <= set(SERVICES)
    assert not set(OUTSIDE_READERS.get(topic, ())) & set(SERVICES)


def test_the_topics_share_all_events_out_among_them() -> None:
    told = [each for topic in TOPICS if topic not in PARKED.values() for each in types_of(topic)]
    assert sorted([*told, cloud_type(MessageParked)]) == sorted(TYPES)


def test_a_topic_tells_its_own_events_only() -> None:
    assert types_of(SLA_BREACHES).keys() == {
        "baton.sla.breached.v1",
        "baton.escalation.due.v1",
        "baton.commitment.at_risk.v1",
        "baton.commitment.missed.v1",
        "baton.commitment.met.v1",
    }
    assert types_of(LEADS_SQL)["baton.lead.routed.v1"] is LeadRouted
    assert types_of(PARKED["routing"]) == {cloud_type(MessageParked): MessageParked}


def test_a_merge_speaks_to_each_of_the_two_leads() -> None:
    survivor, merged = uuid4(), uuid4()
    told = {
        lead: LeadMerged(
            lead_id=lead,
            survivor_id=survivor,
            merged_id=merged,
            merge_id=uuid4(),
            reason=MergeReason.SAME_EMAIL,
            by=Actor(kind=ActorKind.POLICY, id="identity"),
            merged_at=datetime(2026, 11, 2, tzinfo=UTC),
        )
        for lead in (survivor, merged)
    }
    assert told[survivor].survives
    assert not told[merged].survives
    assert [told[lead].key() for lead in (survivor, merged)] == [str(survivor), str(merged)]
