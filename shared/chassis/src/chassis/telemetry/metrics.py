"""What a process counts, in Prometheus' form; each metric is named once with a sentence.

Every room that counts has its own subclass of ``MetricName``; the runtime makes one ``Meters`` and
hands it on. Labels are closed sets (steps, lanes, routes), never ids, paths or people.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import TypeVar

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

M = TypeVar("M", Counter, Gauge)

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Upper bounds for histograms of durations, in seconds."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """A metric's name, its one sentence and the names of its labels."""

    name: str
    says: str
    labels: tuple[str, ...] = ()


class MetricName(Enum):
    """Base of the enums that name metrics; every member's value is a ``Meaning``."""

    @property
    def meaning(self) -> Meaning:
        """The name, sentence and labels."""
        value: Meaning = self.value
        return value


class ProcessMetric(MetricName):
    """What every process says."""

    BUILD = Meaning(
        "baton_build", "Always 1; the labels say what runs.", ("service", "version", "instance")
    )
    ACCESS_BROKEN = Meaning(
        "baton_access_file_broken", "1 while the access file cannot be used and an older one is."
    )


class HttpMetric(MetricName):
    """What the web side says."""

    REQUESTS = Meaning(
        "baton_http_requests_total",
        "Requests answered, by route template and status class.",
        ("method", "route", "status"),
    )
    SECONDS = Meaning(
        "baton_http_request_seconds",
        "Seconds from a request's head to the end of its answer.",
        ("method", "route"),
    )
    IN_FLIGHT = Meaning("baton_http_requests_in_flight", "Requests being answered now.")
    CONNECTIONS = Meaning("baton_http_connections", "Connections of clients that stand now.")
    REFUSED = Meaning(
        "baton_http_requests_refused_total",
        "Requests and connections refused before any route saw them, by reason.",
        ("reason",),
    )


class Meters:
    """One process' metrics. Asking twice for the same name gives the same metric."""

    def __init__(self, service: str = "service", version: str = "0", instance: str = "") -> None:
        self._registry = CollectorRegistry()
        self._made: dict[str, Counter | Gauge | Histogram] = {}
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)
        self.gauge(ProcessMetric.BUILD).labels(service, version, instance).set(1)

    def counter(self, metric: MetricName) -> Counter:
        """Return a metric that only grows."""
        return self._one(Counter, metric)

    def gauge(self, metric: MetricName) -> Gauge:
        """Return a metric that goes up and down."""
        return self._one(Gauge, metric)

    def histogram(self, metric: MetricName, bounds: Iterable[float] = SECONDS) -> Histogram:
        """Return a distribution; ``bounds`` are the upper bounds of its buckets."""
        meaning = metric.meaning
        made = self._made.get(meaning.name)
        if made is None:
            made = Histogram(
                meaning.name,
                meaning.says,
                meaning.labels,
                buckets=tuple(bounds),
                registry=self._registry,
            )
            self._made[meaning.name] = made
        if not isinstance(made, Histogram):
            raise TypeError(f"{meaning.name} is a {type(made).__name__} already")
        return made

    def exposition(self) -> tuple[bytes, str]:
        """Return all metrics as text for Prometheus, and its content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST

    def _one(self, kind: type[M], metric: MetricName) -> M:
        meaning = metric.meaning
        made = self._made.get(meaning.name)
        if made is None:
            made = kind(meaning.name, meaning.says, meaning.labels, registry=self._registry)
            self._made[meaning.name] = made
        if not isinstance(made, kind):
            raise TypeError(f"{meaning.name} is a {type(made).__name__} already")
        return made
