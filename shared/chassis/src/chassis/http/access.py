"""Who may do what, one rule for every service: a token of the access file, or an OIDC token.

Routes say ``Annotated[Principal, needs(Scope.READ)]`` or, for the few that anybody may call,
``open_to_all(why)``; make_app refuses a route that says neither.
"""

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from chassis.http.access_file import TOKEN_PREFIX, AccessFile
from chassis.http.edge import OPENAPI
from chassis.http.principal import OidcUnavailable, Principal, Scope
from chassis.http.problem import Problem, ProblemKind
from chassis.settings import Settings
from chassis.telemetry.metrics import Meters

if TYPE_CHECKING:
    from chassis.http.oidc import Oidc

_LONGEST_TOKEN = 16_384
_OWN = frozenset({OPENAPI})
"""Routes of FastAPI itself that hold no data."""

_bearer = HTTPBearer(auto_error=False, description="A token from `baton tokens new`, or OIDC's.")


class Access:
    """The installation's rule. Made once an app; ``problem`` goes into readiness if wanted."""

    def __init__(self, settings: Settings, meters: Meters, oidc: "Oidc | None" = None) -> None:
        self._file = (
            AccessFile(settings.access, meters, production=settings.production)
            if settings.access is not None
            else None
        )
        self._oidc = oidc
        if oidc is None and settings.oidc_issuer is not None:
            from chassis.http.oidc import Oidc  # noqa: PLC0415 - a third of a second of a start

            self._oidc = Oidc(settings)

    @property
    def problem(self) -> str | None:
        """Why the access file of this moment is not in force, or None."""
        return self._file.problem if self._file is not None else None

    async def principal(self, token: str | None) -> Principal:
        """Return who calls. Raises Problem 401; 503 while the issuer's keys are out of reach."""
        if token is None:
            raise _who("No token came with the request.", "")
        found = None
        if len(token) <= _LONGEST_TOKEN:
            found = self._file.find(token) if self._file is not None else None
            if found is None and self._oidc is not None and not token.startswith(TOKEN_PREFIX):
                try:
                    found = await self._oidc.principal(token)
                except OidcUnavailable:
                    raise Problem(
                        ProblemKind.UNAVAILABLE,
                        "The issuer's keys cannot be had, so no token can be checked.",
                        headers={"Retry-After": "5"},
                    ) from None
        if found is None:
            raise _who("The token is not known here or has expired.", ' error="invalid_token"')
        return found


class _Needs:
    def __init__(self, scopes: frozenset[Scope]) -> None:
        self.scopes = scopes

    async def __call__(
        self,
        request: Request,
        credentials: Annotated[HTTPAuthorizationCredentials | None, Security(_bearer)],
    ) -> Principal:
        access: Access = request.app.state.access
        principal = await access.principal(credentials.credentials if credentials else None)
        missing = sorted(self.scopes - principal.scopes)
        if missing:
            names = " ".join(missing)
            raise Problem(
                ProblemKind.FORBIDDEN,
                f"The token lacks the scope: {names}.",
                headers={"WWW-Authenticate": f'Bearer error="insufficient_scope", scope="{names}"'},
            )
        return principal


class _Open:
    def __init__(self, why: str) -> None:
        self.why = why

    async def __call__(self) -> None:
        """Let everybody in."""


def needs(*scopes: Scope) -> Any:  # noqa: ANN401 - FastAPI's own annotation for Depends
    """Return the dependency of a route that only a token with all these scopes may call.

    It gives the ``Principal``. Raises ValueError without a scope.
    """
    if not scopes:
        raise ValueError("name at least one scope, or say open_to_all and why")
    return Depends(_Needs(frozenset(scopes)))


def open_to_all(why: str) -> Any:  # noqa: ANN401 - FastAPI's own annotation for Depends
    """Return the dependency of a route that anybody may call; ``why`` is for the reader.

    Senders' webhooks are such: they prove themselves by their own signature.
    """
    return Depends(_Open(why))


def rule_of(route: RouteContext) -> frozenset[Scope] | None:
    """Return the scopes that a route needs, empty where it is open; None: nobody said."""
    dependant = getattr(route, "dependant", None)
    found = list(_rules(dependant)) if dependant is not None else []
    needed = [rule.scopes for rule in found if isinstance(rule, _Needs)]
    if needed:
        return frozenset().union(*needed)
    return frozenset() if found else None


def unguarded(app: FastAPI) -> list[str]:
    """Return the routes that nobody guards and nobody opened, as method and path."""
    return [
        f"{','.join(sorted(route.methods or {'ANY'}))} {route.path}"
        for route in iter_route_contexts(app.routes)
        if rule_of(route) is None and route.path not in _OWN
    ]


def _rules(dependant: Dependant) -> "list[_Needs | _Open]":
    own = [dependant.call] if isinstance(dependant.call, _Needs | _Open) else []
    return [*own, *(rule for each in dependant.dependencies for rule in _rules(each))]


def _who(detail: str, more: str) -> Problem:
    return Problem(
        ProblemKind.UNAUTHENTICATED, detail, headers={"WWW-Authenticate": f"Bearer{more}"}
    )
