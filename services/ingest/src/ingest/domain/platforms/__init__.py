"""The APIs of platforms that only point at leads: what to ask and what the answers mean."""
