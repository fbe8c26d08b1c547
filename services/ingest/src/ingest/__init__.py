"""Ingest: takes marketing touches over HTTP and makes them durable."""
