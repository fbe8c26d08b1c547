"""Ingest alone on one core, beside the least that could do its work, and under slow connections.

`make bench-ingest`. Kafka, PostgreSQL and the load generator share the other core, for both sides.
"""
