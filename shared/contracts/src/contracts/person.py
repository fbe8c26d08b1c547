"""What identifies a human being. Never part of a body, a decision, a history or a log."""

from pydantic import Field

from contracts.body import Part


class Person(Part):
    """A person as the sender gave it, normalised; every field may be missing."""

    email: str | None = None
    phone: str | None = None
    """E.164."""
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    street_address: str | None = None
    city: str | None = None
    postal_code: str | None = None
    request_text: str | None = None
    """Free text of the form."""
    sender_ids: dict[str, str] = Field(default_factory=dict)
    """The person's ids at the sender, by kind."""
    anonymous_id: str | None = None
    custom: dict[str, str] = Field(default_factory=dict)
    """Fields that the source's mapping does not know; treated as personal."""

    def __repr__(self) -> str:
        """Say nothing: a repr ends in logs."""
        return "Person(…)"

    __str__ = __repr__
