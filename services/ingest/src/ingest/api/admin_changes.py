"""Changes of sources by the API, each in one transaction with its audit and the reply of a repeat.

``admin`` calls these. Neither reply nor audit, as they are stored, holds a secret: what was made is
put into the first answer only.
"""

import secrets as chance
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from pydantic import SecretStr

from chassis.database import Tx
from chassis.http import audit
from chassis.http.idempotency import Attempt, Reply, once
from chassis.http.principal import Principal
from chassis.http.problem import Problem, ProblemKind
from ingest.api.admin_bodies import ChangedSource, NewSecret, NewSource
from ingest.api.admin_checks import (
    checked_config,
    require_its_own,
    require_made_elsewhere,
    require_named,
    require_not_of_policy,
    require_strong,
    require_there,
    wrong,
)
from ingest.api.admin_reading import view
from ingest.api.admin_views import secret_of
from ingest.api.answers import Desk
from ingest.domain import secrets
from ingest.domain.added import ACTIVE, Added, StoredSecret, merged, named_in
from ingest.domain.source import Source
from ingest.store import fetches
from ingest.store import sources as rows
from ingest.store.in_force import Sources

_MOST = 1_000
"""Sources that the API may make: each instance holds them in memory."""

Work = Callable[[Tx, datetime], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Call:
    """One call that changes sources."""

    desk: Desk
    sources: Sources
    who: Principal
    attempt: Attempt

    async def run(self, work: Work) -> Reply:
        """Do the work once, and have this instance know of it at once."""

        async def whole(tx: Tx) -> Reply:
            async def first() -> Reply:
                return await work(tx, await rows.changing(tx))

            return await once(tx, self.attempt.key, self.attempt.request_hash, first)

        reply = await self.desk.database.run(whole)
        await self.desk.in_force.looked()
        return reply

    async def record(
        self,
        tx: Tx,
        action: str,
        subject: str,
        before: Mapping[str, Any] | None,
        after: Mapping[str, Any] | None,
    ) -> None:
        """Write into the audit who did it."""
        await audit.record(tx, self.who, action, subject, before, after)

    async def shown(self, tx: Tx, source_id: str) -> dict[str, Any]:
        """Return a source as it stands now, for the answer."""
        return (await view(tx, self.desk, source_id)).model_dump(mode="json")

    async def known(self, tx: Tx, source_id: str) -> Added:
        """Return the source that is to be changed. Raises Problem 404, 409."""
        require_not_of_policy(self.desk, self.sources, source_id)
        return require_there(await rows.one(tx, source_id))

    def sealed(self, source_id: str, name: str | None, value: str, now: datetime) -> StoredSecret:
        """Return a secret as it is stored."""
        secret_id, raw = uuid4(), value.encode()
        place = secrets.place_of(source_id, secret_id, name)
        nonce = chance.token_bytes(secrets.NONCE_BYTES)
        return StoredSecret(
            id=secret_id,
            source=source_id,
            name=name,
            sealed=self.desk.sealer.seal(raw, nonce, place),
            fingerprint=self.desk.sealer.fingerprint(raw),
            weak=False,
            made_at=now,
        )


def new_secret(source: Source) -> str:
    """Return a secret by chance, spelled as the kind's senders take it."""
    return secrets.spelled(source.SECRET_PREFIX, chance.token_bytes(secrets.RANDOM_BYTES))


async def make(call: Call, told: NewSource) -> tuple[Reply, str | None]:
    """Make a source; return the reply and the secret that was made for it. Raises Problem."""
    require_not_of_policy(call.desk, call.sources, told.id)
    source, config = checked_config(told.id, told.kind, told.config, call.sources.policy)
    require_named(config, told.named_secrets, ())
    require_its_own("secrets", told.secrets, told.id, source, call.sources)
    made = None
    given = [
        (each.get_secret_value(), _weak(source, told, i)) for i, each in enumerate(told.secrets)
    ]
    if not given and source.NEEDS_SECRET:
        require_made_elsewhere(source, "secrets")
        made = new_secret(source)
        given = [(made, False)]

    async def work(tx: Tx, now: datetime) -> Reply:
        await _require_room(tx, told.id)
        await rows.put(tx, told.id, told.kind, config, now)
        stored = [call.sealed(told.id, None, value, now).with_weak(weak) for value, weak in given]
        for each in (*stored, *_named(call, told.id, told.named_secrets, now)):
            await rows.put_secret(tx, each)
        after = {"kind": told.kind, "config": config, "secrets": _told_of(stored)}
        await call.record(tx, "source.make", told.id, None, after)
        return Reply(201, await call.shown(tx, told.id))

    return await call.run(work), made


async def change(call: Call, source_id: str, told: ChangedSource) -> Reply:
    """Change what a source is. Raises Problem."""
    patch = told.config if told.enabled is None else {**told.config, "enabled": told.enabled}

    async def work(tx: Tx, now: datetime) -> Reply:
        before = await call.known(tx, source_id)
        policy = call.sources.policy
        _, config = checked_config(source_id, before.kind, merged(before.config, patch), policy)
        there = [each.name for each in before.secrets if each.name is not None]
        require_named(config, told.named_secrets, there)
        await rows.put(tx, source_id, before.kind, config, now)
        for each in _named(call, source_id, told.named_secrets, now):
            await rows.put_secret(tx, each)
        wanted = named_in(config)
        of_no_use = [each.id for each in before.secrets if each.name and each.name not in wanted]
        await rows.drop_secrets(tx, of_no_use)
        after = {"config": config, "named_secrets": sorted(told.named_secrets)}
        await call.record(tx, "source.change", source_id, {"config": before.config}, after)
        return Reply(200, await call.shown(tx, source_id))

    return await call.run(work)


async def remove(call: Call, source_id: str) -> Reply:
    """Take a source away; its address answers 404 from then on. Raises Problem."""

    async def work(tx: Tx, now: datetime) -> Reply:
        before = await call.known(tx, source_id)
        await rows.remove(tx, source_id, now)
        await fetches.give_up(tx, source_id)
        was = {"kind": before.kind, "config": before.config}
        await call.record(tx, "source.remove", source_id, was, None)
        return Reply(200, {"id": source_id, "removed_at": now})

    return await call.run(work)


async def add_secret(call: Call, source_id: str, told: NewSecret) -> tuple[Reply, str | None]:
    """Add a secret; return the reply and the secret if it was made here. Raises Problem."""
    made: list[str] = []

    async def work(tx: Tx, now: datetime) -> Reply:
        made.clear()
        before = await call.known(tx, source_id)
        source, weak = before.source(), False
        active = before.active(now)
        if len(active) >= ACTIVE:
            raise Problem(
                ProblemKind.CONFLICT,
                f"{ACTIVE} secrets hold already, the old one and a new one.",
                way_out="End the one that is no longer used, then add another.",
            )
        if told.expires_at is not None and told.expires_at <= now:
            raise wrong("expires_at", "expected an instant that has not passed")
        if told.secret is None:
            require_made_elsewhere(source, "secret")
            made.append(new_secret(source))
        else:
            require_its_own("secret", [told.secret], source_id, source, call.sources)
            weak = require_strong("secret", told.secret, source, accept_weak=told.accept_weak)
        value = made[0] if told.secret is None else told.secret.get_secret_value()
        secret = call.sealed(source_id, None, value, now).with_weak(weak, told.expires_at)
        await rows.put_secret(tx, secret)
        if told.others_end_in is not None:
            await rows.expire(tx, [each.id for each in active], now + told.others_end_in.span)
        await rows.touched(tx, source_id, now)
        after = {"secrets": _told_of([secret]), "others_end_in": _text(told.others_end_in)}
        await call.record(tx, "source.secret.add", source_id, None, after)
        return Reply(201, secret_of(secret).model_dump(mode="json"))

    reply = await call.run(work)
    return reply, made[0] if made else None


async def end_secret(call: Call, source_id: str, secret_id: UUID) -> Reply:
    """Delete a secret: what is signed with it is refused from now on. Raises Problem."""

    async def work(tx: Tx, now: datetime) -> Reply:
        before = await call.known(tx, source_id)
        ended = next((each for each in before.secrets if each.id == secret_id), None)
        if ended is None:
            raise Problem(ProblemKind.NOT_FOUND, "The source has no such secret.")
        left = [each for each in before.active(now) if each.id != secret_id]
        if ended.name is not None or (ended.holds(now) and not left and _needs(before)):
            raise Problem(
                ProblemKind.CONFLICT,
                "The source cannot do without this secret.",
                way_out="Add the new one first, or change the config that points to it.",
            )
        await rows.drop_secrets(tx, [secret_id])
        await rows.touched(tx, source_id, now)
        await call.record(tx, "source.secret.end", source_id, {"secrets": _told_of([ended])}, None)
        return Reply(200, {"id": str(secret_id), "ended_at": now})

    return await call.run(work)


async def _require_room(tx: Tx, source_id: str) -> None:
    if await rows.one(tx, source_id) is not None:
        raise Problem(
            ProblemKind.CONFLICT,
            f"There is a source {source_id} already.",
            way_out="Change it with PATCH, delete it first, or choose another id.",
        )
    if await rows.number(tx) >= _MOST:
        raise Problem(
            ProblemKind.CONFLICT,
            f"There are {_MOST} sources already.",
            way_out="Delete those that are no longer used.",
        )


def _weak(source: Source, told: NewSource, number: int) -> bool:
    secret: SecretStr = told.secrets[number]
    return require_strong(f"secrets.{number}", secret, source, accept_weak=told.accept_weak)


def _needs(source: Added) -> bool:
    return source.source().NEEDS_SECRET


def _named(
    call: Call, source_id: str, named: Mapping[str, SecretStr], now: datetime
) -> list[StoredSecret]:
    return [
        call.sealed(source_id, name, value.get_secret_value(), now)
        for name, value in sorted(named.items())
    ]


def _told_of(stored: list[StoredSecret]) -> list[Mapping[str, Any]]:
    """Return what the audit tells of secrets."""
    return [
        {"id": str(each.id), "fingerprint": each.fingerprint, "weak": each.weak} for each in stored
    ]


def _text(value: object) -> str | None:
    return None if value is None else str(value)
