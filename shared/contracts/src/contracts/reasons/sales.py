"""Why sales gave a lead back or a deal was lost; marketing reads these.

Sales says these, through routing.
"""

from enum import StrEnum


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
