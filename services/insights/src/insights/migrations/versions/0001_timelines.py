"""Every event of every lead, the touches' leads, profiles, and the rows that figures count."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A lane numbers its events in its own transaction, under its lock: what has a lower number is
# visible before. Lane -1 is that of topics which every lane reads.
_TABLES = """
CREATE TABLE lane_count (
    lane int PRIMARY KEY,
    last bigint NOT NULL
) WITH (fillfactor = 20);
CREATE TABLE event (
    lane int, no bigint,
    event_id uuid NOT NULL,
    lead_id uuid,
    type text NOT NULL,
    cause uuid,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL,
    heard_at timestamptz NOT NULL,
    mode text NOT NULL,
    body json NOT NULL,
    PRIMARY KEY (lane, no)
);
CREATE UNIQUE INDEX event_once ON event (event_id);
CREATE INDEX event_lead ON event (lead_id, no) WHERE lead_id IS NOT NULL;
CREATE TABLE touch (
    touch_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL
);
CREATE TABLE profile (
    lead_id uuid PRIMARY KEY,
    person json NOT NULL,
    told_at timestamptz NOT NULL,
    erased boolean NOT NULL DEFAULT false
);
CREATE TABLE reached (
    lead_id uuid, cycle int, what text,
    at timestamptz NOT NULL,
    since timestamptz,
    PRIMARY KEY (lead_id, cycle, what)
);
CREATE INDEX reached_at ON reached (what, at);
CREATE TABLE promise (
    clock_id uuid PRIMARY KEY,
    lead_id uuid NOT NULL,
    target text NOT NULL,
    deadline timestamptz NOT NULL,
    breached_at timestamptz,
    met_at timestamptz,
    in_time boolean,
    withdrawn boolean NOT NULL DEFAULT false
) WITH (fillfactor = 80);
CREATE INDEX promise_deadline ON promise (deadline)
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
