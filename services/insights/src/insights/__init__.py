"""Insights: folds every topic into timelines and funnel counts."""
