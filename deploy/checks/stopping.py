"""Is a pod given the time that an orderly stop may take?

grace period >= preStop + the stop of chassis.stopping with the pod's own settings + margin.
"""

from chassis.settings import Settings
from chassis.stopping import stop_within_s
from deploy.checks.environment import literal_of, service_of, settings_of
from deploy.checks.manifests import Container, Manifests

MARGIN_S = 5.0
"""For the kubelet and a busy node."""


def short_graces(manifests: Manifests) -> list[str]:
    """Say which pod would be killed before its orderly stop has ended."""
    return [
        line
        for each in manifests.containers()
        if each.role == "main" and each.workload["kind"] == "Deployment" and service_of(each)
        for line in _lines(manifests, each)
    ]


def _lines(manifests: Manifests, container: Container) -> list[str]:
    grace = container.pod.get("terminationGracePeriodSeconds", 30)
    sleep = (
        container.spec.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0)
    )
    stop = stop_within_s(_settings(manifests, container), literal_of(str(service_of(container))))
    if sleep == 0:
        return [f"{container.where}: no preStop sleep, so that it still gets requests as it ends"]
    need = sleep + stop + MARGIN_S
    if grace < need:
        told = f"preStop {sleep} s, the stop {stop:g} s and a margin of {MARGIN_S:g} s"
        return [f"{container.where}: its grace is {grace} s, and {told} need {need:g} s"]
    return []


def _settings(manifests: Manifests, container: Container) -> Settings:
    """Return the settings as far as a stop depends on them."""
    grace = manifests.environment(container).get("BATON_STOP_GRACE_S")
    kind = settings_of(str(service_of(container)))
    told = {} if grace is None else {"stop_grace_s": float(grace)}
    return kind.model_construct().model_copy(update=told)
