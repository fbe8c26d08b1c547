"""What is generated from the events and checked in: schemas, AsyncAPI, pages for people.

Called by ``python -m contracts.generate``; no service imports it.
"""
