"""One process of a service under one of the ways to belong to a group that are compared.

`python -m bench.rolling.member WAY PACKAGE`. Leaving is what Baton does; the other two are put in
its place here, and nowhere else.
"""

import sys
from typing import Any

from aiokafka import AIOKafkaConsumer

from bench.rolling.result import Way
from chassis.door import enter
from chassis.kafka.leaving import close
from chassis.lanes import pump


class _Nameless(AIOKafkaConsumer):  # type: ignore[misc] # aiokafka has no types
    def __init__(self, **arguments: Any) -> None:  # noqa: ANN401 - aiokafka's arguments
        arguments.pop("group_instance_id", None)
        super().__init__(**arguments)


def main(way: Way, package: str) -> int:
    """Be the process."""
    if way is Way.SILENT:
        pump.leave = close  # type: ignore[attr-defined] # in its place for this process alone
    elif way is Way.DYNAMIC:
        pump.AIOKafkaConsumer = _Nameless  # type: ignore[attr-defined] # the same
    return enter(package, [])


if __name__ == "__main__":
    sys.exit(main(Way(sys.argv[1]), sys.argv[2]))
