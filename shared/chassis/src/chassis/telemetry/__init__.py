"""What a process tells about itself: logs, metrics and traces; never anything about a person."""
