"""SLA monitor: runs clocks on the promises of sales and says a breach."""
