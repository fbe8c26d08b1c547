"""What a service hands to chassis: one step of its work as plain functions.

A step is one consumer group. Chassis owns the transaction, positions, outbox, history, retries
and parking; a step loads, decides and saves, and never commits.
"""

from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from chassis.database import Tx
from contracts.body import Part
from contracts.decision import Decision, TimerDue
from contracts.event import Event
from contracts.person import Person
from contracts.topics import Topic

S = TypeVar("S", bound=Part)
P = TypeVar("P")

Decide = Callable[[S, Event[Any], P, datetime], Decision[S]]


@dataclass(frozen=True, slots=True)
class Received:
    """An event, a timer or a command on its way into a decision."""

    event: Event[Part]
    key: str
    """Whose state it needs; a lead id in most steps."""
    person: Person | None = None
    trace: str | None = None
    """The W3C traceparent of what brought it."""


@dataclass(frozen=True, slots=True)
class PolicyNeed(Generic[P]):
    """Which policies a step's decisions read and how their contents become one value.

    ``build`` gets the content and the hash of each kind in force, by kind, and is called once for
    each combination.
    """

    kinds: tuple[str, ...]
    build: Callable[[Mapping[str, Any], Mapping[str, str]], P]


async def _touch_nothing(
    _tx: Tx, _states: Mapping[str, Any], _received: Sequence[Received]
) -> Mapping[str, Person]:
    """Save nothing."""
    return {}


async def _load_nothing(
    _tx: Tx, _received: Sequence[Received], _now: datetime
) -> MutableMapping[str, Any]:
    """Load nothing."""
    return {}


def key_of_body(event: Event[Any]) -> str:
    """Return the Kafka key of an event's body, which is the lead id in most topics."""
    return str(event.body.key())


@dataclass(frozen=True, slots=True)
class Step(Generic[S, P]):
    """One consumer group and what it does with what it hears.

    A state that ``load`` does not return is not there: such an event is saved but not decided.
    """

    name: str
    topics: tuple[Topic, ...]
    """Topics cut in lanes."""
    state: type[S]
    shared_topics: tuple[Topic, ...] = ()
    """Topics of one partition, which every lane reads at its own position."""
    patience: Mapping[Topic, float] = field(default_factory=dict)
    """Seconds that a topic's records may wait for others, where nobody waits for what they bring.

    Fewer and larger batches: a transaction costs the same for one record as for ten.
    """
    handlers: Mapping[type[Part], Decide[S, P]] = field(default_factory=dict)
    policy: PolicyNeed[P] | None = None
    load: Callable[[Tx, Sequence[Received], datetime], Awaitable[MutableMapping[str, S]]] = (
        _load_nothing
    )
    save: Callable[[Tx, Mapping[str, S], Sequence[Received]], Awaitable[Mapping[str, Person]]] = (
        _touch_nothing
    )
    """Gets the new states and all that was heard in the batch, with persons.

    Returns those persons, by key, that it wrote exactly so; for others ``fill`` is asked.
    """
    fill: Callable[[Tx, Sequence[str]], Awaitable[Mapping[str, Person]]] | None = None
    """Persons by key, for bodies that carry one."""
    lock: Callable[[Tx, datetime], Awaitable[datetime]] | None = None
    """Locks what all lanes share, after the lane row; returns the now of the decisions."""
    key_of: Callable[[Event[Any]], str] = key_of_body
    counts_versions: bool = True
    """Off where two lanes may speak of one key."""
    keeps_history: bool = True
    max_batch: int = 200

    def decide(self, state: S, event: Event[Any], policy: P, now: datetime) -> Decision[S] | None:
        """Return the decision, or None where this step does not decide on such an event."""
        handler = self.handlers.get(type(event.body))
        return None if handler is None else handler(state, event, policy, now)

    @property
    def least_patience_s(self) -> float:
        """How long every topic cut in lanes may wait: so long Kafka itself gathers."""
        return min((self.patience.get(topic, 0.0) for topic in self.topics), default=0.0)

    def decides_on(self, body: type[Part]) -> bool:
        """Tell whether there is a handler for a body."""
        return body in self.handlers


def is_timer(received: Received) -> bool:
    """Tell whether this came from a timer."""
    return isinstance(received.event.body, TimerDue)
