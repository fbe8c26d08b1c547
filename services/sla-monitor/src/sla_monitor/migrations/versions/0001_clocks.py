"""Leads' states, their clocks for people to look up, and the calendars of reps."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE desk (
    lead_id text PRIMARY KEY,
    state json NOT NULL
) WITH (fillfactor = 70);
CREATE TABLE rep (
    rep_id text PRIMARY KEY,
    calendar text,
    told_at timestamptz NOT NULL,
    version int NOT NULL
);
CREATE TABLE clock (
    clock_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    cycle int NOT NULL,
    target text NOT NULL,
    state text NOT NULL,
    mode text NOT NULL,
    policy_id text NOT NULL,
    rep_id text,
    rep_name text,
    pool text,
    calendar text,
    time text NOT NULL,
    starts_at timestamptz NOT NULL,
    deadline timestamptz NOT NULL,
    met_at timestamptz,
    breached_at timestamptz,
    withdrawn boolean NOT NULL,
    ended_at timestamptz,
    ended_by text
) WITH (fillfactor = 80);
CREATE INDEX clock_lead ON clock (lead_id);
CREATE INDEX clock_deadline ON clock (deadline, clock_id);
CREATE INDEX clock_breached ON clock (breached_at, clock_id) WHERE breached_at IS NOT NULL
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
