"""Sources that were made by the API, their secrets, and what each source sent and when."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TABLES = (
    (
        "source ("
        "id text PRIMARY KEY, kind text NOT NULL, config json NOT NULL, version int NOT NULL, "
        "made_at timestamptz NOT NULL, changed_at timestamptz NOT NULL, removed_at timestamptz)"
    ),
    # Sealed under a key that follows from the installation's secret, which no table holds.
    (
        "source_secret ("
        "id uuid PRIMARY KEY, source text NOT NULL, name text, sealed bytea NOT NULL, "
        "fingerprint text NOT NULL, weak boolean NOT NULL, made_at timestamptz NOT NULL, "
        "expires_at timestamptz, last_used_at timestamptz)"
    ),
    # One row, locked by whoever changes a source, so that no reader overlooks a change.
    "source_change (one boolean PRIMARY KEY DEFAULT true CHECK (one), n bigint NOT NULL)",
    (
        "source_attempt ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, "
        "at timestamptz NOT NULL, outcome text NOT NULL, why text, status int NOT NULL, "
        "touch_id uuid, size int NOT NULL)"
    ),
    (
        "source_day ("
        "source text NOT NULL, day date NOT NULL, what text NOT NULL, n bigint NOT NULL, "
        "PRIMARY KEY (source, day, what))"
    ),
    (
        "source_hour ("
        "source text NOT NULL, hour timestamptz NOT NULL, n bigint NOT NULL, "
        "PRIMARY KEY (source, hour))"
    ),
    (
        "source_heard ("
        "source text PRIMARY KEY, last_at timestamptz, touch_id uuid, watched_since timestamptz, "
        "silent boolean NOT NULL DEFAULT false, noticed_at timestamptz, heard_before timestamptz)"
    ),
)


def upgrade() -> None:
    for table in _TABLES:
        op.execute(f"CREATE TABLE {table}")
    op.execute("INSERT INTO source_change (n) VALUES (0)")
    op.execute("CREATE INDEX source_secret_source ON source_secret (source)")
    op.execute("CREATE INDEX source_attempt_source ON source_attempt (source, id)")
