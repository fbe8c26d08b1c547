"""A made-up person, new at each start, as the ad platform would send one.

Called by the walk. Names are put together from small lists, companies are invented, addresses
end in .example: nobody's, by the standard. Pure but for the counter that the caller keeps.
"""

import math
from dataclasses import dataclass
from typing import Any

FIRST = (
    *("Maya", "Oskar", "Lina", "Tariq", "Iris", "Callum", "Freya", "Mateo", "Noor", "Elias"),
    *("Greta", "Kofi", "Hanna", "Ruben", "Aisha", "Felix", "Meera", "Jonah", "Clara", "Milan"),
    *("Sofia", "Anton", "Zara", "Henrik", "Leila", "Magnus", "Thea", "Dario", "Nadia", "Hugo"),
)
LAST = (
    *("Okafor", "Lindqvist", "Marsh", "Baumann", "Ferreira", "Osei", "Hartmann", "Novak"),
    *("Delgado", "Winter", "Sato", "Brandt", "Keller", "Moreau", "Rahman", "Fischer", "Quinn"),
    *("Vogel", "Castillo", "Adeyemi", "Larsen", "Petrov", "Whitfield", "Sommer", "Banerjee"),
    *("Holt", "Yilmaz", "Ahlgren", "Carver", "Dumont", "Eklund"),
)
COMPANIES = (
    *("Brightwell Logistics", "Tarnmoor Textiles", "Quillbrook Foods", "Fennmere Instruments"),
    *("Aldervane Packaging", "Saltmarrow Shipping", "Hollowick Tools", "Merrivale Optics"),
    *("Corvane Bearings", "Duskwater Brewing", "Ellerby Glassworks", "Farrowend Timber"),
    *("Gallowmere Ceramics", "Hearthby Appliances", "Ivorend Paper", "Junipold Labs"),
    *("Kestermoor Coatings", "Lowenbrae Mills", "Mossgate Furniture", "Nettlewick Seeds"),
    *(
        "Orrinshaw Pumps",
        "Pellbrook Printing",
        "Quenmoor Cables",
        "Rushwold Valves",
        "Sorrelby Dairy",
    ),
    *("Thornfell Freight", "Umberlow Paints", "Vesperholm Lighting", "Wrenfold Bicycles"),
)
TITLES = (
    "Head of Operations",
    "Director of Logistics",
    "Head of Procurement",
    "Chief Operating Officer",
    "Head of IT",
    "VP of Sales",
    "Head of Customer Service",
)
PLACES = (
    ("London", "GB"),
    ("Hamburg", "DE"),
    ("Boston", "US"),
    ("Leeds", "GB"),
    ("Leipzig", "DE"),
    ("Denver", "US"),
    ("Bristol", "GB"),
    ("Stuttgart", "DE"),
)
EMPLOYEES = "51-200"

PEOPLE = math.lcm(len(FIRST), len(LAST), len(COMPANIES))
"""How many differ in e-mail address before the first comes again: the lengths share no divisor."""


@dataclass(frozen=True)
class MadeUp:
    """A person whom nobody is."""

    first_name: str
    last_name: str
    title: str
    company: str
    city: str
    country: str
    employees: str = EMPLOYEES

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"

    @property
    def email(self) -> str:
        """The business address, below .example."""
        domain = self.company.partition(" ")[0].lower()
        return f"{self.first_name}.{self.last_name}@{domain}.example".lower()


def person(number: int) -> MadeUp:
    """Return the person of this number; the next number is somebody else in every part."""
    city, country = PLACES[number % len(PLACES)]
    return MadeUp(
        first_name=FIRST[number % len(FIRST)],
        last_name=LAST[number % len(LAST)],
        title=TITLES[number % len(TITLES)],
        company=COMPANIES[number % len(COMPANIES)],
        city=city,
        country=country,
    )


def google_lead(who: MadeUp, lead_id: str, key: str) -> dict[str, Any]:
    """Return the body of the Google Ads lead-form webhook, as its documentation shows it."""
    columns = {
        "FULL_NAME": who.name,
        "WORK_EMAIL": who.email,
        "JOB_TITLE": who.title,
        "COMPANY_NAME": who.company,
        "COMPANY_SIZE": who.employees,
        "CITY": who.city,
        "COUNTRY": who.country,
    }
    return {
        "lead_id": lead_id,
        "user_column_data": [
            {"column_id": column, "string_value": value} for column, value in columns.items()
        ],
        "api_version": "1.0",
        "form_id": 40023711,
        "campaign_id": 20817,
        "google_key": key,
        "is_test": False,
        "adgroup_id": 20817002,
        "creative_id": 30817003,
        "lead_source": "LEAD_FORM",
    }
