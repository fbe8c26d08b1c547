"""The reps and pools of a team policy as sales.team tells them: each whole, those gone inactive.

Pure; said when a team policy is published, in the same transaction.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from contracts.body import Body
from contracts.events.team import Colleague, PoolChanged, RepChanged
from routing.domain.team import EACH, Pool, Rep, TeamPolicy


def snapshots(
    team: TeamPolicy, before: TeamPolicy | None, policies: Mapping[str, str]
) -> Iterator[Body]:
    """Yield every rep and pool of ``team``, then those that only ``before`` had, inactive."""
    for name in sorted(team.reps):
        yield _rep(name, team, policies, active=True)
    for name in sorted(team.pools):
        yield _pool(name, team.pools[name], policies, active=True)
    if before is None:
        return
    for name in sorted(before.reps.keys() - team.reps.keys()):
        yield _rep(name, before, policies, active=False)
    for name in sorted(before.pools.keys() - team.pools.keys()):
        yield _pool(name, before.pools[name], policies, active=False)


def _rep(name: str, team: TeamPolicy, policies: Mapping[str, str], *, active: bool) -> RepChanged:
    rep: Rep = team.reps[name]
    group = team.team_of.get(name)
    manager = None if group is None else team.teams[group].manager
    return RepChanged(
        rep=Colleague(id=name, name=rep.name, email=rep.email, outside_ids=rep.outside_ids),
        active=active,
        calendar=rep.calendar,
        team=group,
        manager=None
        if manager is None
        else Colleague(id=f"{group}.manager", name=manager.name, email=manager.email),
        pools=team.pools_of(name) if active else (),
        policies=policies,
    )


def _pool(name: str, pool: Pool, policies: Mapping[str, str], *, active: bool) -> PoolChanged:
    return PoolChanged(
        pool=name,
        active=active,
        members={rep: Decimal(weight) for rep, weight in pool.members.items()},
        calendar=None if pool.calendar == EACH else pool.calendar,
        turn=pool.turn,
        overflow=pool.overflow,
        policies=policies,
    )
