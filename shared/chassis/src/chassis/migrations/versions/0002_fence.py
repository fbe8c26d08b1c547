"""The fence as a function: lock, move, and read the numbers, in one round trip.

Volatile on purpose: each statement inside sees what was committed while the first one waited for
the lane's row, which a single statement would not.
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_FENCE = """
CREATE FUNCTION fence_lane(
    of_step text, of_part int, mine bigint, topics text[], parts int[], expected bigint[],
    reached bigint[], of_keys text[],
    OUT told_now timestamptz, OUT moved bigint, OUT policies bigint,
    OUT targets text[], OUT next_seqs bigint[], OUT keys text[], OUT versions int[]
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    UPDATE lane SET last_now = greatest(clock_now(), last_now)
        WHERE step = of_step AND part = of_part AND epoch = mine
        RETURNING last_now INTO told_now;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE position SET next_off = m.reached
        FROM unnest(fence_lane.topics, fence_lane.parts, fence_lane.expected, fence_lane.reached)
            AS m(topic, topic_part, expected, reached)
        WHERE position.step = of_step AND position.part = of_part AND position.topic = m.topic
            AND position.topic_part = m.topic_part AND position.next_off = m.expected;
    GET DIAGNOSTICS moved = ROW_COUNT;
    SELECT count(*) INTO policies FROM policy_version;
    SELECT array_agg(target), array_agg(next_seq) INTO targets, next_seqs
        FROM sequence WHERE step = of_step AND part = of_part;
    SELECT array_agg(key), array_agg(last) INTO keys, versions
        FROM key_version WHERE step = of_step AND key = ANY(of_keys);
END $$
"""


def upgrade() -> None:
    op.execute(_FENCE)


def downgrade() -> None:
    op.execute("DROP FUNCTION fence_lane")
