"""The five services as real processes under faults: their town, their senders, their books."""
