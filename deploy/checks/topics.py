"""Are the KafkaTopics those of contracts, cut in as many partitions as the services are told?"""

from collections.abc import Iterator, Mapping
from typing import Any

from contracts.topics import TOPICS, Topic
from deploy.checks.manifests import Manifests


def differing_topics(manifests: Manifests) -> list[str]:
    """Say which topic is missing, superfluous or other than contracts and BATON_LANES have it."""
    found = {str(each["spec"]["topicName"]): each["spec"] for each in manifests.of("KafkaTopic")}
    lanes = _lanes(manifests)
    lines = [f"KafkaTopic {name} is no topic of contracts" for name in found.keys() - _NAMES]
    for topic in TOPICS:
        if topic.name not in found:
            lines.append(f"topic {topic.name} has no KafkaTopic")
        else:
            lines += _differences(topic, found[topic.name], lanes)
    return lines


_NAMES = {topic.name for topic in TOPICS}


def _lanes(manifests: Manifests) -> int:
    told = next(
        each["data"] for each in manifests.of("ConfigMap") if "BATON_LANES" in each.get("data", {})
    )
    return int(told["BATON_LANES"])


def _differences(topic: Topic, spec: Mapping[str, Any], lanes: int) -> Iterator[str]:
    partitions = lanes if topic.by_lane else 1
    if spec["partitions"] != partitions:
        yield f"KafkaTopic {topic.name} has {spec['partitions']} partitions, not {partitions}"
    for name, value in topic.kafka_settings.items():
        if (there := spec["config"].get(name)) != value:
            yield f"KafkaTopic {topic.name}: {name} is {there}, not {value}"
