"""Builders of forms: ``generic`` with the mapping that each needs, so that nobody writes it again.

A preset is a row of ``PRESETS``: how its body is unwrapped (``unpacking``), and what is where in
it. The policy's own ``map`` goes before the preset's. They sign nothing: the key stands in the
address, or in a header where the builder can set one.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Literal

from ingest.domain.kinds import unpacking
from ingest.domain.kinds.generic import Mappable, body_of, proved, read, verify
from ingest.domain.kinds.kind import SAMPLE_FIELDS, Credentials, Heard, Kind, Sample, as_json
from ingest.domain.mapping import Mapped, written
from ingest.domain.sent import Malformed, Sent


class Jotform(Mappable):
    """A form made with Jotform."""

    kind: Literal["jotform"]


class Unbounce(Mappable):
    """A form on a page made with Unbounce."""

    kind: Literal["unbounce"]


class GravityForms(Mappable):
    """A form of Gravity Forms; its fields have numbers, which the policy's ``map`` explains."""

    kind: Literal["gravity_forms"]


class ContactForm7(Mappable):
    """A form of Contact Form 7, sent on by one of the plugins that do so."""

    kind: Literal["contact_form_7"]


class Elementor(Mappable):
    """A form of Elementor, with or without its advanced data."""

    kind: Literal["elementor"]


class Zapier(Mappable):
    """A step "Webhooks: POST" of Zapier."""

    kind: Literal["zapier"]


@dataclass(frozen=True, slots=True)
class Preset:
    """One builder."""

    name: str
    model: type[Mappable]
    to: Mapping[str, str]
    """From a part of the touch to the expression that finds it in the unwrapped body."""
    unpack: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict
    malformed: int | None = None
    """See ``Kind``: 200 for a builder that takes nothing else for an answer."""


PRESETS = (
    Preset(
        "jotform",
        Jotform,
        {"id": "submissionID", "form": "formTitle"},
        unpacking.jotform,
    ),
    Preset(
        "unbounce",
        Unbounce,
        # There is no id: the same person cannot send the same page twice within a minute.
        {
            "id": "join(' ', [page_id, variant, date_submitted, time_submitted, email])",
            "form": "page_name",
        },
        unpacking.unbounce,
        malformed=200,
    ),
    Preset(
        "gravity_forms",
        GravityForms,
        {"id": "id", "submitted_at": "date_created", "page": "source_url"},
    ),
    Preset("contact_form_7", ContactForm7, {}, unpacking.contact_form_7),
    Preset("elementor", Elementor, {"form": "form_name"}, unpacking.elementor),
    Preset("zapier", Zapier, {}, unpacking.zapier),
)


def _parse(preset: Preset, sent: Sent, source: Mappable) -> Heard:
    body = body_of(sent)
    rows = body if isinstance(body, list) else [body]
    if not all(isinstance(row, dict) for row in rows):
        raise Malformed("The body is no form.", (("body", "expected keys with values"),))
    unpacked = [preset.unpack(row) for row in rows]
    return read(
        unpacked if isinstance(body, list) else unpacked[0], _mapped(preset, source), source.touch
    )


def _mapped(preset: Preset, source: Mappable) -> Mapped:
    own = source.map
    return own.model_copy(update={"to": {**preset.to, **own.to}})


def _sample(
    preset: Preset, source: Mappable, held: Credentials, _url: str, now: datetime
) -> Sample:
    fields = {**SAMPLE_FIELDS, "id": f"test {now.isoformat()}"}
    return proved(source, held, as_json(written(fields, _mapped(preset, source))))


KINDS = tuple(
    Kind(
        each.name,
        each.model,
        verify,
        partial(_parse, each),
        partial(_sample, each),
        malformed=each.malformed,
    )
    for each in PRESETS
)
