"""Leads that platforms only point at: waiting to be fetched, with why they still do."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE lead_fetch ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "source text NOT NULL, key text NOT NULL, lead text NOT NULL, touch text, "
        "about json NOT NULL, is_test boolean NOT NULL, "
        "state text NOT NULL DEFAULT 'waiting' "
        "CHECK (state IN ('waiting', 'parked', 'done', 'withdrawn')), "
        "tries int NOT NULL DEFAULT 0, why text, "
        "received_at timestamptz NOT NULL, "
        "due_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
        "claimed_until timestamptz, "
        "changed_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
        "UNIQUE (source, key))"
    )
    op.execute("CREATE INDEX lead_fetch_due ON lead_fetch (due_at) WHERE state = 'waiting'")
    op.execute("CREATE INDEX lead_fetch_lead ON lead_fetch (source, lead)")
    op.execute(
        "CREATE TABLE backfill ("
        "source text PRIMARY KEY, "
        "since timestamptz NOT NULL, "
        "state text NOT NULL CHECK (state IN ('asked', 'done', 'hindered')), "
        "asked_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
        "due_at timestamptz NOT NULL DEFAULT clock_timestamp(), "
        "claimed_until timestamptz, "
        "ended_at timestamptz, "
        "found int, missed int, tries int NOT NULL DEFAULT 0, why text)"
    )
