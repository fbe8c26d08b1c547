"""What sla-monitor decides, pure: when a promise to a lead runs out, was kept or was not."""
