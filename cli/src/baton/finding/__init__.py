"""Where a lead is: what services know of what a person looks for, and the page that tells it."""
