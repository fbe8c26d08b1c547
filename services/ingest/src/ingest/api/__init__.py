"""The doors of ingest: senders' webhooks and forms, and a page to try a form."""
