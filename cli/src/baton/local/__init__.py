"""Everything `baton up` runs on this machine: embedded servers and the services' processes.

Called by baton.commands and by tests/support. Nothing here knows what a lead is.
"""
