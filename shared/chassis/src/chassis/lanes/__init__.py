"""Lanes: the effectively-once core. One writer and one fence for all topics' partition p."""
