"""The walk that a start shows: a made-up lead, sent as an ad platform would, hop by hop.

Called by `baton up` once all services are ready. A client of the APIs like any other.
"""
