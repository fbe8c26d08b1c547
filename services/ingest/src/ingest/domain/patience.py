"""How long a touch waits for Kafka before it goes to the spool. Pure; seconds throughout.

A spooled touch costs a transaction now, one later and a second record, so that a fixed limit
answers overload with more work. Kafka that acknowledges others is slow, not away.
"""

_SILENCE_S = 1.0
_LONGEST_S = 3.0


def is_silent(since_acknowledged_s: float, within_s: float) -> bool:
    """Tell whether Kafka has acknowledged nothing for so long that it counts as away.

    ``within_s`` is how long one acknowledgement may take on an ordinary day.
    """
    return since_acknowledged_s >= max(_SILENCE_S, within_s)


def waits_on(waited_s: float, since_acknowledged_s: float, within_s: float) -> bool:
    """Tell whether a touch that has waited so long waits on."""
    if waited_s < within_s:
        return True
    return waited_s < _LONGEST_S and not is_silent(since_acknowledged_s, within_s)
