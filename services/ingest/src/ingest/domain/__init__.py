"""What ingest decides: how a sender's bytes become one normalised touch. Pure."""
