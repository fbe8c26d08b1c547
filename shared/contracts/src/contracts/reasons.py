"""Why something was decided: closed lists, one sentence each, that people and reports rely on.

Events carry these values; a member may be added, never renamed or given another meaning.
"""

from enum import StrEnum


class QualifyReason(StrEnum):
    """Why a lead became an MQL."""

    LINE_REACHED = "line_reached"
    """The score reached the line of the scoring policy."""
    OUTRIGHT = "outright"
    """A rule of the policy qualifies whatever the points are."""
    OVERRIDDEN = "overridden"
    """A person said so."""
    ASKED_AGAIN = "asked_again"
    """A lead that was an MQL or SQL already did something new that counts."""


class UnqualifyReason(StrEnum):
    """Why a lead is an MQL no longer."""

    BELOW_LINE = "below_line"
    """The score fell below the line for dropping, and no rep held the lead."""
    OUTRIGHT = "outright"
    """A rule of the policy says never, whatever the points are."""
    OVERRIDDEN = "overridden"
    """A person said so."""
    TOUCH_CORRECTED = "touch_corrected"
    """The touch that made it an MQL turned out to be different."""
    MERGED = "merged"
    """The lead was found to be another one, which goes on in its place."""
    ERASED = "erased"
    """The person asked to be forgotten."""


class OverrideReason(StrEnum):
    """Why a person overruled the score."""

    KNOWN_BUYER = "known_buyer"
    """Somebody of ours knows that this lead buys."""
    KNOWN_NOT_BUYER = "known_not_buyer"
    """Somebody of ours knows that this lead does not buy."""
    WRONG_FACTS = "wrong_facts"
    """The facts behind the score are wrong."""
    EXPERIMENT = "experiment"
    """The lead takes part in a trial of another treatment."""
    OTHER = "other"
    """None of the other reasons."""


class MergeReason(StrEnum):
    """Why two leads are one, or are not."""

    SAME_EMAIL = "same_email"
    """Both have the same e-mail address."""
    SAME_PHONE = "same_phone"
    """Both have the same phone number."""
    SAME_SENDER_ID = "same_sender_id"
    """One sender knows both under the same id."""
    SAME_BROWSER = "same_browser"
    """Both came from the same browser."""
    BY_HAND = "by_hand"
    """A person said so."""


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


class RejectReason(StrEnum):
    """Why sales gave a lead back; marketing reads these."""

    NOT_A_BUYER = "not_a_buyer"
    """The person neither decides nor influences."""
    NO_NEED = "no_need"
    """The company has no use for what we sell."""
    NO_BUDGET = "no_budget"
    """There is no money for it."""
    BAD_TIMING = "bad_timing"
    """There is interest, but not now."""
    TOO_SMALL = "too_small"
    """The company is too small for us."""
    NOT_SERVED = "not_served"
    """We do not sell in this country or industry."""
    WRONG_DETAILS = "wrong_details"
    """The contact details lead to nobody."""
    UNRESPONSIVE = "unresponsive"
    """The person could not be reached in all attempts."""
    DUPLICATE = "duplicate"
    """It is a lead or customer that we know already."""
    COMPETITOR = "competitor"
    """The person works for a competitor."""
    SPAM = "spam"
    """It is no person with an interest at all."""
    OTHER = "other"
    """None of the other reasons."""


class RecycleReason(StrEnum):
    """Why a lead went back to marketing."""

    REJECTED = "rejected"
    """Sales rejected it for a reason that may pass."""
    DEAL_LOST = "deal_lost"
    """The opportunity was lost."""
    CHURNED = "churned"
    """The customer left."""
    BY_HAND = "by_hand"
    """A person said so."""


class DisqualifyReason(StrEnum):
    """Why a lead is out for good."""

    REJECTED = "rejected"
    """Sales rejected it for a reason that does not pass."""
    COMPETITOR = "competitor"
    """The person works for a competitor."""
    SPAM = "spam"
    """It is no person with an interest at all."""
    ERASED = "erased"
    """The person asked to be forgotten."""
    BY_HAND = "by_hand"
    """A person said so."""


class LostReason(StrEnum):
    """Why a deal was lost or a customer left."""

    PRICE = "price"
    """It cost too much."""
    COMPETITOR = "competitor"
    """A competitor won."""
    NO_DECISION = "no_decision"
    """Nobody decided."""
    MISSING_FEATURE = "missing_feature"
    """The product lacks what is needed."""
    COMPANY_CHANGED = "company_changed"
    """The company was sold, closed or reorganised."""
    OTHER = "other"
    """None of the other reasons."""


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


class ClockReason(StrEnum):
    """Why a clock was corrected, or ended without being met."""

    CONTACT_CAME_LATE = "contact_came_late"
    """A contact in time was recorded after the clock was judged."""
    ACTIVITY_CORRECTED = "activity_corrected"
    """The activity that the clock rested on turned out to be different."""
    REASSIGNED = "reassigned"
    """The lead has another owner."""
    RETURNED = "returned"
    """The lead asked again and the policy starts anew."""
    CYCLE_ENDED = "cycle_ended"
    """The lead left the cycle before the target was met."""
    POLICY_CHANGED = "policy_changed"
    """A new policy applies to open clocks too."""
    MERGED = "merged"
    """The lead was merged into another one."""


class NoticeFailure(StrEnum):
    """Why a person could not be told."""

    NO_ADDRESS = "no_address"
    """The person has no address for this way."""
    REFUSED = "refused"
    """The receiver refused for good."""
    UNREACHABLE = "unreachable"
    """The receiver could not be reached in all attempts."""
    TOO_LATE = "too_late"
    """It would have come too late to be of use."""


class DisableReason(StrEnum):
    """Why a subscription was switched off."""

    GONE = "gone"
    """The receiver answered that it is gone for good."""
    FAILING = "failing"
    """The receiver failed for as long as we keep trying."""
    BY_HAND = "by_hand"
    """A person said so."""


class ParkReason(StrEnum):
    """Why a message was put aside."""

    UNKNOWN_TYPE = "unknown_type"
    """This release does not know the event's type or version."""
    MALFORMED = "malformed"
    """The value or the headers are not as the schema says."""
    IMPOSSIBLE_STEP = "impossible_step"
    """The lead's stage does not allow the event."""
    REFUSED_BY_DATABASE = "refused_by_database"
    """PostgreSQL refused the data."""
    BUG = "bug"
    """The handler failed in every attempt."""
    TOO_LARGE = "too_large"
    """What the event caused is larger than its topic allows."""
