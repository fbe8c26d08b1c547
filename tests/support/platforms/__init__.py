"""Platforms that only point at leads, as real HTTP servers that behave as they are documented."""
