"""The web side of every service: app, access, problems, cursors, replies kept for a second call."""
