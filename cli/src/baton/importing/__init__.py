"""Files of history as calls of ingest: read, mapped, sent in batches, resumed where they stop."""
