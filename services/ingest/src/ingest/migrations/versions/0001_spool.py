"""The spool: touches that wait for Kafka, in order of arrival."""

from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "CREATE TABLE spool ("
        "id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "
        "topic text NOT NULL, partition int NOT NULL, key bytea NOT NULL, value bytea NOT NULL, "
        "headers json NOT NULL, at timestamptz NOT NULL DEFAULT clock_timestamp())"
    )
