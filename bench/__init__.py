"""Measures: every figure beside a peer or a floor of the same run."""
