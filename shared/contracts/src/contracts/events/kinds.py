"""Closed lists that say what kind of thing an event speaks of; why it was so is in reasons.

Everybody reads them; a member may be added, never renamed or given another meaning.
"""

from enum import StrEnum


class Stage(StrEnum):
    """How far a lead has come."""

    LEAD = "LEAD"
    """A person we may sell to."""
    MQL = "MQL"
    """Over the marketing bar, said by scoring."""
    SQL = "SQL"
    """Handed to an owner; acceptance is a step inside this stage."""
    OPPORTUNITY = "OPPORTUNITY"
    """Sales works on a deal."""
    CUSTOMER = "CUSTOMER"
    """Bought."""
    RECYCLED = "RECYCLED"
    """Given back to marketing; may qualify again."""
    DISQUALIFIED = "DISQUALIFIED"
    """Out for good."""


class TouchKind(StrEnum):
    """What a person did with us."""

    FORM = "form"
    """Sent a form of ours."""
    AD_LEAD = "ad_lead"
    """Sent a lead form inside an ad platform."""
    PAGE = "page"
    """Viewed a page."""
    MAIL_CLICK = "mail_click"
    """Followed a link in an e-mail."""
    EVENT = "event"
    """Took part in a webinar, fair or other event."""
    CHAT = "chat"
    """Wrote in a chat."""
    CALL = "call"
    """Called us."""
    BOOKING = "booking"
    """Booked a meeting with us."""
    ERASURE = "erasure"
    """Asked, by its platform or by itself, to be forgotten; counts for nothing else."""
    OTHER = "other"
    """Something else that the source calls a touch."""


class IdentityKind(StrEnum):
    """What an identity key was made of, strongest first."""

    EMAIL = "email"
    """The normalised e-mail address."""
    PHONE = "phone"
    """The phone number in E.164."""
    SENDER = "sender"
    """The person's id at the sender."""
    ANONYMOUS = "anonymous"
    """The id of a browser."""


class Purpose(StrEnum):
    """What a consent is for."""

    CONTACT = "contact"
    """To be contacted by sales."""
    ADS_FEEDBACK = "ads_feedback"
    """To tell ad platforms what became of the lead."""
    PROFILING = "profiling"
    """To be scored."""


class ConsentState(StrEnum):
    """What we know of a consent."""

    ASKED = "asked"
    """The person asked for it by sending the form."""
    GRANTED = "granted"
    """The person agreed expressly."""
    DENIED = "denied"
    """The person refused."""
    WITHDRAWN = "withdrawn"
    """The person agreed once and does no longer."""
    UNKNOWN = "unknown"
    """Nobody said."""


class ActorKind(StrEnum):
    """Who did something."""

    REP = "rep"
    """A seller."""
    PERSON = "person"
    """Another user of Baton, by the name of the token."""
    SYSTEM = "system"
    """A connected system, by the name of the token."""
    POLICY = "policy"
    """Baton itself, by a rule of a policy."""


class OverrideSays(StrEnum):
    """What a person says in the score's place."""

    QUALIFY = "qualify"
    """Over the line, whatever the points are."""
    NEVER = "never"
    """Below the line, whatever the points are."""
    CLEAR = "clear"
    """The points decide again."""


class ContactChannel(StrEnum):
    """How a rep tried to reach a lead."""

    CALL = "call"
    """By phone."""
    MAIL = "mail"
    """By e-mail or letter."""
    MEETING = "meeting"
    """Face to face or by video."""
    CHAT = "chat"
    """By chat or a social network."""


class ContactOutcome(StrEnum):
    """What came of a contact."""

    SPOKE = "spoke"
    """There was a conversation."""
    NO_ANSWER = "no_answer"
    """Nobody answered."""
    WRONG_DETAILS = "wrong_details"
    """The number or address leads to somebody else or nobody."""
    ASKED_TO_WAIT = "asked_to_wait"
    """The lead asked to be contacted later."""


class AfterReject(StrEnum):
    """Where a rejected lead goes."""

    RECYCLE = "recycle"
    """Back to marketing."""
    DISQUALIFY = "disqualify"
    """Out for good."""


class CorrectionKind(StrEnum):
    """What a correction does to the activity it speaks of."""

    WITHDRAWN = "withdrawn"
    """It never was."""
    CHANGED = "changed"
    """It was different; the fields that differ are given."""


class ClockTime(StrEnum):
    """Which time a clock runs by."""

    WALL = "wall"
    """Every second counts."""
    WORKING = "working"
    """Only the calendar's working time counts."""


class CommitmentCount(StrEnum):
    """What a commitment counts."""

    MQL = "mql"
    """Every MQL."""
    ACCEPTED = "accepted"
    """MQLs that sales accepted."""


class PolicyKind(StrEnum):
    """The kinds of policy, each owned by one service."""

    SOURCES = "sources"
    """Who may send touches, and how they are read."""
    SCORING = "scoring"
    """How good a lead is."""
    ROUTING = "routing"
    """Who gets it."""
    TEAM = "team"
    """Who sells, in which pools."""
    CALENDARS = "calendars"
    """When people work."""
    LISTS = "lists"
    """Lists and territories that conditions name."""
    SLA = "sla"
    """What both sides promise."""


class PolicyOrigin(StrEnum):
    """Where a version of a policy came from."""

    FILES = "files"
    """The files of the configuration folder."""
    API = "api"
    """A call of the API."""


class NoticeWay(StrEnum):
    """How a person is told."""

    EMAIL = "email"
    """By e-mail."""
    SLACK = "slack"
    """By a message in Slack."""
    WEBHOOK = "webhook"
    """By a signed call of a subscriber's URL."""
