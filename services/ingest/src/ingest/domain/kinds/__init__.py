"""Every kind of sender, by the word that stands in the policy as ``kind``."""

from collections.abc import Mapping
from types import MappingProxyType

from ingest.domain.kinds import (
    calendly,
    cloudevents,
    generic,
    google_ads,
    html_form,
    hubspot,
    linkedin,
    meta_lead_ads,
    presets,
    segment,
    standard_webhooks,
    tiktok,
    typeform,
    webflow,
    website,
)
from ingest.domain.kinds.kind import Kind

KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        each.name: each
        for each in (
            google_ads.KIND,
            html_form.KIND,
            generic.KIND,
            meta_lead_ads.KIND,
            standard_webhooks.KIND,
            linkedin.KIND,
            hubspot.KIND,
            segment.KIND,
            website.KIND,
            typeform.KIND,
            calendly.KIND,
            webflow.KIND,
            tiktok.KIND,
            cloudevents.KIND,
            *presets.KINDS,
        )
    }
)
