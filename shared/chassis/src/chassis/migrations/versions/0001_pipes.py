"""The tables of the pipes: lanes, positions, marks, outbox, timers, history, parking, access.

All of a lane's tables are keyed by step and part first: one index range a lane.
"""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TABLES = """
CREATE TABLE installation (
    name text PRIMARY KEY,
    value text NOT NULL
);
CREATE TABLE lane (
    step text, part int,
    epoch bigint NOT NULL DEFAULT 0,
    last_now timestamptz NOT NULL DEFAULT 'epoch',
    owner text,
    stopped text,
    PRIMARY KEY (step, part)
);
CREATE TABLE position (
    step text, part int, topic text, topic_part int,
    next_off bigint NOT NULL,
    started_truncated boolean NOT NULL,
    gap_accepted boolean NOT NULL DEFAULT false,
    PRIMARY KEY (step, part, topic, topic_part)
);
CREATE TABLE inbox (
    step text, part int, producer text, lane int, target text,
    seq bigint NOT NULL,
    PRIMARY KEY (step, part, producer, lane, target)
);
CREATE TABLE sequence (
    step text, part int, target text,
    next_seq bigint NOT NULL,
    PRIMARY KEY (step, part, target)
) WITH (fillfactor = 50);
CREATE TABLE key_version (
    step text, key text,
    last int NOT NULL,
    PRIMARY KEY (step, key)
) WITH (fillfactor = 80);
CREATE TABLE outbox (
    step text, part int, target text, seq bigint,
    event_id uuid NOT NULL,
    topic text NOT NULL,
    topic_part int NOT NULL,
    key text NOT NULL,
    value bytea NOT NULL,
    headers json NOT NULL,
    PRIMARY KEY (step, part, target, seq)
);
CREATE TABLE timer (
    step text, part int NOT NULL, key text, name text,
    due_at timestamptz NOT NULL,
    cause uuid NOT NULL,
    mode text NOT NULL,
    payload json NOT NULL,
    PRIMARY KEY (step, key, name)
);
CREATE INDEX timer_due ON timer (step, part, due_at);
CREATE TABLE history (
    step text, part int, decision_no bigint,
    key text NOT NULL,
    cause uuid NOT NULL,
    cause_type text NOT NULL,
    event json NOT NULL,
    policy text NOT NULL,
    now timestamptz NOT NULL,
    before json NOT NULL,
    says json NOT NULL,
    after_digest bytea NOT NULL,
    digest bytea NOT NULL,
    PRIMARY KEY (step, part, decision_no)
);
CREATE INDEX history_key ON history (key);
CREATE INDEX history_cause ON history (cause);
CREATE TABLE parked (
    id uuid PRIMARY KEY,
    step text NOT NULL, part int NOT NULL,
    topic text NOT NULL, topic_part int NOT NULL, off bigint NOT NULL,
    event_id uuid, event_type text,
    key bytea, value bytea, headers json NOT NULL,
    reason text NOT NULL,
    detail text NOT NULL,
    attempts int NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'parked' CHECK (state IN ('parked', 'retry', 'done')),
    at timestamptz NOT NULL
);
CREATE INDEX parked_open ON parked (step, part) WHERE state <> 'done';
CREATE TABLE command (
    id text PRIMARY KEY,
    request_hash bytea NOT NULL,
    status int NOT NULL,
    reply json NOT NULL,
    at timestamptz NOT NULL
);
CREATE TABLE audit (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    who text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    before json,
    after json,
    request_id text
);
CREATE INDEX audit_at ON audit (at);
CREATE TABLE policy_version (
    seen bigint GENERATED ALWAYS AS IDENTITY,
    kind text, hash text, active_from timestamptz,
    content json NOT NULL,
    author text NOT NULL,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (kind, active_from, hash)
)
"""

# Where the installation has a clock that can be set (development, simulation) it stands later in
# the search path; elsewhere each schema gets the real one.
_CLOCK = """
DO $$ BEGIN
    IF to_regproc('clock_now') IS NULL THEN
        CREATE FUNCTION clock_now() RETURNS timestamptz LANGUAGE sql VOLATILE
            AS 'SELECT clock_timestamp()';
    END IF;
END $$
"""


def upgrade() -> None:
    for statement in _TABLES.split(";\n"):
        op.execute(statement)
    op.execute(_CLOCK)
