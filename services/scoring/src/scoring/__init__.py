"""Scoring: resolves who a touch is from and says who is worth a call (MQL)."""
