"""What routing decides, pure: no IO, no clock, no settings. Called by the doors and by replay."""
