"""Why a lead got this owner, another one, none, or has to wait.

Routing says these.
"""

from enum import StrEnum


class RouteReason(StrEnum):
    """Why this rep got the lead."""

    TURN = "turn"
    """A rule sent the lead to a pool, and it was the rep's turn there."""
    HOLDS_LEAD = "holds_lead"
    """The rep held this lead before."""
    HOLDS_OPPORTUNITY = "holds_opportunity"
    """The rep works on an open opportunity with this lead."""
    HOLDS_ACCOUNT = "holds_account"
    """The rep holds the lead's company."""
    OVERFLOW = "overflow"
    """Nobody in the lead's own pool was available; another pool took its turn."""
    NOBODY_AVAILABLE = "nobody_available"
    """Nobody was available anywhere, and the policy assigns anyway."""
    HOLD_ENDED = "hold_ended"
    """Somebody became available while the lead was held, or the hold ran out."""
    OFFER_ACCEPTED = "offer_accepted"
    """The rep took the lead that was offered."""
    BY_HAND = "by_hand"
    """A person chose the rep."""


class UnroutedReason(StrEnum):
    """Why a lead was given to nobody."""

    NO_CONSENT = "no_consent"
    """The person denied contact or withdrew the consent to it."""
    UNREACHABLE = "unreachable"
    """There is neither an e-mail address nor a phone number."""
    GATE = "gate"
    """A rule of the policy's gate stopped the lead."""
    HISTORICAL = "historical"
    """The touch is imported history, which routes nobody."""
    SPAM = "spam"
    """The touch was found to be spam."""
    DISQUALIFIED = "disqualified"
    """Sales disqualified the lead for good."""
    NO_RULE = "no_rule"
    """No rule of the policy takes the lead."""
    EMPTY_POOL = "empty_pool"
    """The pool that the rule names has no rep at all."""
    ERASED = "erased"
    """The person asked to be forgotten."""
    UNQUALIFIED = "unqualified"
    """The lead ceased to be an MQL while it was held."""


class Unblock(StrEnum):
    """What would let a stopped lead go on."""

    CONSENT = "consent"
    """The person consents to contact."""
    REACHABLE = "reachable"
    """An e-mail address or a phone number becomes known."""
    POLICY = "policy"
    """The routing or team policy changes."""
    REP_AVAILABLE = "rep_available"
    """A rep of the pool becomes available."""
    NEW_TOUCH = "new_touch"
    """The lead does something new."""
    BY_HAND = "by_hand"
    """A person assigns the lead."""
    NOTHING = "nothing"
    """Nothing: the lead stays where it is."""


class HoldReason(StrEnum):
    """Why a lead waits."""

    POOL_CLOSED = "pool_closed"
    """The pool is outside its working hours."""
    NOBODY_AVAILABLE = "nobody_available"
    """Every rep of the pool is away, paused or full."""
    OWNER_ABSENT = "owner_absent"
    """The rep who holds the lead or its company is away, and the policy waits."""
    GATE = "gate"
    """A rule of the policy's gate holds the lead."""


class CandidateReason(StrEnum):
    """Why a rep was or was not chosen."""

    CHOSEN = "chosen"
    """The rep got the lead."""
    LATER_TURN = "later_turn"
    """Another rep's turn came first."""
    TIE = "tie"
    """The turns were equal; the other rep's id comes first."""
    NOT_IN_POOL = "not_in_pool"
    """The rep is no member of the pool."""
    ABSENT = "absent"
    """The rep has the day off."""
    PAUSED = "paused"
    """The rep or a manager paused new leads."""
    OUTSIDE_HOURS = "outside_hours"
    """It is outside the rep's working hours."""
    FULL_DAY = "full_day"
    """The rep had as many leads today as the policy allows."""
    FULL_OPEN = "full_open"
    """The rep holds as many open leads as the policy allows."""
    LANGUAGE = "language"
    """The rep does not speak the lead's language."""
    DECLINED = "declined"
    """The rep declined this lead or let its offer run out."""
    HELD_BEFORE = "held_before"
    """The rep held this lead in this cycle and it was taken away."""
    INACTIVE = "inactive"
    """The rep works here no longer."""


class DeclineReason(StrEnum):
    """Why a rep declined an offer."""

    BUSY = "busy"
    """No time now."""
    WRONG_FIT = "wrong_fit"
    """Another rep would suit the lead better."""
    CONFLICT = "conflict"
    """A conflict of interest."""
    OTHER = "other"
    """None of the other reasons."""


class ReassignReason(StrEnum):
    """Why a lead got another owner."""

    BREACH = "breach"
    """A promise to the lead was not kept."""
    REP_ABSENT = "rep_absent"
    """The owner is away."""
    REP_LEFT = "rep_left"
    """The owner works here no longer."""
    MERGED = "merged"
    """The lead was merged with one that another rep holds."""
    BY_HAND = "by_hand"
    """A person chose another rep."""


class CreditReason(StrEnum):
    """Why a rep's turns were corrected."""

    BAD_LEAD = "bad_lead"
    """The lead that took the turn was no lead."""
    REASSIGNED = "reassigned"
    """The lead that took the turn went to another rep."""
    ABSENCE = "absence"
    """The rep was away and the pool levels after absences."""
    JOINED = "joined"
    """The rep joined the pool and starts level with the others."""
    BY_HAND = "by_hand"
    """A manager said so."""


class AbsenceReason(StrEnum):
    """Why a rep gets no leads."""

    DAY_OFF = "day_off"
    """Holiday, illness or another absence from work."""
    PAUSED = "paused"
    """At work, but takes no new leads."""
