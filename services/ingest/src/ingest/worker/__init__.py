"""The doors for time: what runs beside the web side of every instance, without being asked."""
