"""The doors for people: find a lead, and see its score with every point of it."""
