"""What the lanes count. Labels are steps, lanes and reasons; no key, no person."""

from chassis.lanes.batch import Outcome
from chassis.telemetry.metrics import Meaning, Meters, MetricName


class LaneMetric(MetricName):
    """What a lane says of itself."""

    RECORDS = Meaning("baton_records_read_total", "Records taken from Kafka.", ("step",))
    REPEATED = Meaning(
        "baton_records_repeated_total", "Records dropped as seen before, by their mark.", ("step",)
    )
    DECIDED = Meaning("baton_decisions_total", "Events, timers and commands decided.", ("step",))
    SAID = Meaning("baton_events_said_total", "Events said, by their topic.", ("step", "topic"))
    PARKED = Meaning("baton_messages_parked_total", "Messages put aside.", ("step", "reason"))
    FENCED = Meaning(
        "baton_lane_fenced_total", "Batches undone since another took the lane.", ("step", "lane")
    )
    STOPPED = Meaning(
        "baton_lane_stopped_total", "Times a lane stopped for a person to look.", ("step", "lane")
    )
    QUEUE = Meaning("baton_lane_queue", "Records read and not decided yet.", ("step", "lane"))
    UNACKNOWLEDGED = Meaning(
        "baton_lane_unacknowledged", "Events sent and not acknowledged yet.", ("step", "lane")
    )
    TIMERS = Meaning("baton_lane_timers", "Timers due within ten minutes.", ("step", "lane"))
    BATCH_SECONDS = Meaning("baton_batch_seconds", "Seconds of a batch's transaction.", ("step",))


class LaneMeters:
    """The lanes' metrics of one process."""

    def __init__(self, meters: Meters) -> None:
        """Make them once."""
        self._read = meters.counter(LaneMetric.RECORDS)
        self._repeated = meters.counter(LaneMetric.REPEATED)
        self._decided = meters.counter(LaneMetric.DECIDED)
        self._said = meters.counter(LaneMetric.SAID)
        self._parked = meters.counter(LaneMetric.PARKED)
        self._fenced = meters.counter(LaneMetric.FENCED)
        self._stopped = meters.counter(LaneMetric.STOPPED)
        self._seconds = meters.histogram(LaneMetric.BATCH_SECONDS)
        self._queue = meters.gauge(LaneMetric.QUEUE)
        self._unacknowledged = meters.gauge(LaneMetric.UNACKNOWLEDGED)
        self._timers = meters.gauge(LaneMetric.TIMERS)

    def standing(self, step: str, lane: int, queue: int, unacknowledged: int, timers: int) -> None:
        """Say how much waits; told at every sweep."""
        self._queue.labels(step, str(lane)).set(queue)
        self._unacknowledged.labels(step, str(lane)).set(unacknowledged)
        self._timers.labels(step, str(lane)).set(timers)

    def read(self, step: str, records: int, repeated: int) -> None:
        """Count what was read."""
        self._read.labels(step).inc(records)
        if repeated:
            self._repeated.labels(step).inc(repeated)

    def batch(self, step: str, outcome: Outcome, seconds: float) -> None:
        """Count a committed batch."""
        self._decided.labels(step).inc(len(outcome.decided.heard))
        self._seconds.labels(step).observe(seconds)
        for row in outcome.outbox:
            self._said.labels(step, row.topic).inc()

    def parked(self, step: str, reason: str) -> None:
        """Count a parked message."""
        self._parked.labels(step, reason).inc()

    def fenced(self, step: str, lane: int) -> None:
        """Count a batch that another owner's fence undid."""
        self._fenced.labels(step, str(lane)).inc()

    def stopped(self, step: str, lane: int) -> None:
        """Count a lane that stopped."""
        self._stopped.labels(step, str(lane)).inc()
