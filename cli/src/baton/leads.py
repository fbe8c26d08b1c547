"""Which lead a person means: a lead's id, a touch's id or an e-mail address.

Called by the commands that speak of one lead. An address goes in the body of a search, never in a
path: paths are logged.
"""

from uuid import UUID

from baton.calling import call
from baton.client import Client
from baton.local.trouble import Trouble

LEAD_HELP = "A lead's id, a touch's id or an e-mail address."


def lead_named(client: Client, told: str) -> str:
    """Return an id that every service knows the lead by. Raises Trouble."""
    try:
        return str(UUID(told))
    except ValueError:
        pass
    if "@" not in told:
        message = f"{told!r} is neither the id of a lead or touch nor an e-mail address"
        raise Trouble(f"{message}: ids are shown by {call('watch')} and in X-Baton-Touch-Id")
    found = client.post("/v1/search", {"email": told})
    ids = [str(each) for each in found["lead_ids"]]
    if not ids:
        raise Trouble(f"no lead has this e-mail address: see {call('watch')} for those that come")
    if len(ids) > 1:
        raise Trouble(f"{len(ids)} leads have this e-mail address: {', '.join(ids)}")
    return ids[0]
