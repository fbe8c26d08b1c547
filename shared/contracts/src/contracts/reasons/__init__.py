"""Why something was decided: closed lists, one sentence each, that people and reports rely on.

Events carry these values; a member may be added, never renamed or given another meaning.
"""

from contracts.reasons.handover import (
    AbsenceReason,
    CandidateReason,
    CreditReason,
    DeclineReason,
    HoldReason,
    ReassignReason,
    RouteReason,
    Unblock,
    UnroutedReason,
)
from contracts.reasons.marketing import (
    MergeReason,
    OverrideReason,
    QualifyReason,
    UnqualifyReason,
)
from contracts.reasons.running import (
    ClockReason,
    DisableReason,
    NoticeFailure,
    ParkReason,
)
from contracts.reasons.sales import (
    DisqualifyReason,
    LostReason,
    RecycleReason,
    RejectReason,
)

__all__ = [
    "AbsenceReason",
    "CandidateReason",
    "ClockReason",
    "CreditReason",
    "DeclineReason",
    "DisableReason",
    "DisqualifyReason",
    "HoldReason",
    "LostReason",
    "MergeReason",
    "NoticeFailure",
    "OverrideReason",
    "ParkReason",
    "QualifyReason",
    "ReassignReason",
    "RecycleReason",
    "RejectReason",
    "RouteReason",
    "Unblock",
    "UnqualifyReason",
    "UnroutedReason",
]
