"""What hindered fetching a lead from its platform, in words: ingest's `Hindrance` for people.

The list of fetches and what is found of a lead both tell it. Pure.
"""

from typing import Any

HINDRANCES = {
    "throttled": "the platform takes no more requests for now",
    "token": "the access token is refused: expired, withdrawn, or without the right to read leads",
    "absent": "the platform does not know the lead, or no longer",
    "unreachable": "the platform does not answer, or with an error of its own",
    "unreadable": "the platform's answer is not what it documents",
}


def hindrance(fetch: dict[str, Any]) -> str:
    """Return what hindered the last try; a word of a later release as it is, nothing for none."""
    why = fetch["why"] or ""
    return HINDRANCES.get(why, why)
