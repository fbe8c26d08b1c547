"""What insights makes of events, pure: walks with their times, and what counts in figures."""
