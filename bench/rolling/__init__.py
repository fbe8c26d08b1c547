"""How long a lead waits while three processes of one service are restarted one after another."""
