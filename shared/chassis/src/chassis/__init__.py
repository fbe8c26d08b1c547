"""Baton's pipes: Kafka, PostgreSQL, outbox, HTTP, clock, access, history, replay."""
