"""Where ingest keeps what it took in: Kafka first, else the spool in PostgreSQL; and its policy."""
