"""A plain form of a web page: which of its fields is what, by the names that pages use.

https://html.spec.whatwg.org/multipage/form-control-infrastructure.html. No field can set what
ingest itself says of a touch: names that are not known here are kept as unknown.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qsl, urlsplit

from contracts.events.kinds import TouchKind
from contracts.facts import clean_text
from ingest.domain.sources import HtmlForm
from ingest.domain.submission import CLICK_IDS, UTM, Slot, Submission, click_ids, sort_fields
from ingest.domain.text import one_line

MOST_FIELDS = 200
THANK_YOU = "thank_you"

_FORM = ("form", "form_id", "form_name")
_CAMPAIGN = "campaign_id"
_LONGEST_WORD = 200
_OWN = frozenset({*_FORM, _CAMPAIGN, THANK_YOU, "_charset_", *UTM, *CLICK_IDS})
_NAMES = {
    Slot.WORK_EMAIL: ("work_email", "business_email"),
    Slot.EMAIL: ("email", "e-mail", "mail", "your-email"),
    Slot.PHONE: ("phone", "tel", "telephone", "phone_number", "mobile", "your-phone"),
    Slot.FIRST_NAME: ("first_name", "firstname", "given-name", "given_name"),
    Slot.LAST_NAME: ("last_name", "lastname", "family-name", "family_name", "surname"),
    Slot.FULL_NAME: ("name", "full_name", "fullname", "your-name"),
    Slot.STREET: ("street_address", "street-address", "address", "street"),
    Slot.CITY: ("city", "address-level2"),
    Slot.POSTAL_CODE: ("postal_code", "postal-code", "postcode", "zip"),
    Slot.COUNTRY: ("country", "country-name"),
    Slot.COMPANY: ("company", "company_name", "organization", "organisation"),
    Slot.TITLE: ("job_title", "title", "organization-title", "jobtitle", "role"),
    Slot.EMPLOYEES: ("company_size", "employees", "size"),
    Slot.INDUSTRY: ("industry",),
    Slot.REQUEST: ("message", "request", "comments", "your-message"),
    Slot.PAGE: ("page", "page_url"),
}
_KNOWN = {name: slot for slot, names in _NAMES.items() for name in names}


class TooManyFields(ValueError):  # noqa: N818 - says what is the matter
    """A form of more fields than are read."""


def pairs(body: bytes) -> Sequence[tuple[str, str]]:
    """Return the fields of an urlencoded body, in order, empty ones too. Raises TooManyFields."""
    try:
        return parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MOST_FIELDS,
        )
    except ValueError:
        raise TooManyFields(f"a form has at most {MOST_FIELDS} fields") from None


def submission_of(fields: Sequence[tuple[str, str]]) -> Submission:
    """Return what the fields tell. Of a repeated UTM or click id the first one counts."""
    first: dict[str, str] = {}
    for name, value in fields:
        first.setdefault(name, value)
    told = sort_fields([pair for pair in fields if pair[0] not in _OWN], _KNOWN)
    form = next((_word(first[name]) for name in _FORM if first.get(name)), None)
    return Submission(
        kind=TouchKind.FORM,
        slots=told.slots,
        fields=told.fields,
        unknown=told.unknown,
        form=form,
        campaign=_word(first.get(_CAMPAIGN, "")),
        utm={name: text for name in UTM if (text := _word(first.get(name, "")))},
        click_ids=click_ids(first),
    )


def _word(text: str) -> str | None:
    """Return a tag of the page; one that holds an address is a person's and is not kept."""
    return clean_text(text[:_LONGEST_WORD])


def thank_you(source: HtmlForm, fields: Sequence[tuple[str, str]], *, local: bool) -> str:
    """Return where the visitor is sent: the page that the form names, if the policy lists it.

    Else the first one listed; in development (``local``) the first one on this machine.
    """
    named = dict(fields).get(THANK_YOU)
    if named in source.thank_you and named is not None:
        return named
    near = [each for each in source.thank_you if on_this_machine(each)] if local else []
    return (near or list(source.thank_you))[0]


def on_this_machine(address: str) -> bool:
    """Tell whether an address is one of this machine."""
    return urlsplit(address).hostname in {"localhost", "127.0.0.1", "::1"}


def path_of(address: str) -> str | None:
    """Return the path of a page's address, without query and fragment."""
    try:
        path = urlsplit(address).path
    except ValueError:
        return None
    return one_line(path, 300) if path.startswith("/") else None


def consents(fields: Mapping[str, str], name: str) -> bool | None:
    """Return what a field says of a consent; None where it is not there: nobody said."""
    value = fields.get(name)
    if value is None:
        return None
    return value.casefold() not in {"no", "off", "false", "0", "nein", "non"}
