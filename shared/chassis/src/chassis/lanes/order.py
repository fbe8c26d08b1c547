"""In which order a lane's records may go out: by number, without a gap, to each target. Pure.

``chassis.lanes.publisher`` asks it before anything is sent.
"""

from collections.abc import Mapping, Sequence


def follows_on(published: Mapping[str, int], first: Mapping[str, int]) -> bool:
    """Tell whether a batch may be sent from memory.

    ``published`` is the last number sent to each target and ``first`` the batch's first; where a
    number between is missing, another instance's command stands in the outbox and goes first.
    """
    return all(published.get(target, 0) + 1 == seq for target, seq in first.items())


def first_of(numbered: Sequence[tuple[str, int]]) -> dict[str, int]:
    """Return the least number for each target of (target, number) pairs."""
    least: dict[str, int] = {}
    for target, seq in numbered:
        least[target] = min(seq, least.get(target, seq))
    return least


def is_unbroken(published: Mapping[str, int], numbered: Sequence[tuple[str, int]]) -> bool:
    """Tell whether pairs, in sending order, continue each target without a gap or a step back.

    A target that was never sent to may begin anywhere.
    """
    last = dict(published)
    for target, seq in numbered:
        if target in last and seq != last[target] + 1:
            return False
        last[target] = seq
    return True
