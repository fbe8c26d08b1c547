"""How routing says what concerns no lead: policies, and with a team policy its reps and pools.

chassis calls it when a policy is published; all goes out by lane 0, in the same transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from chassis.database import Tx
from chassis.policies.owning import Outlet
from contracts.body import Body
from contracts.events.kinds import PolicyKind
from contracts.events.policies import PolicyPublished
from routing import store
from routing.domain.snapshots import snapshots
from routing.domain.team import TeamPolicy


@dataclass(frozen=True, slots=True)
class TeamOutlet:
    """An outlet that says snapshots of reps and pools beside a team policy."""

    lane: Outlet

    async def hold(self, tx: Tx) -> None:
        """Keep every other instance from saying until the transaction ends."""
        await self.lane.hold(tx)

    async def say(self, tx: Tx, bodies: Sequence[Body], cause: UUID) -> None:
        """Say the bodies and what they change in the team."""
        said = list(bodies)
        for body in bodies:
            if isinstance(body, PolicyPublished) and body.kind is PolicyKind.TEAM:
                said += await _team(tx, body)
        await self.lane.say(tx, said, cause)


async def _team(tx: Tx, body: PolicyPublished) -> list[Body]:
    earlier = None
    if body.previous is not None:
        earlier = await store.policy_content(tx, body.kind.value, body.previous)
    before = None if earlier is None else TeamPolicy.model_validate(earlier)
    team = TeamPolicy.model_validate(body.content)
    return list(snapshots(team, before, {body.kind.value: body.hash}))
