"""When an activity may have been: between the lead's qualification in this cycle and now.

Pure. A contact told as older than the lead's time with us would stop a clock that ran out.
"""

from datetime import datetime

from contracts.decision import Refused
from contracts.event import Mode
from routing.domain.state import Lead

IN_THE_FUTURE = "in-the-future"
BEFORE_THE_LEAD = "before-the-lead"


def earliest(lead: Lead) -> datetime | None:
    """Return the first instant that an activity of this cycle may have; None: any.

    The minute of the qualification counts whole, since many sales tools keep minutes only. What
    an import tells of the past has no bound: no clock runs there.
    """
    if lead.qualified_at is None or lead.mode is Mode.HISTORICAL:
        return None
    return lead.qualified_at.replace(second=0, microsecond=0)


def hold_to_time(lead: Lead, told: datetime | None, now: datetime) -> None:
    """Raise Refused 422 for a told instant in the future or before the lead came to sales."""
    if told is None:
        return
    if told > now:
        raise Refused(IN_THE_FUTURE, "occurred_at lies in the future.", status=422)
    first = earliest(lead)
    if first is not None and told < first:
        raise Refused(
            BEFORE_THE_LEAD,
            f"occurred_at lies before the lead came to sales, at {first:%Y-%m-%dT%H:%MZ}.",
            status=422,
        )
