"""Policies: documents with places, versions with an instant of force."""
