"""Baton's words: events, topics, facts, ids, conditions and calendars.

Everybody imports this package; it imports no other of Baton's and does no input or output.
"""
