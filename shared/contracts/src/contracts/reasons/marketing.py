"""Why marketing's side decided: qualified, taken back, overruled, merged.

Scoring says these.
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
