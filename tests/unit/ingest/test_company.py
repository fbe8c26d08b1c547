"""Companies and countries as forms say them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.events.kinds import TouchKind
from ingest.domain.address import read_address
from ingest.domain.company import company_domain, company_name
from ingest.domain.company_size import MOST, employees
from ingest.domain.country import country_code, country_of_domain
from ingest.domain.known import known_of
from ingest.domain.submission import Slot, Submission


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.000+", 1000),
        ("10,001+", 10_001),
        ("1 000 – 5 000", 1000),
        ("1\u202f000", 1000),
        ("<10", 1),
        ("≤ 10", 1),
        ("Up to 10", 1),
        ("Unter 10", 1),
        ("11–50 employees", 11),
        ("Self-employed", 1),
        ("Selbstständig", 1),
        ("2k-5k", 2000),
        ("2.5k", 2500),
        ("1,5 Tsd.", 1500),
        ("1M+", 1_000_000),
        ("> 5,000", 5000),
        ("５０", 50),
        ("50 m tall", 50_000_000 if MOST >= 50_000_000 else None),
        ("plenty", None),
        ("1" * 200, None),
    ],
)
def test_a_band_in_any_spelling_is_its_lower_end(text: str, number: int | None) -> None:
    assert employees(text) == number


@settings(deadline=None)
@given(st.text(max_size=120) | st.text("0123456789.,- k+<", max_size=20))
def test_a_number_of_employees_is_one_or_none(text: str) -> None:
    found = employees(text)

    assert found is None or 0 <= found <= MOST


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("DEU", "DE"),
        ("Turkiye", "TR"),
        ("Turkey", "TR"),
        ("日本", "JP"),
        ("Россия", "RU"),
        ("Korea, Republic of", "KR"),
        ("St. Lucia", "LC"),
        ("Bosnia & Herzegovina", "BA"),
        ("Côte d’Ivoire", "CI"),
        ("the Netherlands", "NL"),
        ("Nederland", "NL"),
        ("Bolivia", "BO"),
        ("Scotland", "GB"),
        ("Democratic Republic of the Congo", "CD"),
        ("Congo", "CG"),
        ("Vietnam", "VN"),
        ("Taiwan", "TW"),
        ("EU", None),
        ("x" * 1000, None),
    ],
)
def test_a_country_is_known_by_its_names_in_many_languages(text: str, code: str | None) -> None:
    assert country_code(text) == code


def test_once_the_names_are_loaded_a_country_costs_microseconds() -> None:
    country_code("Germany")
    began = time.perf_counter()
    for number in range(100):
        country_code(f"nowhere {number}")

    assert (time.perf_counter() - began) / 100 < 0.0004


@pytest.mark.parametrize(
    ("domain", "code"),
    [("firm.de", "DE"), ("firm.co.uk", "GB"), ("firm.io", None), ("firm.com", None), ("eu", None)],
)
def test_a_domain_says_its_country_unless_it_is_sold_to_all(domain: str, code: str | None) -> None:
    assert country_of_domain(domain) == code


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://www.brightwell.example/about?x=1", "brightwell.example"),
        ("WWW.Brightwell.example", "brightwell.example"),
        ("mail.firm.co.uk:8443", "firm.co.uk"),
        ("maya@brightwell.example", "brightwell.example"),
        ("müller.de", "xn--mller-kva.de"),
        ("https://gmail.com", None),
        ("mailinator.com", None),
        ("http://192.0.2.7/", None),
        ("localhost", None),
        ("none", None),
        ("we have no website", None),
        ("//[", None),
        ("http://\udce9.example", None),
    ],
)
def test_a_website_gives_the_registrable_domain(text: str, domain: str | None) -> None:
    assert company_domain(text) == domain


def test_what_a_mapped_website_says_goes_before_the_address_and_nonsense_does_not() -> None:
    slots = {Slot.EMAIL: "maya@brightwell.example"}
    for site, domain in [
        ("https://www.other.example/", "other.example"),
        ("gmail.com", "brightwell.example"),
        ("we have none", "brightwell.example"),
    ]:
        told = Submission(TouchKind.FORM, slots, {"site": site}, {"site": site})
        found = known_of(told, {"company.domain": "site"})
        assert found.facts["company.domain"] == domain
        assert ("site" in found.person.custom) is (domain == "brightwell.example")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("  Brightwell   Logistics GmbH & Co. KG ", "Brightwell Logistics GmbH & Co. KG"),
        ('"Kestrel Analytics, Inc."', "Kestrel Analytics, Inc."),
        ("IBM", "IBM"),
        ("n/a", None),
        ("-", None),
        ("None.", None),
        ("Self-Employed", None),
    ],
)
def test_a_companys_name_keeps_its_legal_form(text: str, name: str | None) -> None:
    assert company_name(text) == name


@settings(deadline=None)
@given(st.text(max_size=100))
def test_no_text_breaks_the_reading_of_a_company(text: str) -> None:
    assert company_name(text) is None or text
    assert "/" not in (company_domain(text) or "")
    assert country_code(text) is None or len(text) <= 100


def test_an_address_in_another_script_has_one_normal_form_and_its_domain_in_ascii() -> None:
    one, other = read_address("maya@müller.de"), read_address("mailto:maya@XN--MLLER-KVA.de")

    assert one is not None
    assert other is not None
    assert one.normal == other.normal == "maya@müller.de"
    assert one.company_domain == "xn--mller-kva.de"
