"""When something happened on a browser's or app's clock, told by its own: set right. Pure.

Clocks of visitors are hours off; how long ago something was, they know.
https://segment.com/docs/connections/spec/common/#timestamps
"""

from datetime import datetime, timedelta

_LONGEST_AGO = timedelta(days=30)


def reckoned(
    received_at: datetime, sent_at: datetime | None, happened_at: datetime | None
) -> datetime | None:
    """Return the instant by our clock, in UTC; None where the two told ones make no sense.

    ``sent_at`` and ``happened_at`` are of one clock, whichever it is.
    """
    if sent_at is None or happened_at is None:
        return None
    ago = sent_at - happened_at
    return received_at - ago if timedelta(0) <= ago <= _LONGEST_AGO else None
