"""Does each path reach its owner, and does the internet reach senders' paths only?"""

from collections.abc import Iterator
from urllib.parse import urlsplit

from contracts.paths import PUBLIC, prefixes
from deploy.checks.manifests import Manifests, Missing, Resource, name_of, place

SIDE = "baton.dev/side"


def misrouted_paths(manifests: Manifests) -> list[str]:
    """Say which prefix of contracts leads nowhere or astray, and which route is superfluous."""
    wanted = {(_side(prefix), prefix, owner) for prefix, owner in prefixes()}
    found = {each for route in manifests.of("HTTPRoute") for each in _routed(route)}
    lines = [
        f"{prefix} of {owner} has no HTTPRoute on the {side} side"
        for side, prefix, owner in sorted(wanted - found)
    ]
    lines += [
        f"HTTPRoutes send {prefix} on the {side} side to {to}, which does not own it there"
        for side, prefix, to in sorted(found - wanted)
    ]
    for route in manifests.of("HTTPRoute"):
        lines += [*_ends(manifests, route), *_hosts(manifests, route)]
    return lines


def _side(prefix: str) -> str:
    return "public" if prefix in PUBLIC else "inside"


def _routed(route: Resource) -> Iterator[tuple[str, str, str]]:
    for rule in route["spec"]["rules"]:
        for match in rule["matches"]:
            for backend in rule["backendRefs"]:
                side = route["metadata"]["labels"][SIDE]
                exact = "" if match["path"]["type"] == "PathPrefix" else "only "
                yield side, exact + match["path"]["value"], backend["name"]


def _ends(manifests: Manifests, route: Resource) -> Iterator[str]:
    for rule in route["spec"]["rules"]:
        for backend in rule["backendRefs"]:
            try:
                service = manifests.one("Service", backend["name"])
            except Missing as missing:
                yield f"{place(route)}: {missing}"
                continue
            if backend["port"] not in [each["port"] for each in service["spec"]["ports"]]:
                yield f"{place(route)}: Service {name_of(service)} has no port {backend['port']}"


def _hosts(manifests: Manifests, route: Resource) -> Iterator[str]:
    """What a service tells people and senders is where its routes are."""
    owner = "ingest" if route["metadata"]["labels"][SIDE] == "public" else "insights"
    for container in manifests.containers():
        if name_of(container.workload) == owner and container.spec["name"] == "service":
            told = urlsplit(manifests.environment(container)["BATON_PUBLIC_URL"]).hostname
            if route["spec"]["hostnames"] != [told]:
                yield f"{place(route)}: its host is not that of {owner}'s BATON_PUBLIC_URL: {told}"
