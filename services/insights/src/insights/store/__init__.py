"""Rows of insights: written by the step (`writing`), read by the API (`reading`). All its SQL."""
