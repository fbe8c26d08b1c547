"""What sources sent and what became of it: noted in memory, written once a second. SQL's room.

Doors note, which never waits; the worker flushes. What cannot be written is kept: counts whole, of
each source the last hundred attempts. Nothing here is of a person.
"""

from collections import Counter, OrderedDict, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from chassis.database import Tx, columns
from chassis.telemetry.metrics import Meaning, Meters, MetricName
from ingest.domain.attempt import Attempt, Counted, What

LAST: Final = 100
"""Attempts that are kept of each source."""
DAYS_KEPT: Final = 400
_HOURS_KEPT = timedelta(days=91)
_REMEMBERED = 20_000
_USED_EVERY = timedelta(minutes=1)
_ASKED_EVERY = timedelta(seconds=1)


@dataclass(slots=True)
class Noted:
    """What was noted since the last flush."""

    attempts: dict[str, deque[Attempt]] = field(default_factory=dict)
    days: Counter[tuple[str, date, str]] = field(default_factory=Counter)
    hours: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    last: dict[str, tuple[datetime, UUID]] = field(default_factory=dict)
    used: dict[UUID, datetime] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.attempts or self.days or self.used)


class SourceMetric(MetricName):
    """What the door of sources counts."""

    REQUESTS = Meaning(
        "baton_source_requests_total",
        "Requests of senders, by outcome and, where they were not taken, by reason.",
        ("outcome", "why"),
    )


class Attempts:
    """The notes of one process."""

    def __init__(self, meters: Meters) -> None:
        """Begin empty."""
        self._requests = meters.counter(SourceMetric.REQUESTS)
        self._noted = Noted()
        self._remembered: OrderedDict[UUID, None] = OrderedDict()
        self._used: dict[UUID, datetime] = {}
        self._asked: dict[str, datetime] = {}

    def note(self, attempt: Attempt) -> None:
        """Take note of a request; one that was not taken counts by its reason."""
        self._requests.labels(attempt.outcome.value, attempt.why or "").inc()
        noted = self._noted
        noted.attempts.setdefault(attempt.source, deque(maxlen=LAST)).append(attempt)
        if attempt.why is not None:
            noted.days[attempt.source, _day(attempt.at), attempt.why] += 1

    def heard(self, source: str, touches: Sequence[Counted], at: datetime) -> None:
        """Take note of touches that are durable, by whichever way they came in."""
        noted = self._noted
        for each in touches:
            what = each.what
            if what is not What.TEST:
                hour = at.replace(minute=0, second=0, microsecond=0)
                noted.hours[source, hour] += 1
                noted.last[source] = (at, each.touch_id)
                what = What.REPEAT if self._is_known(each.touch_id) else what
            noted.days[source, _day(at), what.value] += 1

    def wants_secret(self, source: str, at: datetime) -> bool:
        """Tell whether to find out which secret was used: once a second of each source."""
        before = self._asked.get(source)
        if before is not None and abs(at - before) < _ASKED_EVERY:
            return False
        self._asked[source] = at
        return True

    def used(self, secret: UUID, at: datetime) -> None:
        """Take note that a sender proved itself by a stored secret; written once a minute."""
        before = self._used.get(secret)
        if before is None or abs(at - before) >= _USED_EVERY:
            self._used[secret] = self._noted.used[secret] = at

    def drained(self) -> Noted:
        """Return what was noted, and begin anew."""
        noted, self._noted = self._noted, Noted()
        return noted

    def put_back(self, noted: Noted) -> None:
        """Keep what could not be written beside what was noted since."""
        newer = self._noted
        for source, attempts in newer.attempts.items():
            noted.attempts.setdefault(source, deque(maxlen=LAST)).extend(attempts)
        noted.days.update(newer.days)
        noted.hours.update(newer.hours)
        noted.last.update(newer.last)
        noted.used.update(newer.used)
        self._noted = noted

    def _is_known(self, touch_id: UUID) -> bool:
        known = touch_id in self._remembered
        self._remembered[touch_id] = None
        self._remembered.move_to_end(touch_id)
        if len(self._remembered) > _REMEMBERED:
            self._remembered.popitem(last=False)
        return known


def _day(at: datetime) -> date:
    return at.date()


async def flush(tx: Tx, noted: Noted) -> None:
    """Write what was noted. In one order everywhere, so that two instances never deadlock."""
    days = sorted(noted.days.items())
    await tx.execute(
        "INSERT INTO source_day (source, day, what, n) "
        "SELECT * FROM unnest($1::text[], $2::date[], $3::text[], $4::bigint[]) "
        "ON CONFLICT (source, day, what) DO UPDATE SET n = source_day.n + EXCLUDED.n",
        [source for (source, _, _), _ in days],
        [day for (_, day, _), _ in days],
        [what for (_, _, what), _ in days],
        [n for _, n in days],
    )
    hours = sorted(noted.hours.items())
    await tx.execute(
        "INSERT INTO source_hour (source, hour, n) "
        "SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::bigint[]) "
        "ON CONFLICT (source, hour) DO UPDATE SET n = source_hour.n + EXCLUDED.n",
        [source for (source, _), _ in hours],
        [hour for (_, hour), _ in hours],
        [n for _, n in hours],
    )
    heard = sorted(noted.last.items())
    await tx.execute(
        "INSERT INTO source_heard (source, last_at, touch_id) "
        "SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::uuid[]) "
        "ON CONFLICT (source) DO UPDATE SET last_at = EXCLUDED.last_at, "
        "touch_id = EXCLUDED.touch_id "
        "WHERE source_heard.last_at IS NULL OR source_heard.last_at < EXCLUDED.last_at",
        [source for source, _ in heard],
        [at for _, (at, _) in heard],
        [touch for _, (_, touch) in heard],
    )
    await _write_attempts(tx, noted.attempts)
    await _write_used(tx, noted.used)


async def _write_attempts(tx: Tx, attempts: Mapping[str, Sequence[Attempt]]) -> None:
    rows = [each for source in sorted(attempts) for each in attempts[source]]
    if not rows:
        return
    await tx.execute(
        "INSERT INTO source_attempt (source, at, outcome, why, status, touch_id, size) "
        "SELECT * FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::text[], $5::int[], "
        "$6::uuid[], $7::int[])",
        *columns(rows, "source", "at", "outcome", "why", "status", "touch_id", "size"),
    )
    await tx.execute(
        "DELETE FROM source_attempt AS old USING unnest($1::text[]) AS of (source) "
        "WHERE old.source = of.source AND old.id <= (SELECT id FROM source_attempt "
        "WHERE source = of.source ORDER BY id DESC OFFSET $2 LIMIT 1)",
        sorted(attempts),
        LAST,
    )


async def _write_used(tx: Tx, used: Mapping[UUID, datetime]) -> None:
    rows = sorted(used.items())
    await tx.execute(
        "UPDATE source_secret SET last_used_at = greatest(last_used_at, used.at) "
        "FROM unnest($1::uuid[], $2::timestamptz[]) AS used (id, at) "
        "WHERE source_secret.id = used.id",
        [secret for secret, _ in rows],
        [at for _, at in rows],
    )


async def prune(tx: Tx, now: datetime) -> None:
    """Delete counts that nobody asks for any more."""
    oldest = (now - timedelta(days=DAYS_KEPT)).date()
    await tx.execute("DELETE FROM source_day WHERE day < $1", oldest)
    await tx.execute("DELETE FROM source_hour WHERE hour < $1", now - _HOURS_KEPT)
