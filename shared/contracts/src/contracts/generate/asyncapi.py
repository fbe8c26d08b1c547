"""docs/asyncapi.yaml: topics as channels, events as messages, who sends and who receives.

Called by the generator; a pure function of the events, topics and readers.
"""

import inspect
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.body import Body, cloud_type
from contracts.events import EVENTS, types_of
from contracts.readers import OUTSIDE_READERS, READERS, writers_of
from contracts.topics import SERVICES, TOPICS, Keyed, Topic

SCHEMAS = "../shared/contracts/src/contracts/schemas"
_KEYS = {
    Keyed.LEAD: "The lead id; the partition is the lead's lane.",
    Keyed.IDENTITY: "An HMAC of what identifies the person.",
    Keyed.OTHER: "The id of what it is about.",
}
_HEADERS: Mapping[str, tuple[str, str]] = {
    "ce_specversion": ("CloudEvents' version: 1.0.", "must"),
    "ce_id": ("The event's id, a UUID; the same for ever.", "must"),
    "ce_type": ("Type and version: baton.lead.routed.v1.", "must"),
    "ce_source": ("The service that says it: /baton/routing.", "must"),
    "ce_subject": ("The key: of most events the lead id.", "must"),
    "ce_time": ("When it was so in the world, RFC 3339, UTC.", "must"),
    "ce_mode": ("live, historical or test.", "must"),
    "content-type": ("application/json.", "must"),
    "ce_causationid": ("The id of what brought it about.", "may"),
    "ce_producer": ("Service, step and incarnation that number it.", "may"),
    "ce_lane": ("The lane of that producer.", "may"),
    "ce_seq": ("Counts from 1 per producer, lane and partition, without gaps.", "may"),
    "traceparent": ("W3C trace context.", "may"),
}


def document() -> dict[str, Any]:
    """Return the AsyncAPI 3.0 document as plain data."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Baton",
            "version": "1",
            "description": (
                "A lead from marketing to sales, and both sides kept to their word. "
                "Generated from contracts; do not edit."
            ),
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "channels": {topic.name: _channel(topic) for topic in TOPICS},
        "operations": dict(_operations()),
        "components": {
            "messages": {_versioned(each): _message(each) for each in EVENTS},
            "messageTraits": {"cloudevent": {"headers": _headers()}},
        },
    }


def as_yaml(value: object) -> str:
    """Return plain data as YAML 1.2: blocks of JSON scalars, which every YAML reader takes."""
    return "\n".join(_lines(value, "")) + "\n"


def _channel(topic: Topic) -> dict[str, Any]:
    kept = "ever" if topic.kept is None else f"{topic.kept.days} days"
    return {
        "address": topic.name,
        "description": topic.says,
        "messages": {
            _versioned(each): {"$ref": f"#/components/messages/{_versioned(each)}"}
            for each in types_of(topic).values()
        },
        "bindings": {
            "kafka": {
                "bindingVersion": "0.5.0",
                "topicConfiguration": {
                    "cleanup.policy": ["delete"],
                    "retention.ms": -1 if topic.kept is None else topic.kept.days * 86_400_000,
                    "max.message.bytes": topic.max_bytes,
                },
            }
        },
        "x-key": _KEYS[topic.keyed],
        "x-partitions": "one a lane" if topic.by_lane else "one",
        "x-kept": kept,
        "x-writers": list(writers_of(topic)),
        "x-readers": [*READERS[topic], *OUTSIDE_READERS.get(topic, ())],
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for service in SERVICES:
        for topic in TOPICS:
            if service in writers_of(topic):
                yield f"{service}.says.{topic.name}", _operation("send", topic)
            if service in READERS[topic]:
                yield f"{service}.hears.{topic.name}", _operation("receive", topic)


def _operation(action: str, topic: Topic) -> dict[str, Any]:
    return {"action": action, "channel": {"$ref": f"#/channels/{topic.name}"}}


def _message(body: type[Body]) -> dict[str, Any]:
    name = cloud_type(body)
    return {
        "name": name,
        "title": body.__name__,
        "summary": " ".join((inspect.getdoc(body) or body.__name__).split()),
        "traits": [{"$ref": "#/components/messageTraits/cloudevent"}],
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"{SCHEMAS}/{file_name(body)}"},
        },
        "x-carries-person": body.CARRIES_PERSON,
    }


def _headers() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            name: {"type": "string", "description": says} for name, (says, _) in _HEADERS.items()
        },
        "required": [name for name, (_, how) in _HEADERS.items() if how == "must"],
    }


def file_name(body: type[Body]) -> str:
    """Return the name of the schema's and the example's file: ``lead.routed.v1.json``."""
    return f"{_versioned(body)}.json"


def _versioned(body: type[Body]) -> str:
    return f"{body.TYPE}.v{body.VERSION}"


def _lines(value: object, indent: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, below in value.items():
            yield from _entry(f"{indent}{_key(str(key))}:", below, indent + "  ")
    elif isinstance(value, list) and value:
        for below in value:
            first, *rest = _lines(below, indent + "  ")
            yield f"{indent}- {first.strip()}"
            yield from rest
    else:
        yield indent + json.dumps(value, ensure_ascii=False)


def _entry(head: str, below: object, indent: str) -> Iterable[str]:
    if isinstance(below, Mapping | list) and below:
        return [head, *_lines(below, indent)]
    return [f"{head} {json.dumps(below, ensure_ascii=False)}"]


def _key(key: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w.-]*", key) and key not in {"true", "false", "null"}
    return key if plain else json.dumps(key, ensure_ascii=False)
