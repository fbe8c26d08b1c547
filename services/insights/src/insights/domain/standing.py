"""Where a lead can stand: a closed list, each with a sentence and what moves a lead on from there.

Values only; `last_word` finds which one holds, the API of timelines tells it.
"""

from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class _Place:
    word: str
    says: str
    moves: str


class Standing(Enum):
    """Where a lead can stand: a word, what it says, and what moves the lead on from there."""

    UNSCORED = _Place(
        "unscored",
        "It is known and not scored yet.",
        "Seconds, as a rule. Else look whether scoring's lanes run and what is parked.",
    )
    SPAM = _Place(
        "spam",
        "Its touches were found to be spam, so they go no further.",
        "A touch without these signs; or `spam:` of the source that says `route`, and the form "
        "sent again.",
    )
    VISITOR = _Place(
        "visitor",
        "Only visits are known of it, so that it is nobody's lead yet.",
        "A form, or another touch of the same browser that says who it is.",
    )
    BELOW_LINE = _Place(
        "below_line",
        "It is below the marketing line.",
        "A touch or further facts that bring the missing points; or a scoring policy that gives "
        "more for what is known.",
    )
    HISTORICAL = _Place(
        "historical",
        "It is imported history: scored and counted, handed to nobody.",
        "Its next live touch.",
    )
    QUALIFIED = _Place(
        "qualified",
        "It is an MQL, and routing has not answered yet.",
        "Seconds, as a rule. Else look whether routing's lanes run and what is parked.",
    )
    GATE = _Place("gate", "Routing's gate stopped it.", "")
    UNROUTED = _Place("unrouted", "Routing gave it to nobody.", "")
    HELD = _Place("held", "It waits for somebody available.", "")
    OFFERED = _Place(
        "offered",
        "It is offered to reps, and waits for one to take it.",
        "One of them takes it; or the time for an answer runs out.",
    )
    OFFER_EXPIRED = _Place(
        "offer_expired",
        "Nobody took the offer in time.",
        "Routing decides anew at once. Else look whether its lanes run and what is parked.",
    )
    ROUTED = _Place(
        "routed",
        "It was handed to its owner: SQL.",
        "The owner accepts, rejects or contacts it; or it is given to another.",
    )
    RETURNED = _Place("returned", "It asked again while it has an owner.", "The owner contacts it.")
    ACCEPTED = _Place(
        "accepted", "Its owner accepted it.", "The owner contacts it, opens a deal or rejects it."
    )
    WORKED = _Place(
        "worked", "Its owner is at work on it.", "The owner opens a deal or rejects it."
    )
    REJECTED = _Place(
        "rejected", "Its owner gave it back.", "It is recycled or disqualified at once."
    )
    OPPORTUNITY = _Place("opportunity", "Sales works on a deal.", "The deal is won or lost.")
    CUSTOMER = _Place("customer", "It bought.", "It asks again, renews or leaves.")
    RECYCLED = _Place(
        "recycled",
        "It is back with marketing.",
        "A new touch, once it has rested, that brings it over the line again.",
    )
    DISQUALIFIED = _Place(
        "disqualified", "It is out for good.", "A person who takes the verdict back."
    )
    ERASED = _Place(
        "erased",
        "To be forgotten was asked for: nobody is to call. What is known waits to be deleted.",
        "Nothing moves it on. A new touch makes a new lead.",
    )
