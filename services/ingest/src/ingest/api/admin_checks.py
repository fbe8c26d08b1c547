"""What stands against a change of a source, told by field; no sentence repeats what was sent.

``admin_changes`` asks before it writes. All raise Problem.
"""

import hmac
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import SecretStr, ValidationError

from chassis.http.fields import field_of
from chassis.http.problem import FieldError, Problem, ProblemKind
from chassis.wording import said
from ingest.api.answers import Desk
from ingest.domain import added
from ingest.domain.added import Added, named_in
from ingest.domain.kinds import KINDS
from ingest.domain.secrets import BITS, bits_of
from ingest.domain.source import Source
from ingest.domain.sources import SourcesPolicy
from ingest.settings.policy import FILE
from ingest.store.in_force import Sources

_APART = ("kind", "secrets")
_OUTER = 2
"""``sources`` and the id stand before a field's place in the policy."""


def wrong(field: str, message: str, way_out: str | None = None) -> Problem:
    """Return the problem of one field."""
    return invalid([FieldError(field, message)], way_out)


def invalid(errors: list[FieldError], way_out: str | None = None) -> Problem:
    """Return the problem of some fields."""
    names = ", ".join(each.field for each in errors[:3])
    return Problem(
        ProblemKind.INVALID, f"Not as it should be: {names}.", way_out=way_out, errors=errors
    )


def require_not_of_policy(desk: Desk, sources: Sources, source_id: str) -> None:
    """Refuse an id that stands in the policy: its master is there."""
    if source_id not in sources.policy.sources:
        return
    files = desk.settings.policies == "files"
    place = f"the policy of sources ({FILE})" if files else "the policy of sources"
    way_out = (
        f"Change {FILE} and run: baton policies publish sources"
        if files
        else "Change the policy: PUT /v1/policies/sources"
    )
    raise Problem(
        ProblemKind.CONFLICT, f"The source {source_id} stands in {place}.", way_out=way_out
    )


def checked_config(
    source_id: str, kind: str, config: Mapping[str, Any], policy: SourcesPolicy
) -> tuple[Source, dict[str, Any]]:
    """Return a source and its config in canonical form, held to the rules of the policy's file."""
    for apart in _APART:
        if apart in config:
            raise wrong(f"config.{apart}", "stands beside config, not in it")
    if kind not in KINDS:
        raise wrong("kind", f"expected one of: {', '.join(sorted(KINDS))}")
    try:
        return added.checked(source_id, kind, config, policy)
    except ValidationError as error:
        found = error.errors(include_url=False)
        raise invalid([_in_config(each, config) for each in found]) from None


def _in_config(error: Any, config: Mapping[str, Any]) -> FieldError:  # noqa: ANN401 - pydantic's
    """Name a field by its place in the request, not by what validators wrap around it."""
    context = error.get("ctx", {})
    place = (*error["loc"], *context.get("path", ()))[_OUTER:]
    if place and place[0] in KINDS:
        place = place[1:]
    bare = {
        **error,
        "loc": ("body", *place),
        "ctx": {name: value for name, value in context.items() if name != "path"},
    }
    field = field_of(bare, config)
    return FieldError("config" if field == "body" else f"config.{field}", said(error))


def require_strong(field: str, secret: SecretStr, source: Source, *, accept_weak: bool) -> bool:
    """Return whether a secret that proves a sender is weak; refuse it unless that is accepted."""
    bits = bits_of(secret.get_secret_value(), source.SECRET_PREFIX)
    if bits >= BITS:
        return False
    if accept_weak:
        return True
    raise wrong(
        field,
        f"expected a secret of at least {BITS} bits, made by chance: by its length and its kinds "
        f"of characters this one has {bits} at most",
        "Leave it out and one is made; accept_weak is for what a platform dictates.",
    )


def require_its_own(
    field: str, given: Iterable[SecretStr], source_id: str, source: Source, sources: Sources
) -> None:
    """Refuse a secret that stands twice, and one that would lead to another source as well."""
    values = [each.get_secret_value().encode() for each in given]
    if len(set(values)) < len(values):
        raise wrong(field, "the same secret stands there twice")
    if not source.SECRET_IS_ADDRESS:
        return
    for name, other in sources.every().items():
        taken = sources.credentials(name).keys if name != source_id else ()
        if other.kind == source.kind and any(
            hmac.compare_digest(value, key) for value in values for key in taken
        ):
            raise Problem(
                ProblemKind.CONFLICT,
                "Another source of this kind has this secret, by which its senders reach it.",
                way_out="Leave the secret out and one is made, or give one of its own.",
            )


def require_made_elsewhere(source: Source, field: str) -> None:
    """Refuse to make a secret for a kind whose platform makes it."""
    if source.SECRET_DICTATED:
        raise wrong(field, "give the secret that the platform shows: one made here is of no use")


def require_named(config: Mapping[str, Any], given: Iterable[str], stored: Iterable[str]) -> None:
    """Refuse names that the config uses and nobody gave, and the other way round."""
    wanted, there = named_in(config), frozenset(stored)
    errors = [
        FieldError(f"named_secrets.{name}", "is missing: the config points to it")
        for name in sorted(wanted - frozenset(given) - there)
    ] + [
        FieldError(f"named_secrets.{name}", f"nothing in the config says stored:{name}")
        for name in sorted(frozenset(given) - wanted)
    ]
    if errors:
        raise invalid(errors)


def require_there(found: Added | None) -> Added:
    """Return a source that the API made. Raises Problem 404."""
    if found is None:
        raise Problem(
            ProblemKind.NOT_FOUND,
            "The API made no such source.",
            way_out="GET /v1/admin/ingest/sources lists all there are.",
        )
    return found
