"""Rows to states and back; the only room with SQL."""
