"""/v1/policies/{kind}: what is in force, its versions, publishing and going back.

Served by the owner of the kinds. Under BATON_POLICIES=files only the files are published from;
a PUT or a rollback answers 409 and names the file.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel

from chassis.database import Tx
from chassis.http.access import needs
from chassis.http.audit import record
from chassis.http.principal import Principal, Scope
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.http.routes import Router
from chassis.policies.errors import PolicyRefused
from chassis.policies.files import publish_file
from chassis.policies.owning import PolicySource, hash_of, in_one_order, publish
from chassis.policies.versions import Version
from contracts.events.kinds import PolicyOrigin
from contracts.events.policies import PolicyPublished

if TYPE_CHECKING:
    from chassis.runtime import Runtime

Reader = Annotated[Principal, needs(Scope.READ)]
Admin = Annotated[Principal, needs(Scope.ADMIN)]


class VersionView(BaseModel):
    """One version of a policy, without its content."""

    kind: str
    hash: str
    active_from: datetime
    author: str
    origin: str


class PolicyView(VersionView):
    """One version with its content."""

    content: dict[str, Any]


class Published(BaseModel):
    """What a publishing brought about."""

    changed: bool
    version: VersionView | None


class Difference(BaseModel):
    """What is in force and what the owner's file says now."""

    same: bool
    in_force: dict[str, Any] | None
    files: dict[str, Any]


class Rollback(BaseModel):
    """The version to go back to."""

    hash: str


def policy_router(runtime: "Runtime") -> Router:
    """Return the routes of the kinds that this service owns."""
    router = Router(prefix="/v1/policies", tags=["policies"])
    for source in runtime.service.owns:
        _reading(router, runtime, source)
        _writing(router, runtime, source)
    return router


def difference(version: Version | None, files: Mapping[str, Any]) -> Difference:
    """Return both sides in one order of keys, so that only what was changed differs."""
    return Difference(
        same=version is not None and version.hash == hash_of(files),
        in_force=None if version is None else in_one_order(version.content),
        files=in_one_order(files),
    )


def _reading(router: Router, runtime: "Runtime", source: PolicySource) -> None:
    kind = source.kind.value

    @router.get(f"/{kind}", name=f"{kind} in force")
    async def in_force(_: Reader) -> PolicyView:
        """The version in force now."""
        version = await _in_force(runtime, kind)
        if version is None:
            raise Problem(ProblemKind.NOT_FOUND, f"No {kind} policy is in force yet.")
        return PolicyView(**_fields(version), content=dict(version.content))

    @router.get(f"/{kind}/versions", name=f"{kind} versions")
    async def versions(_: Reader) -> list[VersionView]:
        """Every version, newest first."""
        await _refreshed(runtime)
        return [VersionView(**_fields(each)) for each in reversed(runtime.book.versions(kind))]

    @router.get(f"/{kind}/versions/{{hash}}", name=f"{kind} version")
    async def version(_: Reader, hash: str) -> PolicyView:  # noqa: A002 - the API's word
        """One version whole, by its hash or the beginning of it."""
        found = await _version(runtime, kind, hash)
        return PolicyView(**_fields(found), content=dict(found.content))

    @router.get(f"/{kind}/diff", name=f"{kind} diff")
    async def diff(_: Admin) -> Difference:
        """What the owner's file says now beside what is in force."""
        return difference(await _in_force(runtime, kind), _read(runtime, source))


def _writing(router: Router, runtime: "Runtime", source: PolicySource) -> None:
    kind = source.kind.value

    @router.post(f"/{kind}/publish", name=f"publish {kind}")
    async def publish_from_files(who: Admin) -> Published:
        """Read the owner's file and publish what it says, if that is new."""
        try:
            body = await publish_file(runtime, source, author=who.name)
        except PolicyRefused as refused:
            raise _refused(refused) from None
        return _published(body)

    @router.put(f"/{kind}", name=f"put {kind}")
    async def put(who: Admin, content: dict[str, Any]) -> Published:
        """Publish content; only under BATON_POLICIES=api."""
        _needs_api(runtime, source)
        try:
            accepted = dict(source.accept(content))
        except PolicyRefused as refused:
            raise _refused(refused) from None
        return _published(await _publish(runtime, source, accepted, who, "policy.put"))

    @router.post(f"/{kind}/rollback", name=f"roll {kind} back")
    async def rollback(who: Admin, to: Rollback) -> Published:
        """Publish an earlier version again; only under BATON_POLICIES=api."""
        _needs_api(runtime, source)
        found = await _version(runtime, kind, to.hash)
        return _published(
            await _publish(runtime, source, dict(found.content), who, "policy.rollback")
        )


async def _publish(
    runtime: "Runtime",
    source: PolicySource,
    content: dict[str, Any],
    who: Principal,
    action: str,
) -> PolicyPublished | None:
    async def work(tx: Tx) -> PolicyPublished | None:
        body = await publish(
            tx,
            source.kind,
            content,
            author=who.name,
            origin=PolicyOrigin.API,
            outlet=runtime.outlet,
        )
        if body is not None:
            before, after = {"hash": body.previous}, {"hash": body.hash}
            await record(tx, who, action, source.kind.value, before, after)
        return body

    return await runtime.database.run(work)


def _needs_api(runtime: "Runtime", source: PolicySource) -> None:
    if runtime.settings.policies == "files":
        raise Problem(
            ProblemKind.CONFLICT,
            f"This installation's policies are files: {source.file} is the master.",
            way_out=f"Edit {source.file} and run: baton policies publish {source.kind.value}",
        )


def _read(runtime: "Runtime", source: PolicySource) -> dict[str, Any]:
    try:
        return dict(source.read(runtime.settings.config))
    except PolicyRefused as refused:
        raise _refused(refused) from None


def _refused(refused: PolicyRefused) -> Problem:
    errors = [
        FieldError(f"{each.file}:{each.line}:{each.column}", each.message)
        for each in refused.errors
    ]
    return Problem(
        ProblemKind.INVALID,
        "The policy is not as it should be; nothing was published.",
        way_out="Mend the places named, then publish again. baton check tells the same.",
        errors=errors,
    )


async def _refreshed(runtime: "Runtime") -> datetime:
    async with runtime.database.transaction() as tx:
        row = await tx.fetch_one("SELECT count(*) AS n, clock_now() AS now FROM policy_version")
        assert row is not None  # noqa: S101 - count gives a row
        await runtime.book.refresh(tx, row["n"])
    now: datetime = row["now"]
    return now


async def _in_force(runtime: "Runtime", kind: str) -> Version | None:
    return runtime.book.in_force(kind, await _refreshed(runtime))


async def _version(runtime: "Runtime", kind: str, hashed: str) -> Version:
    await _refreshed(runtime)
    found = [each for each in runtime.book.versions(kind) if each.hash.startswith(hashed)]
    if not hashed or len({each.hash for each in found}) != 1:
        raise Problem(
            ProblemKind.NOT_FOUND,
            f"No single {kind} version begins with this hash.",
            way_out=f"GET /v1/policies/{kind}/versions lists them.",
        )
    return found[-1]


def _fields(version: Version) -> dict[str, Any]:
    return {
        "kind": version.kind,
        "hash": version.hash,
        "active_from": version.active_from,
        "author": version.author,
        "origin": version.source,
    }


def _published(body: PolicyPublished | None) -> Published:
    if body is None:
        return Published(changed=False, version=None)
    return Published(
        changed=True,
        version=VersionView(
            kind=body.kind.value,
            hash=body.hash,
            active_from=body.active_from,
            author=body.author,
            origin=body.origin.value,
        ),
    )
