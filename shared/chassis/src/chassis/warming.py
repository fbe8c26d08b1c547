"""Paid at the start, not by the first lead: models of the events that a service hears and says.

contracts builds its models when they are first used, since no process uses all of them.
"""

from chassis.serving import Service
from contracts.events import EVENTS, types_of


def build_models(service: Service) -> None:
    """Build the models of all that the service's steps hear and that it writes."""
    heard = {
        body
        for step in service.steps
        for topic in (*step.topics, *step.shared_topics)
        for body in types_of(topic).values()
    }
    for body in EVENTS:
        if body in heard or service.name in body.TOPIC.writer:
            body.model_rebuild()
