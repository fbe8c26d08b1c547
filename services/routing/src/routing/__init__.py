"""Routing: gives an MQL an owner and hears what sales does with it."""
