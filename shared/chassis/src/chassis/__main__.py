"""``python -m chassis topics``: makes or checks every topic of contracts, before services start."""

import asyncio
import sys

from aiokafka.errors import KafkaError

from chassis.kafka.topics import TopicsWrong, prepare_topics
from chassis.settings import Settings, SettingsProblem, load
from contracts.topics import TOPICS


def main(words: list[str]) -> int:
    """Run the one command; return the exit code."""
    if words != ["topics"]:
        sys.stderr.write("usage: python -m chassis topics\n")
        return 2
    try:
        settings = load(Settings)
        asyncio.run(prepare_topics(settings, TOPICS))
    except (SettingsProblem, TopicsWrong) as problem:
        sys.stderr.write(f"{problem}\n")
        return 1
    except (KafkaError, OSError, TimeoutError) as error:
        sys.stderr.write(
            f"Kafka does not answer at BATON_KAFKA_BOOTSTRAP ({type(error).__name__})\n"
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
